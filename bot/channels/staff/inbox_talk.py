"""A conversation of the inbox as its templates show it: summary, what one may do, transcript."""

import uuid
from datetime import datetime

from bot.channels.staff.inbox_list import View, Viewer, channel, inbox_words, moment, waited
from bot.handover.views import Feedback, InboxItem, Line, Note, Talk

_SHOWN_LINES = 300


def talk_view(talk: Talk, viewer: Viewer, most: int | None = None) -> View:
    """One conversation: heading, actions, summary, the newest `most` lines of the transcript."""
    most = most or _SHOWN_LINES
    words, item = inbox_words(), talk.item
    state = _state(item)
    mine = state == "staff" and item.owner_id == viewer.person.id
    return {
        "id": item.conversation_id,
        "who": _full_name(talk),
        "channel": channel(item.channel),
        "is_line": item.channel == "line",
        "state": words["state"][state],
        "state_class": {"waiting": "warn", "staff": "ok"}.get(state, ""),
        "owner": None if mine else item.owner_name,
        "verified": talk.summary.number is not None,
        "actions": _actions(state, mine),
        "owner_id": item.owner_id or "",
        "may_reply": mine,
        "reply_state": "" if mine else _reply_state(state, item),
        "client_id": str(uuid.uuid4()),
        "summary": summary_rows(talk, viewer.now),
        "answers": [(given.question, given.answer) for given in talk.summary.answers],
        "said": items(talk.lines[-most:], talk.notes, talk.summary.feedback, viewer),
        "shortened": len(talk.lines) > most,
        "last_seq": item.last_seq,
    }


def _full_name(talk: Talk) -> str:
    summary, words = talk.summary, inbox_words()["who"]
    if summary.number is None:
        return str(words["guest"])
    return f"{summary.name} 様" if summary.name else words["member"].format(number=summary.number)


def _state(item: InboxItem) -> str:
    if item.owner_id is not None:
        return "staff"
    return "waiting" if item.state == "waiting" else "closed" if item.state in _ENDED else "bot"


_ENDED = ("closed", "given_up", "answered")


def _actions(state: str, mine: bool) -> list[View]:
    words = inbox_words()["actions"]
    take = {"path": "take", "label": words["take"], "look": "primary", "sure": None}
    close = {
        "path": "close",
        "label": words["close"],
        "look": "quiet",
        "sure": words["close_sure"],
    }
    if mine:
        release = {"path": "release", "label": words["release"], "look": "", "sure": None}
        return [release, close]
    if state == "staff":
        # The desk decides: supervisors always, others where the colleague has gone.
        sure = words["take_over_sure"]
        return [{**take, "path": "take-over", "label": words["take_over"], "sure": sure}]
    return [take, close] if state == "waiting" else [take]


def _reply_state(state: str, item: InboxItem) -> str:
    words = inbox_words()["reply"]
    if state == "staff":
        return str(words["other"]).format(name=item.owner_name or "")
    return str(words[{"waiting": "first_take", "closed": "closed"}.get(state, "bot")])


def summary_rows(talk: Talk, now: datetime) -> list[tuple[str, str]]:
    """Label and value of what a person reads first; rows without a value are left out."""
    words, it = inbox_words()["summary"], talk.summary
    kinds = inbox_words()["who"]
    parts = [it.name, it.number and kinds["member"].format(number=it.number)]
    parts.append(str(kinds.get(it.kind, "")) if it.kind else None)
    proof = it.proof if it.number else words["not_proven"]
    rows = [
        (words["who"], " ".join(part for part in parts if part) or kinds["guest"]),
        (words["verified"], proof),
        (words["state"], it.registry_state),
        (words["progress"], _progress(it.progress)),
        (words["outcome"], it.outcome_label),
        (words["topic"], it.topic_label),
        (words["reason"], it.reason_label),
        (words["wish"], _wish(talk)),
        (words["feedback"], _feedback_line(it.feedback)),
        (words["waiting"], waited(now - it.waiting_since) if it.waiting_since else None),
        (words["started"], moment(it.started_at, now)),
    ]
    return [(str(label), str(value)) for label, value in rows if value]


def _progress(steps: list[dict[str, str]]) -> str:
    if not steps:
        return ""
    words = inbox_words()["steps"]
    done = sum(step["state"] == "done" for step in steps)
    here = next((step for step in steps if step["state"] in ("current", "problem")), None)
    line = str(words["count"]).format(done=done, all=len(steps))
    return f"{line}。{words[here['state']]}：{here['label']}" if here else line


def _wish(talk: Talk) -> str | None:
    by, contact = talk.summary.answer_by, talk.summary.contact
    return f"{by}（{contact}）" if by and contact else by or contact


def _feedback_line(given: list[Feedback]) -> str:
    words = inbox_words()["summary"]
    if not given:
        return ""
    last = given[-1]
    said = words["helpful"] if last.helpful else words["not_helpful"]
    return f"{said}（{last.comment}）" if last.comment else str(said)


def items(
    lines: list[Line], notes: list[Note], feedback: list[Feedback], viewer: Viewer
) -> list[View]:
    """Messages, notes and feedback in the order of time."""
    shown: list[tuple[datetime, int, View]] = []
    for line in lines:
        shown.append((line.message.created_at, line.message.seq, _line(line, viewer)))
    begin, last = (shown[0][0], shown[-1][1] + 1) if shown else (viewer.now, 0)
    shown += [(note.at, last, _note(note, viewer)) for note in notes if note.at >= begin]
    shown += [(given.at, last, _given(given, viewer)) for given in feedback if given.at >= begin]
    return [view for _, _, view in sorted(shown, key=lambda entry: entry[:2])]


def _line(line: Line, viewer: Viewer) -> View:
    message, draft = line.message, line.message.draft
    steps = draft.card["steps"] if draft.card else []
    words = inbox_words()
    return {
        "kind": "message",
        "seq": message.seq,
        "author": draft.author if draft.author in words["author"] else "system",
        "name": _author(line),
        "at": message.created_at.isoformat(),
        "time": moment(message.created_at, viewer.now),
        "text": draft.text,
        "steps": [{**step, "words": words["steps"].get(step["state"], "")} for step in steps],
        "links": [link["label"] for link in draft.links],
        "choices": [
            {"label": choice.label, "pressed": choice.label == line.pressed}
            for choice in draft.choices
        ],
        "delivery": _delivery(line),
    }


def _author(line: Line) -> str:
    authors, author = inbox_words()["author"], line.message.draft.author
    if author == "staff" and line.staff_name:
        return line.staff_name
    return str(authors.get(author, authors["system"]))


def _delivery(line: Line) -> View | None:
    # On the web a word is delivered once it is in the journal: nothing to say about that.
    if line.delivery in (None, "journal") or not line.delivery_label:
        return None
    look = "bad" if line.undelivered else "muted"
    return {"look": look, "label": line.delivery_label}


def _note(note: Note, viewer: Viewer) -> View:
    return {
        "kind": "note",
        "id": note.id,
        "name": note.staff_name,
        "at": note.at.isoformat(),
        "time": moment(note.at, viewer.now),
        "text": note.text,
    }


def _given(given: Feedback, viewer: Viewer) -> View:
    words = inbox_words()["talk"]
    return {
        "kind": "feedback",
        "id": f"{given.seq}-{int(given.at.timestamp())}",
        "label": words["feedback_yes"] if given.helpful else words["feedback_no"],
        "at": given.at.isoformat(),
        "time": moment(given.at, viewer.now),
        "text": given.comment or "",
    }
