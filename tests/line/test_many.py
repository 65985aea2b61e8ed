"""Shuffled and doubled events: each is answered once.

`LINE_EVENTS=10000 python -m pytest tests/line/test_many.py` is the measure of the issue.
"""

import os
import random
import time
from collections import Counter

import pytest

from tests.line.world import World


@pytest.mark.timeout(3600)
async def test_shuffled_and_doubled_events_are_answered_once_each(line: World) -> None:
    total = int(os.environ.get("LINE_EVENTS", "400"))
    users = ["U" + f"{n:032x}" for n in range(max(20, total // 50))]
    events = [line.text(f"質問{n}番", user=users[n % len(users)]) for n in range(total // 2)]
    again = [{**e, "deliveryContext": {"isRedelivery": True}} for e in events]
    whole = [*events, *again]
    random.Random(3).shuffle(whole)
    began = time.perf_counter()
    for start in range(0, len(whole), 50):
        assert (await line.post(*whole[start : start + 50])).status_code == 200
    await line.idle(3000)
    took = time.perf_counter() - began
    answered = Counter(text for user in users for text in line.platform.texts(user))
    asked = Counter(request.text for request in line.dialogue.requests)
    assert len(asked) == len(events) and set(asked.values()) == {1}
    said = "\n".join(answered)
    assert sum(answered.values()) == len(events)
    assert all(said.count(f"お答え：質問{n}番") == 1 for n in range(len(events)))
    print(f"{total} events, {len(events)} answers in {took:.0f} s ({total / took:.0f} events/s)")
