"""Numbers and codes in a member's words."""

import pytest

from bot.channels.line.reading import storable
from bot.identity.typed import Awaited, about_the_code, asks_to_switch, find

_NUMBER = [
    ("100001", "100001"),
    ("１０００01", "100001"),
    ("100-001です", "100001"),
    ("登録番号は 10 00 01 です。", "100001"),
    ("番号：100 001", "100001"),
]
_CODE = [
    ("12345678", "12345678"),
    ("１２３４ ５６７８", "12345678"),
    ("1234-5678", "12345678"),
    ("コードは12345678でした", "12345678"),
    ("20260320", "20260320"),
]
_ELSE = [
    "3月20日に申し込みました",
    "2026-03-20に申し込みました",
    "2026年3月20日",
    "電話は03-1234-5678です。折り返してください",
    "メールが届かない",
    "15日です",
    "10万円の請求が出ました",
]


@pytest.mark.parametrize(("words", "digits"), _NUMBER)
def test_number(words: str, digits: str) -> None:
    found = find(words, Awaited.number)
    assert found and found.digits == digits
    assert "〔登録番号〕" in found.kept and not any(c.isdigit() for c in found.kept)


@pytest.mark.parametrize(("words", "digits"), _CODE)
def test_code(words: str, digits: str) -> None:
    found = find(words, Awaited.code)
    assert found and found.digits == digits
    assert "〔確認コード〕" in found.kept and not any(c.isdigit() for c in found.kept)


@pytest.mark.parametrize("words", _ELSE)
@pytest.mark.parametrize("awaited", list(Awaited))
def test_something_else(words: str, awaited: Awaited) -> None:
    assert find(words, awaited) is None


@pytest.mark.parametrize("words", ["1234567", "12345", "コードは123456789"])
@pytest.mark.parametrize("awaited", list(Awaited))
def test_wrong_length_is_named_and_hidden(words: str, awaited: Awaited) -> None:
    found = find(words, awaited)
    assert found and found.digits is None and not any(c.isdigit() for c in found.kept)


def test_switching_words() -> None:
    assert asks_to_switch("番号を切り替える") and asks_to_switch("番号を切替えたいです")
    assert not asks_to_switch("登録番号を変更したいので電話番号を教えて")


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("コードが届かないのですが", "missing"),
        ("確認コードが、まだ来ません", "missing"),
        ("コードがわかりません", "missing"),
        ("確認コードはどこに書いてありますか", "missing"),
        ("コードをもう一度送ってください", "resend"),
        ("ｺｰﾄﾞの再送をお願いします", "resend"),
        ("QRコードが読み取れない", None),
        ("金融機関コードが分かりません", None),
        ("メールが届かない", None),
        ("コードを入れたあと、請求はいつから見られますか。先月の分も見られるでしょうか", None),
        ("確認コードありがとうございました", None),
    ],
)
def test_words_about_the_code(words: str, value: str | None) -> None:
    assert about_the_code(words) == value


@pytest.mark.parametrize(
    "words",
    ["1234ー5678", "1234・5678", "12 34 56 78", "１２３４‐５６７８", "1234\n5678", "123 45678です"],
)
def test_a_code_waits_readably_on_line(words: str) -> None:
    found = find(storable(words), Awaited.code)
    assert found and found.digits == "12345678"


@pytest.mark.parametrize(
    "words", ["03-1234-5678", "1234 5678 9012 3456", "090ー1234ー5678", "１２３４５６７"]
)
def test_other_long_numbers_wait_masked(words: str) -> None:
    assert storable(words) == "〔番号〕"
