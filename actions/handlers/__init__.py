"""Rasa's custom actions: read the conversation, ask the domain, name a response."""

from rasa_sdk.interfaces import Action

from actions.handlers import (
    availability,
    billing,
    choice,
    clarify,
    credentials,
    handoff,
    identity,
    mails,
    procedure_check,
    small_questions,
    statement,
    status_lookup,
)
from actions.handlers.desk import Desk


def all_actions(desk: Desk) -> list[Action]:
    """Every handler that domain.yml names, given what it needs."""
    modules = (
        availability,
        billing,
        choice,
        clarify,
        credentials,
        handoff,
        identity,
        mails,
        procedure_check,
        small_questions,
        statement,
        status_lookup,
    )
    return [action for module in modules for action in module.actions(desk)]
