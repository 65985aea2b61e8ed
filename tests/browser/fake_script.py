"""What the fake desk says: just enough of a conversation to try the widget with.

The wording is the tests' own; the real one lives in the dialogue's data.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

NOTICE = (
    "ご入力の内容は、マイページのお手続きをご案内するために使い、担当者が読むことがあります。"
    "90日で消去します。パスワードは入力しないでください。"
)
GREETING = "マイページの登録とログインについてご案内します。ご相談の内容をお選びください。"
TOOLS = [("1つ前に戻る", "back"), ("担当者に聞く", "handoff")]
START = [("手続きが完了しているか確かめる", "procedure_check"), ("登録の方法を知りたい", "how")]
STEPS = ["Web会員登録", "マイページの申込", "メールのURLから本登録", "開設完了のメール", "ログイン"]
HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'


@dataclass(frozen=True)
class Line:
    """One message of the bot before it gets its id and seq."""

    text: str
    author: str = "bot"
    choices: list[tuple[str, str]] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    topic: str | None = None
    outcome: str | None = None
    question: str | None = None

    def card(self) -> dict[str, Any] | None:
        if not self.steps:
            return None
        pairs = zip(STEPS, self.steps, strict=True)
        return {"kind": "progress", "steps": [{"label": a, "state": b} for a, b in pairs]}


def _ask(question: str, text: str, labels: tuple[str, str, str]) -> Line:
    answers = list(zip(labels, ("yes", "no", "unsure"), strict=True))
    return Line(text, choices=answers + TOOLS, question=question, topic="procedure_check")


ASK = {
    "opening_mail": _ask(
        "opening_mail",
        "「医歯協マイページ 開設完了のご連絡【東京医師歯科医師協同組合】」という"
        "メールは届いていますか。",
        ("「開設完了」が届いた", "届いていない", "分からない"),
    ),
    "acceptance_mail": _ask(
        "acceptance_mail",
        "「医歯協マイページ 利用登録 受付完了のお知らせ【東京医師歯科医師協同組合】」という"
        "メールは届いていますか。「お申込ありがとうございます」は別のメールです。",
        ("「受付完了」が届いた", "届いていない", "分からない"),
    ),
    "first_mail": _ask(
        "first_mail",
        "「医歯協マイページ 利用登録のお申込ありがとうございます"
        "【東京医師歯科医師協同組合】」というメールはありますか。"
        "迷惑メールとゴミ箱もご覧ください。",
        ("メールがある", "見つからない", "分からない"),
    ),
    "url_clicked": _ask(
        "url_clicked",
        "そのメールのURLを押して、本登録まで終わっていますか。",
        ("本登録まで終わった", "まだ押していない", "覚えていない・エラー"),
    ),
}
DECIDED = {
    "login_ready": Line(
        "ログインできます。\n1. Web会員にログインします。\n"
        "2. トップページの「会員専用マイページへ」を押します。\n"
        "3. お申し込みのときに決めたIDとパスワードでログインします。",
        links=[("Web会員ログイン", "/links/web_login"), ("マイページ", "/links/my_page")],
        topic="procedure_check",
        outcome="login_ready",
    ),
    "wait_opening": Line(
        "お手続きは完了しています。開設完了のメールをお待ちください。",
        steps=["done", "done", "done", "current", "todo"],
        topic="procedure_check",
        outcome="wait_opening",
    ),
    "click_url": Line(
        "あと1つ、URLを押すお手続きが残っています。\n"
        "1. 「お申込ありがとうございます」のメールを開きます。\n"
        "2. 書かれているURLを押して、本登録を終えます。\n"
        "3. 「受付完了のお知らせ」のメールが届けば完了です。",
        steps=["done", "done", "problem", "todo", "todo"],
        topic="procedure_check",
        outcome="click_url",
    ),
    "mail_missing": Line(
        "メールアドレスをもう一度ご確認のうえ、お申し込みをお願いします。",
        topic="mail_missing",
        outcome="mail_missing",
    ),
}
NEXT = {
    ("opening_mail", "yes"): "login_ready",
    ("opening_mail", ""): "acceptance_mail",
    ("acceptance_mail", "yes"): "wait_opening",
    ("acceptance_mail", ""): "first_mail",
    ("first_mail", "yes"): "url_clicked",
    ("first_mail", ""): "mail_missing",
    ("url_clicked", "yes"): "wait_opening",
    ("url_clicked", ""): "click_url",
}
BEFORE = {"acceptance_mail": "opening_mail", "first_mail": "acceptance_mail",
          "url_clicked": "first_mail"}  # fmt: skip


def opening(member: bool) -> list[Line]:
    """The first messages of a conversation."""
    return [Line(NOTICE, author="system"), Line(GREETING, choices=START, topic="greet")]


def reply(asking: str | None, said: str, member: bool) -> tuple[str | None, list[Line]]:
    """(what is asked now, the bot's lines) after `said`, a choice's value or typed text."""
    if said == "procedure_check" or "完了しているか" in said:
        return "opening_mail", [Line("順番に確かめます。"), ASK["opening_mail"]]
    if said == "handoff" or "担当者" in said:
        return asking, [Line("担当者におつなぎします。", topic="handoff")]
    if said == "back" and asking in BEFORE:
        return BEFORE[asking], [ASK[BEFORE[asking]]]
    if asking and said in ("yes", "no", "unsure"):
        goal = NEXT[asking, "yes" if said == "yes" else ""]
        return (goal, [ASK[goal]]) if goal in ASK else (None, [DECIDED[goal]])
    if "登録状況" in said:
        line = DECIDED["click_url"] if member else Line("Web会員としてログインしてください。")
        return asking, [line]
    if said == "hostile":
        link = [("<b>押す</b>", "javascript:window.hacked=1"), ("FAQ", "/links/faq")]
        return asking, [Line(HOSTILE, links=link, choices=[(HOSTILE, "x")], topic="faq")]
    return asking, [Line(f"「{said}」についてですね。FAQもご覧ください。", topic="faq")]
