"""The review: figures, the tree with its visitors, what was not understood, transcripts."""

from typing import Annotated, Any

import anyio
from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from actions.domain.calendar import tokyo_date
from actions.domain.procedure import Rules
from bot.channels.staff.access import Supervisor
from bot.channels.staff.pages import page
from bot.dialogue import Dialogue, DialogueFailure
from bot.documents.drawing import claims_svg
from bot.documents.tree_claims import claims_tree
from bot.documents.wordings import all_wordings, by_key
from bot.errors import ConversationNotFound, Unavailable
from bot.review.funnel import CountedWords, edge_counts
from bot.review.period import CHANNELS, Period, read_period
from bot.review.reading import Reading
from bot.review.story import clean_story
from bot.review.training import training_yaml
from bot.review.unclear import Marks
from bot.review.view import overview, rows
from bot.review.words import intents, named, outcome_label, review_words, topic_name
from bot.settings import PROJECT_ROOT, Settings
from bot.staff.sheets import csv_text

router = APIRouter(prefix="/review")
_LINES = 500
# An image has no page around it whose policy it could borrow.
_IMAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def chosen_period(
    request: Request,
    since: Annotated[str, Query(alias="from", max_length=10)] = "",
    until: Annotated[str, Query(alias="to", max_length=10)] = "",
    channel: Annotated[str, Query(max_length=10)] = "",
) -> Period:
    """The period of the page's filter."""
    return read_period(since, until, channel, tokyo_date(request.app.state.clock()))


Chosen = Annotated[Period, Depends(chosen_period)]


@router.get("", response_class=HTMLResponse)
async def figures_page(request: Request, person: Supervisor, period: Chosen) -> HTMLResponse:
    """The figures of a period."""
    found, service = await _figures(request, period)
    await _note(request, "review_view", person, detail=f"{period.first}..{period.last}")
    return page(
        request,
        "review.html",
        person,
        period=period,
        channels={key: named("channels", key) for key in CHANNELS},
        shown=overview(found, service, period),
    )


@router.get("/figures.csv")
async def figures_sheet(request: Request, person: Supervisor, period: Chosen) -> Response:
    """The same as a sheet."""
    found, service = await _figures(request, period)
    await _note(request, "export", person, detail=f"figures {period.first}..{period.last}")
    header, *table = rows(overview(found, service, period))
    name = f"figures-{period.first}-{period.last}.csv"
    return _download(
        csv_text([str(cell) for cell in header], table), name, "text/csv; charset=utf-8"
    )


@router.get("/tree.svg")
async def tree(request: Request, person: Supervisor, period: Chosen) -> Response:
    """The check's tree with the number of conversations on each branch."""
    found, _ = await _figures(request, period)
    rules, said = _rules(request.app.state.settings), review_words()["tree"]
    edges = edge_counts(claims_tree(rules), found.steps)
    words = CountedWords(by_key(all_wordings(PROJECT_ROOT)), edges, found.left)
    drawn = await anyio.to_thread.run_sync(
        lambda: claims_svg(
            rules, words, f"{said['title']}（{period.first}〜{period.last}）", said["note"]
        )
    )
    headers = {"Content-Security-Policy": _IMAGE_POLICY, "Cache-Control": "no-store"}
    return Response(drawn, media_type="image/svg+xml", headers=headers)


@router.get("/unclear", response_class=HTMLResponse)
async def unclear_page(
    request: Request,
    person: Supervisor,
    period: Chosen,
    kind: Annotated[str, Query(max_length=16)] = "clarify",
    every: bool = False,
    number: Annotated[int, Query(alias="page", ge=0, le=10_000)] = 0,
) -> HTMLResponse:
    """What was asked back or turned away, to be marked."""
    marks: Marks = _parts(request).marks
    shown = await _in_thread(marks.unclear, period, kind, not every, number)
    await _note(request, "review_view", person, detail=f"unclear {period.first}..{period.last}")
    return page(
        request,
        "review_unclear.html",
        person,
        period=period,
        kind=kind,
        every=every,
        number=number,
        shown=shown,
        intents=intents(),
        channels={key: named("channels", key) for key in CHANNELS},
        topic_name=topic_name,
        nothing=review_words()["teaches_nothing"],
    )


@router.post("/marks")
async def mark(
    request: Request,
    person: Supervisor,
    conversation: Annotated[str, Form(max_length=64)],
    seq: Annotated[int, Form(ge=1, le=2**31 - 1)],
    intent: Annotated[str, Form(max_length=40)] = "",
    back: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Keep what a message means."""
    marks: Marks = _parts(request).marks
    now = request.app.state.clock()
    await _in_thread(marks.mark, conversation, seq, intent, person.id, now)
    if request.headers.get("x-requested-with") == "fetch":
        return Response(status_code=204)
    query = back if back.startswith("?") else ""
    return RedirectResponse(f"/staff/review/unclear{query}", 303)


@router.get("/training.yml")
async def training(request: Request, person: Supervisor, period: Chosen) -> Response:
    """The marked messages as training data."""
    marks: Marks = _parts(request).marks
    marked = await _in_thread(marks.marked, period)
    await _note(request, "export", person, detail=f"training {period.first}..{period.last}")
    return _download(training_yaml(marked), f"marked-{period.first}-{period.last}.yml")


@router.get("/conversations/{conversation_id}", response_class=HTMLResponse)
async def transcript(
    request: Request,
    person: Supervisor,
    conversation_id: str,
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
) -> HTMLResponse:
    """A conversation as it was, from behind message `after`; long ones have several pages."""
    state = request.app.state
    conversation = await _in_thread(state.journal.find, conversation_id)
    if conversation is None:
        raise ConversationNotFound(review_words()["problems"]["gone"])
    await _note(request, "transcript_view", person, conversation.member_number, conversation_id)
    messages = await _in_thread(state.journal.messages, conversation_id, after, _LINES + 1)
    return page(
        request,
        "review_transcript.html",
        person,
        conversation=conversation,
        messages=messages[:_LINES],
        more=len(messages) > _LINES,
        after=after,
        channel=named("channels", conversation.channel),
        topic_name=topic_name,
        outcome_name=outcome_label,
    )


@router.get("/conversations/{conversation_id}/story.yml")
async def story(request: Request, person: Supervisor, conversation_id: str) -> Response:
    """The conversation as one of Rasa's test stories, without personal data."""
    state = request.app.state
    conversation = await _in_thread(state.journal.find, conversation_id)
    if conversation is None:
        raise ConversationNotFound(review_words()["problems"]["gone"])
    dialogue: Dialogue = state.dialogue
    try:
        exported = await dialogue.story(
            conversation.dialogue_id, f"transcript {conversation_id[:8]}"
        )
    except DialogueFailure:
        raise Unavailable(review_words()["problems"]["no_story"]) from None
    if exported is None:
        raise ConversationNotFound(review_words()["problems"]["gone"])
    first = (await _in_thread(state.journal.messages, conversation_id, 0))[0]
    now = conversation.demo_now or first.created_at
    member = await _names(request, conversation.member_number)
    told = clean_story(exported, member, now, conversation.channel)
    await _note(request, "export", person, conversation.member_number, conversation_id, "story")
    return _download(told, f"test_{conversation_id[:8].lower()}.yml")


async def _names(request: Request, number: str | None) -> list[str]:
    if number is None:
        return []
    record = await _in_thread(request.app.state.registry.look_up, number)
    return [record.registration.name, number] if record and record.registration.name else [number]


async def _figures(request: Request, period: Period) -> Any:
    reading: Reading = _parts(request).reading
    found = await _in_thread(reading.figures, period)
    return found, await _in_thread(reading.service, period)


def _rules(settings: Settings) -> Rules:
    return Rules(
        settings.days_until_opening, settings.days_until_delayed, settings.days_until_mail_trouble
    )


def _parts(request: Request) -> Any:
    return request.app.state.staff.review


async def _note(request: Request, event: str, person: Any, *more: Any, **named_more: Any) -> None:
    audit = request.app.state.staff.audit
    await anyio.to_thread.run_sync(lambda: audit.note(event, person, *more, **named_more))


def _download(text: str, name: str, kind: str = "application/yaml") -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(text, media_type=kind, headers=headers)


async def _in_thread(call: Any, *args: Any) -> Any:
    return await anyio.to_thread.run_sync(lambda: call(*args))
