"""What only staff need who lead a caller: the answers as data, asking anew, both sides compared."""

from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker

from actions.domain.claims import Claims, asked_anew
from actions.domain.recorded import Difference, claims_from_registration, disagreements
from actions.handlers.desk import Desk, RegistryUnavailable, Speaker
from actions.handlers.reading import claim_events, claims, plain_claims, state_was_told
from actions.handlers.small_questions import end_check
from actions.handlers.telling import tell_found

_SAID = {
    Difference.subjects: "utter_note_subjects_differ",
    Difference.clicked: "utter_note_shared_mailbox",
}


def on_telephone(
    dispatcher: CollectingDispatcher, speaker: Speaker, before: Claims, after: Claims
) -> Claims:
    """The claims as staff go on with them; elsewhere they stay as they are.

    What hangs on a changed answer is asked anew, and the script's path is told as data.
    """
    if not speaker.on_telephone:
        return after
    after = asked_anew(before, after)
    _tell_answers(dispatcher, after)
    return after


def said_of(difference: Difference) -> str:
    """The response that says where caller and registry differ."""
    return _SAID.get(difference, f"utter_differs_{difference.value}")


async def tell_compared(
    desk: Desk,
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    speaker: Speaker,
    after: Claims,
) -> list[EventType] | None:
    """A verified caller's own words beside the registry, which decides; None where it is away."""
    try:
        found = await desk.look_up(speaker)
    except RegistryUnavailable:
        return None
    before = claims(tracker)
    after = on_telephone(dispatcher, speaker, before, after)
    recorded = claims_from_registration(found.record.registration if found.record else None)
    differing = dict.fromkeys(d.difference for d in disagreements(after, recorded))
    for difference in differing:
        dispatcher.utter_message(response=said_of(difference), topic="status_lookup")
    # The state was read aloud already: another time would only be long.
    if not differing or not state_was_told(tracker):
        await tell_found(dispatcher, desk, speaker, "status_lookup", found)
    return [*claim_events(before, after), *end_check(tracker)]


def _tell_answers(dispatcher: CollectingDispatcher, known: Claims) -> None:
    # A message without a text: the pipe gives its data to the next one (bot.rendering).
    dispatcher.utter_message(facts={"answers": plain_claims(known)})
