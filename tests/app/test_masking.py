"""What must not be kept is made unreadable before anything stores, hears or logs it."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.app.client import Visitor, text_body
from tests.app.serving import RunningApp

_SECRETS = {
    "パスワードはhanako0522です": "hanako0522",
    "パスワード：Pa55-word!": "Pa55-word!",
    "パスワードが「tanaka1234」で合っていますか": "tanaka1234",
    "ＰＷはａｂｃ１２３４です": "ａｂｃ１２３４",
    "password: correcthorse9": "correcthorse9",
    "pw=qwerty12": "qwerty12",
    "カードは4111 1111 1111 1111です": "4111 1111",
    "４１１１－１１１１－１１１１－１１１１": "４１１１",
    "口座番号は1234567です": "1234567",
    "電話は03-1234-5678です": "1234-5678",
    "090 1234 5678に電話ください": "1234 5678",
    "taro.yamada@example.co.jp に届きません": "taro.yamada",
    "ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ": "ｔａｒｏ＠",
    "メールはtaro+navi@mail.example.jpです": "taro+navi",
}
_KEPT = [
    "登録番号は000106です",
    "2026年3月20日に申し込みました",
    "20260320",
    "2026-03-20です",
    "3/20",
    "パスワードを忘れました",
    "パスワードが違うと言われます",
    "10000円と出ます",
]


@pytest.fixture
def visitor(lite: RunningApp) -> Iterator[Visitor]:
    with Visitor(lite.base_url) as visitor:
        yield visitor.start()


@pytest.mark.parametrize("text", _SECRETS)
def test_masked(lite: RunningApp, visitor: Visitor, text: str) -> None:
    secret = _SECRETS[text]
    answer = visitor.post(text_body(text))
    assert answer.status_code == 200
    assert secret not in answer.text
    assert "〔" in answer.json()["accepted"]["text"]
    # The member is told, and the topic is still that of the message.
    assert answer.json()["replies"][0]["topic"] == "greet"
    heard = json.dumps(lite.dialogue.turns, ensure_ascii=False)
    stored = _everything_stored(lite)
    for place in (heard, stored, json.dumps(visitor.history(), ensure_ascii=False)):
        assert secret not in place


def _everything_stored(app: RunningApp) -> str:
    with closing(sqlite3.connect(app.settings.var / "navi.db")) as database:
        return "\n".join(database.iterdump())


@pytest.mark.parametrize("text", _KEPT)
def test_kept(visitor: Visitor, text: str) -> None:
    assert visitor.post(text_body(text)).json()["accepted"]["text"] == text


def test_a_comment_is_masked_too(lite: RunningApp, visitor: Visitor) -> None:
    comment = "taro@example.jp にください。パスワードはhanako0522です"
    answer = visitor.http.post(
        f"{visitor.path}/feedback", json={"helpful": False, "comment": comment}
    )
    assert answer.status_code == 204
    stored = _everything_stored(lite)
    assert "〔メールアドレス〕 にください" in stored
    assert "taro@example.jp" not in stored
    assert "hanako0522" not in stored


def test_a_masked_message_can_be_sent_again(visitor: Visitor) -> None:
    body = text_body("パスワードはhanako0522です")
    assert visitor.post(body).json() == visitor.post(body).json()
    assert visitor.post({**body, "text": "パスワードはhanako0523です"}).status_code == 409


def test_the_digest_of_a_password_is_no_plain_hash(lite: RunningApp, visitor: Visitor) -> None:
    import hashlib

    text = "パスワードはhanako0522です"
    visitor.post(text_body(text))
    stored = _everything_stored(lite)
    for plain in (text, f"text\0{text}"):
        assert hashlib.sha256(plain.encode()).hexdigest() not in stored


def test_access_tokens_are_not_stored(lite: RunningApp, visitor: Visitor) -> None:
    assert visitor.access_token not in _everything_stored(lite)
