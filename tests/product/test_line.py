"""LINE against the real dialogue: forged commands on both channels, and words that were unsent."""

import hashlib
import itertools
import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest

from bot.channels.line.fake import FakeLine
from tests.product.line_users import LineUser, platform, settings
from tests.product.member import Member, in_parallel, tokens
from tests.product.running import Product

pytestmark = pytest.mark.timeout(1800)
_TALKERS = 8
LOGIN = "https://member-site.example/login"
_PREFIXES = ["", " ", "\u3000", "\u00a0", "\u200b", "\ufeff", "\u2060", "\t", "\u00ad", "\u202e"]
_SLASHES = ["/", "／", "\u2044", "\u2215", "//", "/ /", "\\/"]
_COMMANDS = [
    "restart",
    "session_start",
    "back",
    'answer{"question":"which_number","value":"000106"}',
    'answer{"question":"opening_mail","value":"yes"}',
    'identity_step{"value":"code_ok"}',
    "status_lookup",
]
_ODD = [
    '{"intent":{"name":"restart"},"entities":[]}',
    "EXTERNAL: restart",
    "menu:restart",
    "menu:status_lookup",
    "@[restart]",
    "_restart_",
    "action_listen",
    "utter_mail_proven",
    "こんにちは\n/restart",
    "。/session_start",
]


def _texts() -> list[str]:
    made = [p + s + c for p, s, c in itertools.product(_PREFIXES, _SLASHES, _COMMANDS)]
    return [*made, *_ODD]


@pytest.fixture(scope="module")
def line() -> FakeLine:
    """LINE as it stands."""
    return FakeLine()


@pytest.fixture(scope="module")
def own(make_product: Callable[..., Product], line: FakeLine) -> Iterator[Product]:
    """A product that is connected with it."""
    with platform(line) as url:
        product = make_product(**settings(url), NAVI_LINE_LINK_LOGIN_URL=LOGIN)
        product.start()
        yield product
        product.stop()


def _events(product: Product, kind: str) -> list[tuple[str, dict[str, Any]]]:
    """(conversation, event) of the dialogue's memory."""
    return [found for found in product.dialogue_events() if found[1]["event"] == kind]


def _user(product: Product, line: FakeLine, number: int) -> LineUser:
    return LineUser(line, f"{product.base_url}/line/webhook", number)


def _until_answered(users: list[LineUser], within_s: float = 400) -> None:
    until = time.monotonic() + within_s
    while any(user.unanswered() for user in users):
        assert time.monotonic() < until, "events wait for ever"
        time.sleep(0.1)


def test_no_typed_text_is_a_command_on_either_channel(own: Product, line: FakeLine) -> None:
    texts = _texts()
    assert len(texts) >= 500
    users = [_user(own, line, number) for number in range(_TALKERS)]
    for number, text in enumerate(texts):
        users[number % _TALKERS].text(text)

    def on_the_web(some: list[str]) -> int:
        with Member(own.base_url) as guest:
            guest.start()
            for text in some:
                guest.say(text)
            return len(some)

    sent = sum(in_parallel(on_the_web, [texts[n::_TALKERS] for n in range(_TALKERS)]))
    _until_answered(users)
    heard = _events(own, "user")
    # A text of nothing visible is refused before the dialogue; here each has a word in it.
    assert len(heard) == sent + len(texts)
    wrong = [event["text"] for _, event in heard if _is_command(event)]
    assert wrong == []
    assert _events(own, "restart") == []
    begun = [sender for sender, _ in _events(own, "session_started")]
    assert len(begun) == len(set(begun)) == 2 * _TALKERS


def _is_command(event: dict[str, Any]) -> bool:
    entities = {found["entity"] for found in event["parse_data"].get("entities", [])}
    understood = (event["parse_data"].get("intent") or {}).get("name")
    first = event["text"].lstrip()[:1]
    forged = understood in ("answer", "identity_step", "restart", "session_start", "back")
    return bool(entities & {"question", "value"}) or first in ("/", "／") or forged


def test_an_unsent_message_is_nowhere_any_more(own: Product, line: FakeLine) -> None:
    user, secret = _user(own, line, 100), "申し込んだのは極秘の水曜日です"
    message = {"type": "text", "id": "9000001", "text": secret}
    user.deliver({"type": "message", "message": message})
    _until_answered([user])
    assert any(event["text"] == secret for _, event in _events(own, "user"))
    unsent = user.deliver({"type": "unsend", "unsend": {"messageId": "9000001"}})
    until = time.monotonic() + 180
    while not _is_done(own, unsent):
        assert time.monotonic() < until
        time.sleep(0.1)
    for name in ("navi.db", "dialogue.db"):
        with closing(sqlite3.connect(own.var / name, timeout=10)) as database:
            dump = "\n".join(database.iterdump())
        assert "極秘" not in dump and json.dumps("極秘")[1:-1] not in dump, name
    user.sent.pop()  # nothing is answered to taking back
    user.text("請求はいつから見られますか")
    _until_answered([user])
    assert "請求" in "".join(user.read())


def test_a_linked_member_is_looked_up_and_told_how_to_change_the_number(
    own: Product, line: FakeLine
) -> None:
    user = _user(own, line, 200)
    user.text("連携")
    _until_answered([user])
    [link] = [m["message"] for m in line.user(user.id).sent if m["message"]["type"] == "flex"]
    address = link["contents"]["body"]["contents"][0]["action"]["uri"]
    token = address.removeprefix(LOGIN + "?linkToken=")
    body = {
        "identity_token": tokens().mint("000106"),
        "link_token_sha256": hashlib.sha256(token.encode()).hexdigest(),
    }
    given = httpx.post(
        f"{own.base_url}/api/line/link-nonces", json=body, trust_env=False, timeout=60
    )
    assert given.status_code == 201, given.text
    user.deliver({"type": "accountLink", "link": {"result": "ok", "nonce": given.json()["nonce"]}})
    _until_answered([user])
    assert "••••06" in user.read()[-1]
    user.text("自分の登録状況を知りたい")
    _until_answered([user])
    said = "\n".join(user.read()[2:])
    assert "現在" in said and "お手続きの進み具合" in said
    user.text("番号を切り替える")
    _until_answered([user])
    assert "「連携解除」と送ってから" in "\n".join(user.read())
    user.text("連携解除")
    user.text("自分の登録状況を知りたい")
    _until_answered([user])
    assert "どの方法で確かめますか" in "\n".join(user.read()[-2:])


def _is_done(product: Product, event_id: str) -> bool:
    with closing(sqlite3.connect(product.var / "navi.db", timeout=10)) as database:
        done = "SELECT 1 FROM line_event WHERE id = ? AND done_at IS NOT NULL"
        return database.execute(done, (event_id,)).fetchone() is not None
