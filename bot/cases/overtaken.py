"""Two clerks with one case: what a form may write where another has written meanwhile. Pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bot.cases.records import Case, CaseOvertaken, CaseState

_FIELDS = ("caller", "phone", "agreed", "follow_up_on")
_BETWEEN = "\n\n"


@dataclass(frozen=True)
class Form:
    """A clerk's form: `seen` are the `marks` of the case as it was opened ("" on an old page).

    `joins`: the clerk has read what another wrote, so the form's text comes below it.
    """

    seen: str = ""
    joins: bool = False


def marks(case: Case) -> str:
    """One short digest a field; they travel with the form instead of the words themselves."""
    return "-".join(_mark(getattr(case, name)) for name in _FIELDS)


def to_write(
    case: Case, changes: Mapping[str, object], form: Form, sentence: str, closed: bool = False
) -> dict[str, object]:
    """Those of `changes` that the clerk made: what the form left as it was is not put back.

    Raises CaseOvertaken (with `sentence`) where another wrote the same field otherwise since the
    form was opened, or has closed the case (unless `closed`: the form is one for closed cases).
    """
    seen = _opened(form)
    made: dict[str, object] = {}
    for name, value in changes.items():
        stands, given = _mark(getattr(case, name)), _mark(value)
        opened = seen.get(name, stands)
        if given in (stands, opened):
            continue
        if stands != opened:
            raise CaseOvertaken(sentence)
        made[name] = _below(case.agreed, str(value)) if name == "agreed" and form.joins else value
    if made and case.state is CaseState.closed and not (form.joins or closed):
        raise CaseOvertaken(sentence)
    return made


def own_words(changes: Mapping[str, object], form: Form) -> dict[str, object]:
    """Those of `changes` that are the clerk's own, to be shown beside what stands in the case."""
    seen = _opened(form)
    return {name: value for name, value in changes.items() if _mark(value) != seen.get(name)}


def _opened(form: Form) -> dict[str, str]:
    return dict(zip(_FIELDS, form.seen.split("-"), strict=False)) if form.seen else {}


def _below(stands: str, added: str) -> str:
    """Both texts; one that stands there already is not written twice."""
    if not added or _plain(added) in _plain(stands):
        return stands
    return f"{stands}{_BETWEEN}{added}" if stands else added


def _mark(value: object) -> str:
    said = value.isoformat() if isinstance(value, date) else str(value or "")
    return hashlib.sha256(_plain(said).encode()).hexdigest()[:12]


def _plain(text: str) -> str:
    """As it is compared: browsers send other line endings than they were given."""
    return "\n".join(text.strip().splitlines())
