"""Which answers of a caller are right, and which of them are enough."""

import itertools

import pytest

from bot.cases.checklist import Item, OnRecord, can_be_enough, is_enough, same_answer

RECORD = OnRecord("012345", "見本 一郎", "03-1234-5678", "Ichiro@Example.jp")


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (Item.number, "012345"),
        (Item.number, "０１２-３４５"),
        (Item.name, "見本一郎"),
        (Item.name, "見本　一郎"),
        (Item.phone, "0312345678"),
        (Item.phone, "０３（１２３４）５６７８"),
        (Item.phone, "+81 3 1234 5678"),
        (Item.email, "ichiro@example.jp"),
        (Item.email, "ICHIRO＠EXAMPLE．JP"),
    ],
)
def test_the_same_answer_however_it_is_typed(item: Item, said: str) -> None:
    assert same_answer(item, said, RECORD)


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (Item.number, "12345"),
        (Item.number, "0123456"),
        (Item.number, ""),
        (Item.name, "見本"),
        (Item.phone, "12345678"),
        (Item.phone, "5678"),
        (Item.phone, "03-1234-5679"),
        (Item.phone, "%"),
        (Item.email, "ichiro@example"),
        (Item.email, "ichiro@example.jp.evil.jp"),
        (Item.email, "i" * 5_000),
    ],
)
def test_a_part_of_the_answer_is_not_the_answer(item: Item, said: str) -> None:
    assert not same_answer(item, said, RECORD)


def test_any_of_several_telephone_numbers_is_right() -> None:
    record = OnRecord("012345", "", "03-1234-5678 内線12／090-1111-2222", "")
    assert same_answer(Item.phone, "03-1234-5678", record)
    assert same_answer(Item.phone, "090 1111 2222", record)
    assert not same_answer(Item.phone, "12", record)


@pytest.mark.parametrize("phone", ["0", "000-0000-0000", "なし", "内線12", "-"])
@pytest.mark.parametrize("email", ["なし", "-", "none", "@", "無@"])
def test_what_stands_in_for_a_contact_proves_nobody(phone: str, email: str) -> None:
    record = OnRecord("012345", "見本 一郎", phone, email)
    assert record.items() == (Item.number, Item.name)
    assert not same_answer(Item.phone, phone, record)
    assert not same_answer(Item.email, email, record)
    assert not can_be_enough(record, 2)


@pytest.mark.parametrize("item", list(Item))
def test_nothing_said_is_not_the_same_as_nothing_on_record(item: Item) -> None:
    assert not same_answer(item, "", OnRecord("", "", "", ""))


def test_what_stands_on_the_address_label_is_never_enough() -> None:
    on_label = {Item.number, Item.name}
    for count in range(5):
        for matched in itertools.combinations(Item, count):
            expected = count >= 2 and not set(matched) <= on_label
            assert is_enough(matched, 2) == expected, matched


def test_a_record_without_contact_cannot_be_verified_by_questions() -> None:
    assert not can_be_enough(OnRecord("012345", "見本 一郎", "", ""), 2)
    assert can_be_enough(OnRecord("012345", "", "", "a@example.jp"), 2)
    assert not can_be_enough(OnRecord("012345", "", "", "a@example.jp"), 3)
