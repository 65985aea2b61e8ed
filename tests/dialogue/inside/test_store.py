"""The tracker store: durable, bounded, never an empty tracker for an unreadable one."""

import json
import os
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

import sqlalchemy as sa
from rasa.core.tracker_store import FailSafeTrackerStore, SQLTrackerStore
from rasa.shared.core.trackers import DialogueStateTracker

from rasa_components import patches
from rasa_components.memory_rows import StaleTracker
from rasa_components.tracker_store import TurnTrackerStore, TurnWithoutReply
from tests.dialogue.inside import conversations as c

NAMES = {"responses": ["utter_check_reason"], "intents": ["procedure_check"]}


class Case(unittest.IsolatedAsyncioTestCase):
    def setUp(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        file = Path(self.folder.name) / "dialogue.db"
        self.url = os.environ.get("NAVI_TEST_POSTGRES") or f"sqlite:///{file}"
        engine = sa.create_engine(self.url)
        for table in ("dialogue_memory", "dialogue_turn", "events"):
            engine.execute(f"DROP TABLE IF EXISTS {table}")
        engine.dispose()

    def store(self) -> TurnTrackerStore:
        store = TurnTrackerStore(c.domain(), self.url, remembered=NAMES)
        self.addCleanup(store._rows.engine.dispose)
        return store

    async def say(self, store: TurnTrackerStore, events: list[object], who: str = "a~0") -> None:
        async with store.turn(who):
            tracker = await store.get_or_create_tracker(who, append_action_listen=False)
            for event in events:
                tracker.update(event)
            await store.save(tracker)

    async def events(self, store: TurnTrackerStore, who: str = "a~0") -> list[object]:
        tracker = await store.retrieve(who)
        return [event.as_dict() for event in tracker.events] if tracker else []

    def raw(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        engine = sa.create_engine(self.url)
        with engine.connect() as connection:
            found = connection.execute(sa.text(statement))
            rows = [tuple(row) for row in found] if found.returns_rows else []
        engine.dispose()
        return rows


class _Broken:
    """A pool's connection that the database has let go of: `at` fails."""

    def __init__(self, connection: object, store: TurnTrackerStore, at: str) -> None:
        self._connection, self._at = connection, at
        self._error = store._rows.engine.dialect.dbapi.OperationalError("gone")

    def __getattr__(self, name: str) -> object:
        if name == self._at:
            raise self._error
        return getattr(self._connection, name)


class TestTurns(Case):
    async def test_what_was_saved_is_there_after_a_restart(self) -> None:
        first = self.store()
        await self.say(first, c.start() + c.opened())
        await self.say(first, c.answered())
        kept = await self.events(first)
        self.assertEqual(await self.events(self.store()), kept)
        self.assertEqual(len(kept), 17)

    async def test_one_row_however_long_the_conversation(self) -> None:
        store = self.store()
        await self.say(store, c.start())
        sizes = []
        for _ in range(60):
            await self.say(store, c.answered())
            [(version, data)] = self.raw("SELECT version, data FROM dialogue_memory")
            sizes.append(len(str(data)))
        self.assertEqual(version, 61)
        self.assertLess(max(sizes[20:]), 1.1 * max(sizes[:10]))

    async def test_the_whole_conversation_can_still_be_had(self) -> None:
        store, said = self.store(), c.start() + c.opened()
        await self.say(store, said)
        for _ in range(20):
            turn = c.answered()
            said = [*said, *turn]
            await self.say(store, turn)
        whole = await self.store().retrieve_full_tracker("a~0")
        assert whole is not None
        self.assertEqual([e.type_name for e in whole.events], [e.type_name for e in said])
        self.assertLess(len(await self.events(store)), len(said) / 2)
        self.assertIsNone(await store.retrieve_full_tracker("b~0"))

    async def test_a_turn_without_an_answer_changes_nothing(self) -> None:
        store = self.store()
        await self.say(store, c.start() + c.answered())
        before = await self.events(store)
        with self.assertRaises(TurnWithoutReply):
            await self.say(store, [c.user("faq"), c.listen()])
        self.assertEqual(await self.events(store), before)
        self.assertEqual(await self.events(self.store()), before)

    async def test_whatever_breaks_a_turn_the_next_begins_from_the_row(self) -> None:
        store = self.store()
        await self.say(store, c.start() + c.answered())
        before = await self.events(store)
        for error in (RuntimeError("broken"), KeyboardInterrupt()):
            with self.assertRaises(type(error)):
                async with store.turn("a~0"):
                    tracker = await store.retrieve("a~0")
                    assert tracker is not None
                    tracker.update(c.user("faq"))
                    raise error
            self.assertEqual(await self.events(store), before)

    async def test_a_failed_write_is_told_and_leaves_the_row(self) -> None:
        store = self.store()
        await self.say(store, c.start() + c.answered())
        before = await self.events(store)
        with (
            mock.patch.object(
                store._rows, "write", side_effect=sa.exc.OperationalError("", (), OSError())
            ),
            self.assertRaises(sa.exc.OperationalError),
        ):
            await self.say(store, c.answered())
        self.assertEqual(await self.events(store), before)

    async def test_a_connection_that_died_meanwhile_is_made_anew(self) -> None:
        store = self.store()
        await self.say(store, c.start() + c.answered())
        died = _Broken(store._committer._connection, store, at="cursor")
        store._committer._connection = died
        with mock.patch.object(store._rows.engine.dialect, "is_disconnect", return_value=True):
            await self.say(store, c.answered())
        self.assertEqual(self.raw("SELECT version FROM dialogue_memory"), [(2,)])
        self.assertIsNot(store._committer._connection, died)

    async def test_a_commit_that_nobody_confirmed_is_not_written_again(self) -> None:
        store = self.store()
        await self.say(store, c.start() + c.answered())
        died = _Broken(store._committer._connection, store, at="commit")
        store._committer._connection = died
        with (
            mock.patch.object(store._rows.engine.dialect, "is_disconnect", return_value=True),
            self.assertRaises(store._rows.engine.dialect.dbapi.OperationalError),
        ):
            await self.say(store, c.answered())
        self.assertEqual(self.raw("SELECT version FROM dialogue_memory"), [(1,)])
        await self.say(store, c.answered())
        self.assertEqual(self.raw("SELECT version FROM dialogue_memory"), [(2,)])

    async def test_what_one_turn_broke_does_not_reach_the_next(self) -> None:
        store = self.store()
        await self.say(store, c.start() + c.answered())
        written = store._rows.write

        def half(statements: object, turn: object) -> None:
            written(statements, turn)  # type: ignore[arg-type]
            raise StaleTracker("a~0")

        with mock.patch.object(store._rows, "write", half), self.assertRaises(StaleTracker):
            await self.say(store, c.answered())
        await self.say(store, c.answered(), "b~0")
        self.assertEqual(
            self.raw("SELECT sender_id, version FROM dialogue_memory ORDER BY sender_id"),
            [("a~0", 1), ("b~0", 1)],
        )

    async def test_a_failed_read_is_no_empty_tracker(self) -> None:
        patches.apply()
        store = FailSafeTrackerStore(self.store())
        self.raw("DROP TABLE dialogue_memory")
        with self.assertRaises(sa.exc.DBAPIError):
            await store.get_or_create_tracker("a~0")

    async def test_the_row_of_another_process_is_read_anew(self) -> None:
        one, two = self.store(), self.store()
        await self.say(one, c.start() + c.answered())
        await self.say(two, c.opened())
        await self.say(one, c.digression(__import__("random").Random(1)))
        self.assertEqual(await self.events(one), await self.events(self.store()))
        self.assertEqual(sum(e["event"] == "user" for e in await self.events(one)), 3)

    async def test_two_that_write_at_once_cannot_both(self) -> None:
        one, two = self.store(), self.store()
        await self.say(one, c.start() + c.answered())
        async with one.turn("a~0"):
            tracker = await one.retrieve("a~0")
            assert tracker is not None
            await self.say(two, c.opened())
            for event in c.answered("faq"):
                tracker.update(event)
            with self.assertRaises(StaleTracker):
                await one.save(tracker)

    async def test_many_at_once_are_all_written(self) -> None:
        import asyncio

        store = self.store()
        names = [f"m{n}~0" for n in range(40)]
        await asyncio.gather(*(self.say(store, c.start() + c.answered(), n) for n in names))
        self.assertEqual(sorted(await self.store().keys()), sorted(names))

    async def test_only_so_many_stay_in_memory(self) -> None:
        store = self.store()
        with mock.patch("rasa_components.tracker_store._HOT", 3):
            for n in range(8):
                await self.say(store, c.start() + c.answered(), f"m{n}~0")
            self.assertEqual(len(store._hot), 3)
        self.assertEqual(len(await self.events(store, "m0~0")), 7)


class TestForgetting(Case):
    async def test_the_sweep_takes_what_is_older_than_was_promised(self) -> None:
        store = self.store()
        await self.say(store, c.start() + c.answered(), "old~0")
        self.raw("UPDATE dialogue_memory SET saved_at = 1000")
        store._swept_at = 0.0
        await self.say(store, c.start() + c.answered(), "new~0")
        self.assertEqual(await store.keys(), ["new~0"])
        self.assertEqual(self.raw("SELECT sender_id FROM dialogue_turn"), [("new~0",)])

    async def test_erased_is_gone(self) -> None:
        store = self.store()
        await self.say(store, c.start() + c.answered())
        await store.erase("a~0")
        self.assertEqual(await self.events(store), [])
        self.assertEqual(self.raw("SELECT sender_id FROM dialogue_memory"), [])
        self.assertEqual(self.raw("SELECT sender_id FROM dialogue_turn"), [])


class TestTakenBack(Case):
    async def test_the_words_of_one_turn_become_unreadable_everywhere(self) -> None:
        store = self.store()
        said = c.UserUttered("秘密です", intent={"name": "faq"}, message_id="t1")
        kept = [c.SlotSet("opening_mail", "秘密です"), c.bot("utter_faq"), c.listen()]
        await self.say(store, [*c.start(), *c.answered(), said, *kept])
        await self.say(store, c.answered())
        before = await self.events(store)
        self.assertTrue(await store.blank("a~0", "t1"))
        [(data,)] = self.raw("SELECT data FROM dialogue_memory")
        self.assertNotIn("秘密", str(data))
        self.assertNotIn("秘密", str(self.raw("SELECT data FROM dialogue_turn")))
        after = await self.events(store)
        self.assertEqual([e["event"] for e in after], [e["event"] for e in before])
        await self.say(store, c.answered())
        self.assertFalse(await store.blank("a~0", "none such"))
        self.assertFalse(await store.blank("b~0", "t1"))


class TestEarlierStore(Case):
    async def asyncSetUp(self) -> None:
        old = SQLTrackerStore(c.domain(), host=self.url)
        self.before = c.start() + c.opened() + c.form_answer(__import__("random").Random(2))
        for number, event in enumerate(self.before):
            event.timestamp = time.time() - 100 + number
        await old.save(DialogueStateTracker.from_events("a~0", self.before, c.domain().slots))
        old.engine.dispose()

    async def test_running_conversations_go_on(self) -> None:
        store = self.store()
        kept = await self.events(store)
        self.assertEqual([e["event"] for e in kept], [e.type_name for e in self.before])
        tracker = await store.retrieve("a~0")
        assert tracker is not None
        self.assertEqual(tracker.active_loop_name, c.FORM)
        await self.say(store, c.closed())
        self.assertEqual(self.raw("SELECT version FROM dialogue_memory"), [(1,)])
        self.assertEqual(len(await self.events(self.store())), len(self.before) + 7)

    async def test_their_old_rows_are_swept_and_erased_too(self) -> None:
        store = self.store()
        await store.erase("a~0")
        self.assertEqual(self.raw("SELECT id FROM events"), [])
        self.assertEqual(await self.events(store), [])

    async def test_taken_back_words_leave_the_old_rows_too(self) -> None:
        store = self.store()
        self.assertTrue(await store.blank("a~0", "affirm"))
        self.assertEqual(self.raw("SELECT id FROM events"), [])
        self.assertEqual(len(await self.events(self.store())), len(self.before))

    async def test_rows_are_lines_of_json(self) -> None:
        store = self.store()
        await self.say(store, c.answered())
        [(data,)] = self.raw("SELECT data FROM dialogue_memory")
        self.assertEqual(json.loads(str(data)), await self.events(store))
