"""The mailed code in a real conversation: `navi serve` with the dialogue server, demo mails."""

import re
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.product.running import Product, trained_model

pytestmark = [pytest.mark.rasa, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A demo product of its own."""
    var = tmp_path_factory.mktemp("identity")
    model = trained_model()
    (var / "models").mkdir()
    (var / "models" / model.name).symlink_to(model)
    running = Product(var)
    running.start()
    yield running
    running.stop()


@dataclass
class Guest:
    """A guest and the bot's last replies."""

    product: Product
    replies: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._client = httpx.Client(base_url=self.product.base_url, timeout=60)
        began = self._client.post("/api/conversations", json={}).json()
        self._url = f"/api/conversations/{began['conversation_id']}/messages"
        self._client.headers["Authorization"] = f"Bearer {began['access_token']}"

    def says(self, text: str) -> dict[str, Any]:
        """Write; gives the last reply."""
        return self._post({"text": text})

    def presses(self, value: str) -> dict[str, Any]:
        """Press the button with this value."""
        [choice] = [c for c in self.choices() if c["value"] == value]
        return self._post({"choice": choice["id"]})

    def choices(self) -> list[dict[str, str]]:
        """Of the last reply."""
        found: list[dict[str, str]] = self.replies[-1]["choices"]
        return found

    def outcome(self) -> str | None:
        """Of the replies."""
        return next((r["outcome"] for r in self.replies if r["outcome"]), None)

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def _post(self, body: dict[str, str]) -> dict[str, Any]:
        sent = body | {"client_message_id": str(uuid.uuid4())}
        answer = self._client.post(self._url, json=sent)
        assert answer.status_code == 200, answer.text
        self.replies = answer.json()["replies"]
        return self.replies[-1]


@pytest.fixture
def guest(product: Product) -> Iterator[Guest]:
    """A guest of the product."""
    one = Guest(product)
    yield one
    one.close()


def _mailed_code(product: Product, number: str) -> str:
    """The code on the demo's page of mails."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        page = httpx.get(f"{product.base_url}/demo/mails", timeout=60).text
        if found := re.search(rf"demo-{number}.*?(\d{{4}} \d{{4}})", page, re.S):
            return found[1]
        time.sleep(0.3)
    raise AssertionError("no mail came")


def _is_remembered(var: Path, words: str) -> list[str]:
    """Files of the product's state in which `words` stand."""
    files = [file for file in var.rglob("*") if file.is_file() and "models" not in file.parts]
    return [file.name for file in files if words.encode() in file.read_bytes()]


def test_proves_and_tells_the_state(product: Product, guest: Guest) -> None:
    assert guest.says("自分の登録状況を知りたい")["question"] == "how_to_check"
    assert guest.presses("mail")["question"] == "mail_number"
    assert guest.says("000106です")["question"] == "mail_code"
    assert guest.says("99999999")["question"] == "mail_code"
    code = _mailed_code(product, "000106")
    guest.says(f"コードは {code} です")
    assert guest.outcome() == "click_url"
    plain = code.replace(" ", "")
    assert not _is_remembered(product.var, plain) and not _is_remembered(product.var, code)


def test_other_topics_and_other_ways_in_between(guest: Guest) -> None:
    guest.says("自分の登録状況を知りたい")
    assert guest.says("メールでお願いします")["question"] == "mail_number"
    assert guest.says("登録番号とは何ですか")["topic"] == "registration_number"
    assert guest.says("12345")["question"] == "mail_number"
    assert guest.says("０００１０７")["question"] == "mail_code"
    assert guest.says("コードが届きません")["question"] == "mail_code"
    assert guest.says("もう一度送ってください")["question"] == "mail_code"
    assert guest.says("番号を間違えました")["question"] == "mail_number"
    assert guest.says("質問に答えて確認します")["question"] == "opening_mail"
    assert guest.says("届いていません")["question"] == "acceptance_mail"


def test_a_number_in_the_middle_of_the_check(product: Product, guest: Guest) -> None:
    guest.says("自分の登録状況を知りたい")
    guest.presses("mail")
    assert guest.presses("questions")["question"] == "opening_mail"
    assert guest.says("000108")["question"] == "mail_code"
    guest.says(_mailed_code(product, "000108"))
    assert guest.outcome() == "wait_opening" and guest.replies[-1]["question"] is None


def test_the_ways_are_offered_in_the_middle_of_the_check(guest: Guest) -> None:
    assert guest.says("申し込んだのにログインできません")["question"] == "opening_mail"
    assert guest.says("届いていません")["question"] == "acceptance_mail"
    assert guest.says("自分の登録状況を知りたい")["question"] == "how_to_check"
    assert {"identify", "mail", "questions"} <= {c["value"] for c in guest.choices()}
    assert guest.presses("questions")["question"] == "acceptance_mail"
    guest.says("自分の登録状況を知りたい")
    assert guest.says("メールで確認する")["question"] == "mail_number"


def test_words_between_number_and_code(product: Product, guest: Guest) -> None:
    guest.says("自分の登録状況を知りたい")
    assert guest.says("０００１１０")["question"] == "mail_number"
    assert guest.says("000110")["question"] == "mail_code"
    assert guest.says("請求はいつから見られますか")["topic"] == "billing_start"
    assert guest.says("コードが届かないのですが")["question"] == "mail_code"
    guest.presses("number")
    code = _mailed_code(product, "000110")
    guest.says(code.replace(" ", "ー"))
    first = guest.outcome()
    assert first is not None
    guest.says(code)
    assert guest.outcome() == first


def test_known_and_unknown_numbers_are_answered_alike(product: Product) -> None:
    told = []
    for number in ("000109", "999999"):
        guest = Guest(product)
        guest.says("自分の登録状況を知りたい")
        guest.presses("mail")
        for words in (number, "12345678", "もう一度送ってください"):
            guest.says(words)
            told.append([(r["text"], [c["label"] for c in r["choices"]]) for r in guest.replies])
        guest.close()
    assert told[:3] == told[3:]


def test_too_many(guest: Guest) -> None:
    guest.says("自分の登録状況を知りたい")
    guest.presses("mail")
    for number in ("700001", "700002", "700003"):
        assert guest.says(number)["question"] == "mail_code"
        guest.presses("number")
    assert guest.says("700004")["question"] == "how_to_check"


def test_two_numbers(product: Product, guest: Guest) -> None:
    guest.says("自分の登録状況を知りたい")
    guest.presses("mail")
    guest.says("000120")
    assert guest.says(_mailed_code(product, "000120"))["question"] == "which_number"
    assert [c["label"] for c in guest.choices()][:2] == [
        "個人の登録（末尾20）",
        "法人の登録（末尾20）",
    ]
    guest.says("法人でお願いします")
    assert guest.outcome() == "click_url"
    assert guest.says("番号を切り替える")["question"] == "which_number"
    guest.presses(guest.choices()[0]["value"])
    assert guest.outcome() == "login_ready"
    assert guest.says("請求はいつから見られますか")["topic"] == "billing_start"


def test_switching_words_of_a_guest(guest: Guest) -> None:
    assert guest.says("番号を切り替える")["question"] == "how_to_check"
