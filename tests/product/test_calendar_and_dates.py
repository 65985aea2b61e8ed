"""Business days and dates in words: at the prompt, and dates as answers in a conversation."""

from pathlib import Path

from tests.product.member import Member, assert_none, in_parallel, midday
from tests.product.running import Product
from tests.product.spec import csv_rows, tsv_rows


def test_every_calendar_row(product: Product, shared: Path) -> None:
    rows = csv_rows(shared / "spec" / "tables" / "calendar.csv")
    commands = [
        ("calendar", "add", row["start"], row["n"])
        if row["op"] == "add_business_days"
        else ("calendar", "elapsed", row["start"], row["today"])
        for row in rows
    ]
    answers = product.navi_json(commands)
    assert rows
    assert [str(answer["result"]) for answer in answers] == [row["expected"] for row in rows]


def test_every_date_at_the_prompt(product: Product, shared: Path) -> None:
    rows = tsv_rows(shared / "eval" / "dates_dev.tsv")
    answers = product.navi_json(("dates", words, "--today", today) for today, words, _ in rows)
    assert rows
    assert [answer["date"] or "NONE" for answer in answers] == [wanted for _, _, wanted in rows]


def test_dates_as_answers_of_the_check(product: Product, shared: Path) -> None:
    rows = tsv_rows(shared / "eval" / "dates_dev.tsv")

    def wrong(row: list[str]) -> str | None:
        today, words, wanted = row
        with Member(product.base_url) as guest:
            guest.start(now=midday(today))
            guest.press("procedure_check")
            for value in ("no", "no", "yes", "yes"):
                guest.press(value)
            assert guest.question == "applied_on", guest.replies
            guest.say(words)
            if wanted == "NONE":
                # Asked back, or taken as unknown; never a date of the bot's own.
                right = guest.facts.get("applied_on") is None
            else:
                right = guest.outcome is not None and guest.facts["applied_on"] == wanted
            return None if right else f"{row}: {guest.question} {guest.facts} {guest.text}"

    # The walk to the question is long; the other rows are asked after a billing question.
    assert_none(in_parallel(wrong, rows[::2]))


def test_every_date_after_a_billing_question(product: Product, shared: Path) -> None:
    rows = tsv_rows(shared / "eval" / "dates_dev.tsv")

    def wrong(row: list[str]) -> str | None:
        today, words, wanted = row
        with Member(product.base_url) as guest:
            guest.start(now=midday(today))
            guest.press("billing_start")
            guest.say(words)
            got = guest.facts.get("applied_on") or "NONE"
            return None if got == wanted else f"{row}: {guest.question} {guest.facts}"

    assert_none(in_parallel(wrong, rows))
