"""Asking for a person in the running product, whose demo has staff accounts and nobody there."""

import pytest

from tests.product.member import Member, Reply, tokens
from tests.product.running import Product


def test_how_the_answer_is_wanted_is_asked_and_contacts_stay_out(guest: Member) -> None:
    guest.say("担当者と話したい")
    assert guest.replies[0]["facts"]["handover"] is True
    assert guest.question == "answer_by"
    assert [c["value"] for c in guest.last["choices"]][:3] == ["here", "phone", "mail"]
    guest.press("phone")
    assert guest.question == "contact_phone"
    guest.say("090-1111-864です")
    assert guest.question == "contact_phone"
    guest.say("０９０−１１１１−８６４２")
    assert guest.question == "handoff_message"
    kept = "".join(map(_readable, guest.history()))
    assert "〔電話番号〕" in kept and "8642" not in kept and "８６４２" not in kept
    guest.say("開設完了のメールが届いてるのにまた別の画面が出て困ってます。")
    assert guest.topic == "handoff"
    assert "担当者に伝えます" in guest.text


def _readable(message: Reply) -> str:
    """All but ids and times: these may well hold any four digits."""
    chosen = [choice["label"] + choice["value"] for choice in message["choices"]]
    rest = {k: v for k, v in message.items() if k not in ("id", "created_at", "choices")}
    return f"{rest} {chosen}"


def test_the_ways_can_be_typed_and_other_topics_are_answered(guest: Member) -> None:
    guest.say("担当者と話したい")
    guest.say("ここで返事をください")
    assert guest.question == "handoff_message"
    guest.say("請求はいつから見られますか")
    assert guest.topic == "billing_start"


def test_what_the_registry_has_is_not_asked(product: Product) -> None:
    with Member(product.base_url) as member:
        member.start(tokens().mint("000104"))
        member.say("担当者と話したい")
        member.press("mail")
        assert member.question == "handoff_message"
        assert "@" not in str(member.history())


def test_anger_and_bereavement_are_met_first(guest: Member) -> None:
    guest.say("父が亡くなりました。手続きはどうすればよいですか")
    assert "お悔やみ" in guest.replies[0]["text"]
    assert guest.replies[0]["topic"] == "handoff"
    assert guest.question == "answer_by"


@pytest.mark.parametrize(
    "words", ["母が亡くなりました", "ふざけるな、何度やらせるんだ", "組合を脱退したい"]
)
def test_who_is_met_with_a_person_is_offered_no_questions(guest: Member, words: str) -> None:
    guest.say(words)
    assert guest.question == "answer_by"
    assert [c["value"] for c in guest.last["choices"]] == ["here", "phone", "mail"]


def test_after_a_death_all_words_are_for_the_person(guest: Member) -> None:
    guest.say("先月、父が亡くなりました")
    guest.say("息子ですが手続きできますか")
    assert guest.topic == "handoff" and guest.question == "handoff_message"
    guest.say("請求はいつまで見られますか")
    assert guest.topic == "handoff" and "担当者に伝えます" in guest.text


def test_who_has_had_enough_is_shown_no_menu(guest: Member) -> None:
    guest.say("担当者と話したい")
    guest.say("もういい")
    assert guest.last["choices"] == [] and "承知しました" in guest.text


def test_when_to_call_is_a_message_and_no_new_wish(guest: Member) -> None:
    guest.say("担当者と話したい")
    guest.press("phone")
    guest.say("03-1234-5678")
    guest.say("診療は夕方までなので、6時以降にお願いします")
    assert guest.question == "handoff_message" and "担当者に伝えます" in guest.text
