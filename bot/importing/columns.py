"""Which columns a sheet may have and by which headers they are known (docs/registry.md).

Columns that carry a member's state are required, even where every cell is empty: a header
that was renamed in the export must stop an import, not empty the column. Further columns
are left aside.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from actions.domain.registration import MailKind, MailStatus, MemberKind
from bot.importing import values
from bot.importing.values import BadValue

Headers = Mapping[str, tuple[str, ...]]

_NUMBER = {"number": ("登録番号", "web会員登録番号", "会員登録番号", "会員番号", "number")}
_MEMBER: Headers = {
    "web_registered_on": ("web会員登録日", "web登録日", "web_registered_on"),
    "kind": ("会員種別", "種別", "区分", "個人/法人", "個人法人", "kind", "member_kind"),
    "name": ("氏名", "名前", "会員名", "name"),
    "kana": ("フリガナ", "ふりがな", "カナ", "氏名カナ", "氏名(カナ)", "kana"),
    "email": ("メールアドレス", "eメール", "email", "e-mail"),
    "phone": ("電話番号", "電話", "tel", "phone"),
}
_APPLICATION: Headers = {
    "applied_at": ("申込日時", "お申込日時", "利用登録申込日時", "applied_at"),
    "url_clicked_at": ("本登録日時", "受付完了日時", "url_clicked_at"),
    "opened_at": ("開設日時", "開設完了日時", "opened_at"),
    "application_id": ("申込番号", "申込id", "受付番号", "application_id"),
}
_MAIL: Headers = {
    "mail_kind": ("メール種別", "メール", "件名", "メール件名", "mail_kind", "kind", "subject"),
    "status": ("状態", "配信状態", "送信状態", "配信結果", "status"),
    "sent_at": ("送信日時", "配信日時", "sent_at"),
}
_WIDE_MAILS = {
    MailKind.confirmation: ("お申込メール", "申込メール", "confirmation_"),
    MailKind.acceptance: ("受付完了メール", "受付メール", "acceptance_"),
    MailKind.opening: ("開設完了メール", "開設メール", "opening_"),
}

KIND_WORDS = {
    **values.MEMBER_KINDS,
    "個人": MemberKind.individual,
    "法人": MemberKind.corporate,
}
STATUS_WORDS = {
    **values.MAIL_STATUSES,
    "送信待ち": MailStatus.queued,
    "未送信": MailStatus.queued,
    "再送待ち": MailStatus.deferred,
    "再送中": MailStatus.deferred,
    "遅延": MailStatus.deferred,
    "送信済": MailStatus.delivered,
    "送信済み": MailStatus.delivered,
    "配信済": MailStatus.delivered,
    "配信済み": MailStatus.delivered,
    "不達": MailStatus.bounced,
    "エラー": MailStatus.bounced,
}
# The words that tell the three subjects apart, so that a mail log's subjects are understood.
_TELLING = (
    ("開設完了", MailKind.opening),
    ("受付完了", MailKind.acceptance),
    ("申込", MailKind.confirmation),
)


@dataclass(frozen=True)
class SheetKind:
    """One kind of sheet: its columns by their headers, and which of them it must have."""

    name: str
    headers: Headers
    required: frozenset[str]


def wide_column(kind: MailKind, what: str) -> str:
    """The column of a wide sheet with a mail's `status` or `sent_at`."""
    return f"{kind.value}_{what}"


def _wide_headers() -> dict[str, tuple[str, ...]]:
    return {
        wide_column(kind, what): tuple(
            start + end for start in starts for end in (*_MAIL[what], f"の{_MAIL[what][0]}")
        )
        for kind, starts in _WIDE_MAILS.items()
        for what in ("status", "sent_at")
    }


_STATE = frozenset({"applied_at", "url_clicked_at", "opened_at"})

WIDE = SheetKind(
    "wide",
    _NUMBER | dict(_MEMBER) | dict(_APPLICATION) | _wide_headers(),
    _STATE | {"number", "web_registered_on", *_wide_headers()},
)
MAILS = SheetKind(
    "mails",
    _NUMBER | dict(_APPLICATION) | dict(_MAIL),
    frozenset({"mail_kind", "status", "sent_at"}),
)
APPLICATIONS = SheetKind("applications", _NUMBER | dict(_APPLICATION), _STATE | {"number"})
MEMBERS = SheetKind("members", _NUMBER | dict(_MEMBER), frozenset({"number", "web_registered_on"}))


def recognise(header: Sequence[str]) -> tuple[SheetKind, list[str | None]]:
    """The kind of a sheet by its first line, and what each of its columns is.

    Raises BadValue where it is no sheet, lacks a state's column or has one twice.
    """
    cells = [_plain(cell) for cell in header]
    nearest: tuple[int, str] | None = None
    for kind in (WIDE, MAILS, APPLICATIONS, MEMBERS):
        columns = [_column(cell, kind) for cell in cells]
        absent = kind.required - set(columns)
        if not absent and _fits(kind, columns):
            return kind, _each_once(columns)
        found = len(kind.required) - len(absent)
        if found and (nearest is None or len(absent) < nearest[0]):
            missing = ", ".join(
                f"{kind.headers[name][0]} ({name})" for name in kind.headers if name in absent
            )
            nearest = (
                len(absent),
                f"looks like the {kind.name} sheet, but has no column {missing}",
            )
    raise BadValue(nearest[1] if nearest else "is no sheet that is known (docs/registry.md)")


def mail_kind(cell: str) -> MailKind:
    """A mail's kind by its name or by its subject. Raises BadValue."""
    plain = values.sheet_cell(cell)
    if plain in values.MAIL_KINDS:
        return values.MAIL_KINDS[plain]
    for word, kind in _TELLING:
        if word in plain:
            return kind
    raise BadValue("メール種別 (mail_kind): is none of the three mails (申込, 受付完了, 開設完了)")


def _fits(kind: SheetKind, columns: Sequence[str | None]) -> bool:
    """A wide sheet's mails are elsewhere; a mails sheet has to say whose mail it is."""
    by_time = {"number", "applied_at"} <= set(columns)
    if kind is MAILS:
        return by_time or "application_id" in columns
    # A sheet of applications with members' columns would lose the members without this.
    return not (kind is MEMBERS and "applied_at" in columns)


def _column(cell: str, kind: SheetKind) -> str | None:
    return next((name for name, known in kind.headers.items() if cell in known), None)


def _each_once(columns: list[str | None]) -> list[str | None]:
    twice = {name for name in columns if name and columns.count(name) > 1}
    if twice:
        raise BadValue(f"has two columns for {', '.join(sorted(twice))}")
    return columns


def _plain(cell: str) -> str:
    return "".join(values.sheet_cell(cell).casefold().split())
