"""Outcomes as responses: which key, which variables, which data go with it."""

from datetime import date
from typing import Any

from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker

from actions.domain.answers import url_failed
from actions.domain.calendar import tokyo_date
from actions.domain.claims import Claims, advise_from_claims
from actions.domain.japanese import say_date, say_instant
from actions.domain.procedure import Advice, Note, Outcome, advise_from_registry
from actions.domain.progress import progress
from actions.domain.registration import MailKind, Registration
from actions.handlers.desk import Desk, LookUp, Speaker
from actions.handlers.handing_over import is_noted, tell_noted
from actions.handlers.reading import asked_before, heard, said_before, told_last

# After these 「エラーになりました」 is said of the mail's URL.
_URL_WAS_TO_PRESS = frozenset(
    {"utter_claims_click_url", "utter_registry_click_url", "utter_url_error"}
)
# Notes that are told after the outcome, in this order.
_TOLD_NOTES = (
    Note.acceptance_mail_bounced,
    Note.older_application_reached,
    Note.several_applications,
)


async def tell_registry(
    dispatcher: CollectingDispatcher, desk: Desk, speaker: Speaker, topic: str
) -> Advice:
    """Tell what the registry knows of a verified member. Raises RegistryUnavailable."""
    return await tell_found(dispatcher, desk, speaker, topic, await desk.look_up(speaker))


async def tell_found(
    dispatcher: CollectingDispatcher, desk: Desk, speaker: Speaker, topic: str, found: LookUp
) -> Advice:
    """The same from a look-up that was made already."""
    registration = found.record.registration if found.record else None
    advice = advise_from_registry(registration, speaker.now, await desk.calendar(), desk.rules)
    dispatcher.utter_message(
        response="utter_registry_" + _variant(advice),
        topic=topic,
        outcome=advice.outcome.value,
        facts=advice.facts(),
        card=_card(advice.outcome),
        as_of=say_instant(found.as_of),
        sent=_sent_on(registration, speaker.today),
        **_dates(advice, speaker, desk),
    )
    if registration is not None:
        _tell_notes(dispatcher, advice, registration, speaker)
    if advice.handover:
        await tell_noted(desk, dispatcher, speaker.conversation_id, topic)
    return advice


async def tell_claims(
    dispatcher: CollectingDispatcher, desk: Desk, speaker: Speaker, claims: Claims
) -> Advice:
    """Tell what follows from the member's own words."""
    advice = advise_from_claims(claims, speaker.today, await desk.calendar(), desk.rules)
    # Nobody knows of a guest's trouble where there is no console: then it is theirs to call.
    noted = advice.handover and await is_noted(desk, speaker.conversation_id)
    variant = _variant(advice, dated=advice.earliest_date is not None)
    dispatcher.utter_message(
        response=f"utter_claims_{variant}" + ("_noted" if noted else ""),
        topic="procedure_check",
        outcome=advice.outcome.value,
        facts=advice.facts(),
        **_dates(advice, speaker, desk),
    )
    if noted:
        await tell_noted(desk, dispatcher, speaker.conversation_id, "procedure_check")
    return advice


def tells_of_url(tracker: Tracker) -> bool:
    """Whether the message tells that the URL failed which the bot has just asked to press."""
    return bool(told_last(tracker) & _URL_WAS_TO_PRESS) and url_failed(heard(tracker).text)


def tell_url_error(dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
    """A mail's URL failed: apply again; when that failed too, a person."""
    told = asked_before(tracker, "url_error") or said_before(tracker, "utter_url_error")
    dispatcher.utter_message(response="utter_url_error" + ("_again" if told else ""))


def _variant(advice: Advice, dated: bool = True) -> str:
    if advice.outcome is not Outcome.wait_opening:
        return advice.outcome.value
    if not dated:
        return "wait_opening_undated"
    return "wait_opening_later" if advice.later_than_earliest else "wait_opening"


def _dates(advice: Advice, speaker: Speaker, desk: Desk) -> dict[str, Any]:
    today = speaker.today
    counted = advice.accepted_on or advice.applied_on
    return {
        "earliest": say_date(advice.earliest_date, today) if advice.earliest_date else "",
        "accepted": say_date(counted, today) if counted else "",
        "applied": say_date(advice.applied_on, today) if advice.applied_on else "",
        "elapsed": str(advice.business_days_elapsed or 0),
        "contact": desk.contact,
    }


def _sent_on(registration: Registration | None, today: date) -> str:
    """The day on which the first mail of the application that counts was sent."""
    application = registration.application_that_counts() if registration else None
    if application is None:
        return ""
    mail = application.newest_mail(MailKind.confirmation)
    sent_at = mail.sent_at if mail and mail.sent_at else application.applied_at
    return say_date(tokyo_date(sent_at), today)


def _card(outcome: Outcome) -> dict[str, Any] | None:
    steps = [{"key": step.value, "state": state.value} for step, state in progress(outcome)]
    return {"kind": "progress", "steps": steps} if steps else None


def _tell_notes(
    dispatcher: CollectingDispatcher, advice: Advice, registration: Registration, speaker: Speaker
) -> None:
    told = [note for note in _TOLD_NOTES if note in advice.notes]
    if Note.older_application_reached in told and Note.several_applications in told:
        told.remove(Note.several_applications)
    dates = sorted(tokyo_date(a.applied_at) for a in registration.applications)
    counts = say_date(advice.applied_on, speaker.today) if advice.applied_on else ""
    for note in told:
        dispatcher.utter_message(
            response=f"utter_note_{note}",
            count=str(len(dates)),
            dates="、".join(say_date(day, speaker.today) for day in dates),
            counts=counts,
        )
