"""What holds for every answer of the product, whatever was said (spec/api.md, spec/voice.md)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

_TOPICS = """
    login_steps register_mypage register_web two_registrations registration_number
    availability procedure_check mail_missing mail_meaning login_failed link_missing change_info
    credentials_forgotten billing_start billing_zero status_lookup handoff faq capabilities greet
    thanks goodbye out_of_scope clarify"""
TOPICS = frozenset(_TOPICS.split())
_OUTCOMES = """
    number_unknown web_registration_needed mypage_registration_needed opening_mail_bounced
    login_ready wait_opening opening_delayed mail_address_wrong mail_delayed mail_trouble click_url
    wait_acceptance redo mail_missing"""
OUTCOMES = frozenset(_OUTCOMES.split())
_FIELDS = {
    "id", "seq", "author", "text", "choices", "links", "card", "topic", "outcome", "question",
    "facts", "created_at",
}  # fmt: skip
# What must never reach a member: payloads, intents, unfilled variables, other people's words.
_INTERNAL = re.compile(r"/[a-z_]{3,}|\{\{?|\}|utter_|action_|\bNone\b|nlu_|procedure_form")
_LONGEST_BUBBLE = 320
_LONGEST_LABEL = 20


def problems(replies: Sequence[Mapping[str, Any]]) -> list[str]:
    """Everything that is wrong with the replies of one turn; empty where they are in order."""
    if not replies:
        return ["no reply"]
    found = [line for reply in replies for line in _in_message(reply)]
    for reply in replies[:-1]:
        if reply["question"] or reply["choices"]:
            found.append(f"question or choices before the last reply: {reply['text'][:40]}")
    if replies[0]["topic"] not in TOPICS:
        found.append(f"topic {replies[0]['topic']}")
    seqs = [reply["seq"] for reply in replies]
    if seqs != list(range(seqs[0], seqs[0] + len(seqs))):
        found.append(f"seq {seqs}")
    return found


def _in_message(reply: Mapping[str, Any]) -> list[str]:
    found = []
    text = reply["text"]
    if set(reply) != _FIELDS:
        found.append(f"fields {set(reply) ^ _FIELDS}")
    if reply["author"] != "bot":
        found.append(f"author {reply['author']}: {text[:40]}")
    if not text.strip() or len(text) > _LONGEST_BUBBLE:
        found.append(f"{len(text)} characters: {text[:40]}")
    labels = [choice["label"] for choice in reply["choices"]]
    for said in (text, *labels):
        if _INTERNAL.search(said):
            found.append(f"internal: {said[:80]}")
    if any(set(choice) != {"id", "label", "value"} for choice in reply["choices"]):
        found.append(f"choices {reply['choices']}")
    if len(labels) != len(set(labels)) or any(len(label) > _LONGEST_LABEL for label in labels):
        found.append(f"labels {labels}")
    if reply["outcome"] is not None and reply["outcome"] not in OUTCOMES:
        found.append(f"outcome {reply['outcome']}")
    if reply["question"] and not reply["choices"]:
        found.append(f"question {reply['question']} without choices")
    return found
