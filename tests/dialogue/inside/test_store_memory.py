"""A tracker that stays in memory is the one that its row makes."""

import random

from tests.dialogue.inside import conversations as c
from tests.dialogue.inside.test_store import Case


class TestInMemory(Case):
    async def test_the_tracker_in_memory_is_the_one_that_the_row_makes(self) -> None:
        dice = random.Random(5)
        store, other = self.store(), self.store()
        for seed in range(12):
            who = f"s{seed}~0"
            turns = [c.start() + c.answered(), *(c.answered() for _ in range(seed))]
            turns += [c.opened(), *(c.form_answer(dice) for _ in range(6)), c.digression(dice)]
            for turn in [*turns, c.form_answer(dice), c.closed(), c.answered("faq")]:
                await self.say(store, turn, who)
                live = await store.retrieve(who)
                other._hot.clear()
                read = await other.retrieve(who)
                assert live is not None and read is not None
                self.assertEqual(c.state(live), c.state(read), seed)
                self.assertEqual(await self.events(store, who), [e.as_dict() for e in read.events])
                again = c.tracker_of(list(live.events))
                self.assertEqual(list(live.applied_events()), list(again.applied_events()))
