"""A conversation in the review: long ones have more than one page."""

import re

import httpx
from fastapi import FastAPI

from bot.clock import utc_now
from bot.messages import Draft
from bot.store.journal import Journal
from bot.store.records import Conversation


def test_a_long_conversation_is_read_to_its_end(console: FastAPI, chief: httpx.Client) -> None:
    journal: Journal = console.state.journal
    talk = Conversation("long-talk", "0" * 64, "line", None, None, None, 0)
    journal.begin(talk, [Draft("bot", f"発言{n}番") for n in range(1, 502)], utc_now())
    address = "/staff/review/conversations/long-talk"
    first = chief.get(address).text
    assert "発言500番" in first and "発言501番" not in first
    further = re.search(r'href="(/staff/review/conversations/long-talk\?after=\d+)"', first)
    assert further
    last = chief.get(further[1]).text
    assert re.findall(r"発言\d+番", last) == ["発言501番"]
    assert "続きを読む" not in last and f'href="{address}"' in last
