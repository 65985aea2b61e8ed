"""The steps of a turn: without copies for actions that only read, without sums for messages.

Upstream copies the tracker before each action, in case its prediction's events must be taken back,
counts the actions since the last pause over a reversed copy of all events, asks each event for its
abstract class, and formats debug messages that nobody reads. Kept: the same events in the same
order with the same state after each of them; an action of another kind is run by upstream; a
response that fails is logged and its events are lost, as upstream does; the limit of actions; when
a session ends; which event was the last action's.
"""

import logging
import time

from rasa.core.actions.action import (
    Action,
    ActionBotResponse,
    ActionListen,
    ActionSessionStart,
    action_for_index,
)
from rasa.core.channels.channel import OutputChannel
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.policies.ensemble import DefaultPolicyPredictionEnsemble
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.exceptions import ActionLimitReached
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    BotUttered,
    Event,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

logger = logging.getLogger(__name__)

# They look at the tracker and never change it, never reject, and give no events but their own.
_READING = frozenset((ActionBotResponse, ActionListen, ActionSessionStart))
_PAUSES = (ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME)
_ACTIONS = frozenset((ActionExecuted, ActionExecutionRejected))
_run = MessageProcessor._run_action
_expired = MessageProcessor._has_session_expired
_best = DefaultPolicyPredictionEnsemble._best_policy_prediction


async def _run_action(
    self: MessageProcessor,
    action: Action,
    tracker: DialogueStateTracker,
    output_channel: OutputChannel,
    nlg: NaturalLanguageGenerator,
    prediction: PolicyPrediction,
) -> bool:
    if type(action) not in _READING:
        return bool(await _run(self, action, tracker, output_channel, nlg, prediction))
    name = action.name()
    events: list[Event] = []
    try:
        events = await action.run(output_channel, nlg, tracker, self.domain)
    except Exception:
        logger.exception("Encountered an exception while running action '%s'.", name)
    tracker.update_with_events(prediction.events, self.domain)
    tracker.update(action.event_for_successful_execution(prediction))
    tracker.update_with_events(events, self.domain)
    for event in events:
        if type(event) is BotUttered:
            await output_channel.send_response(tracker.sender_id, event.message())
    return name not in _PAUSES


def _predicted(
    self: MessageProcessor, tracker: DialogueStateTracker
) -> tuple[Action, PolicyPrediction]:
    if tracker.latest_action_name not in _PAUSES and _actions_since_pause(
        tracker, self.max_number_of_predictions
    ):
        raise ActionLimitReached("The limit of actions to predict has been reached.")
    prediction = self._predict_next_with_tracker(tracker)
    index = prediction.max_confidence_index
    return action_for_index(index, self.domain, self.action_endpoint), prediction


def _actions_since_pause(tracker: DialogueStateTracker, most: int) -> bool:
    """Whether there have been `most` actions since the last pause."""
    count = 0
    for event in reversed(tracker.events):
        if type(event) is ActionExecuted:
            if event.action_name in _PAUSES:
                break
            count += 1
    return count >= most


def _has_session_expired(self: MessageProcessor, tracker: DialogueStateTracker) -> bool:
    config = self.domain.session_config
    if not config.are_sessions_enabled():
        return False
    for event in reversed(tracker.applied_events()):
        if type(event) is UserUttered:
            minutes = (time.time() - event.timestamp) / 60
            # Near the border or behind it upstream decides.
            if minutes < config.session_expiration_time - 1:
                return False
            break
    return bool(_expired(self, tracker))


def _best_policy_prediction(
    predictions: list[PolicyPrediction], tracker: DialogueStateTracker, domain: Domain
) -> PolicyPrediction:
    for event in reversed(tracker.events):
        if type(event) in _ACTIONS:
            if type(event) is ActionExecuted:  # nothing was rejected
                return DefaultPolicyPredictionEnsemble._pick_best_policy(predictions)
            break
    return _best(predictions, tracker, domain)


def apply() -> None:
    """Put it in place."""
    MessageProcessor._run_action = _run_action
    MessageProcessor.predict_next_with_tracker_if_should = _predicted
    MessageProcessor._has_session_expired = _has_session_expired
    DefaultPolicyPredictionEnsemble._best_policy_prediction = staticmethod(_best_policy_prediction)
