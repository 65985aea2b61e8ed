"""What the benchmark's members say and press, and what must come back (own sentences)."""

from dataclasses import dataclass

# An invented member (bot/demo_registry.yml) whose first mail came and whose URL is not clicked.
MEMBER, MEMBER_OUTCOME = "000106", "click_url"


@dataclass(frozen=True)
class Step:
    """One turn: `says` is typed, or the choice with value `presses` is pressed.

    `kind` groups the times. What comes back must have this topic, question and outcome; a
    target that cannot tell an outcome must have `words` in its text.
    """

    kind: str
    topic: str
    says: str | None = None
    presses: str | None = None
    question: str | None = None
    outcome: str | None = None
    words: str = ""


@dataclass(frozen=True)
class Script:
    """The turns of one conversation; `number` is the member who is logged in."""

    name: str
    steps: tuple[Step, ...]
    number: str | None = None


def _text(topic: str, words: str, question: str | None = None) -> Step:
    return Step("text", topic, says=words, question=question)


def _form(value: str, question: str | None = None) -> Step:
    return Step("form", "procedure_check", presses=value, question=question)


_END = Step(
    "form", "procedure_check", presses="no", outcome="click_url", words="メールのURLを押すお手続き"
)
_SIMPLE = (
    _text("registration_number", "会員登録番号はどこに書いてありますか"),
    _text("two_registrations", "Web会員登録とマイページ登録は違うものですか"),
    _text("register_mypage", "マイページの申し込み方法を教えてください"),
    _text("mail_meaning", "3通のメールの違いを教えてください"),
    _text("link_missing", "「会員専用マイページへ」のボタンが見つかりません"),
    _text("thanks", "ありがとうございます"),
)

BUTTON = Script("button", (Step("button", "register_web", presses="register_web"),) * 6)
TEXT = Script("text", _SIMPLE)
LOOKUP = Script(
    "lookup",
    (
        Step("lookup", "status_lookup", presses="status_lookup", outcome=MEMBER_OUTCOME),
        Step(
            "lookup", "status_lookup", says="私の登録状況を教えてください", outcome=MEMBER_OUTCOME
        ),
    )
    * 2,
    MEMBER,
)
FORM = Script(
    "form",
    (
        _form("procedure_check", "opening_mail"),
        _form("no", "acceptance_mail"),
        _form("no", "first_mail"),
        _form("yes", "url_clicked"),
        _END,
    ),
)
MIXED = Script(
    "mixed",
    (
        Step("button", "register_web", presses="register_web"),
        _text("two_registrations", "Web会員登録とマイページ登録は違うものですか"),
        _form("procedure_check", "opening_mail"),
        _form("no", "acceptance_mail"),
        _text("procedure_check", "いいえ、まだ届いていません", "first_mail"),
        _text("registration_number", "会員登録番号はどこに書いてありますか", "first_mail"),
        _form("yes", "url_clicked"),
        _END,
        _text("thanks", "ありがとうございます"),
    ),
)
SCRIPTS = {script.name: script for script in (BUTTON, TEXT, LOOKUP, FORM, MIXED)}

# The turns of a conversation that grows.
GROWTH = _SIMPLE
