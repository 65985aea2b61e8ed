"""Who is on the telephone: what is asked, what counts as the same answer, when it is enough.

Pure. The name and the number stand on the address label of every copy of the cooperative's paper,
so whoever holds an envelope knows both: at least one answer must be of another kind.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from actions.domain.registry import RegistryRecord
from bot.lookup.words import phones, plain_mail, plain_name, plain_phone


class Item(StrEnum):
    """What the caller is asked, in this order."""

    number = "number"
    name = "name"
    phone = "phone"
    email = "email"


NOT_ON_LABEL = frozenset({Item.phone, Item.email})
TICKED = frozenset({Item.name})
"""Compared by the clerk, who has the name before them; the rest is typed and compared here."""

_LONGEST = 320
_SHORTEST_PHONE, _SAME_DIGITS = 6, 1


@dataclass(frozen=True)
class Policy:
    """The office's numbers: right answers needed, wrong ones allowed in 24 hours and number,
    minutes that a verification holds."""

    needed: int = 2
    tries: int = 5
    minutes: int = 60


@dataclass(frozen=True)
class OnRecord:
    """What the registry holds to compare with."""

    number: str
    name: str
    phone: str
    email: str

    @classmethod
    def of(cls, record: RegistryRecord) -> "OnRecord":
        """From a look-up."""
        number = record.registration.number
        return cls(number, record.name, record.phone or "", record.email)

    def items(self) -> tuple[Item, ...]:
        """What can be asked."""
        known = {
            Item.number: True,
            Item.name: bool(plain_name(self.name)),
            Item.phone: bool(_own_phones(self.phone)),
            Item.email: _is_mail(self.email),
        }
        return tuple(item for item in Item if known[item])


def same_answer(item: Item, said: str, record: OnRecord) -> bool:
    """Whether the caller's answer is what the registry holds; nothing said is never right."""
    if len(said) > _LONGEST:
        return False
    if item not in record.items():
        return False
    if item is Item.phone:
        return plain_phone(said) in _own_phones(record.phone)
    plain = {Item.number: plain_phone, Item.name: plain_name, Item.email: plain_mail}[item]
    held = plain(getattr(record, item.value))
    return bool(held) and plain(said) == held


def is_enough(matched: Collection[Item], needed: int) -> bool:
    """Whether the right answers prove the caller."""
    return len(set(matched)) >= needed and not NOT_ON_LABEL.isdisjoint(matched)


def can_be_enough(record: OnRecord, needed: int) -> bool:
    """Whether the registry holds enough to ask for; else the office calls back."""
    return is_enough(record.items(), needed)


def _own_phones(field: str) -> list[str]:
    """What stands in for a number (「0」, 000-0000-0000) proves nobody."""
    numbers = phones(field)
    return [n for n in numbers if len(n) >= _SHORTEST_PHONE and len(set(n)) > _SAME_DIGITS]


def _is_mail(field: str) -> bool:
    """「なし」 or 「-」 in the field is an answer that anybody gives."""
    name, _, domain = plain_mail(field).rpartition("@")
    return bool(name) and "." in domain
