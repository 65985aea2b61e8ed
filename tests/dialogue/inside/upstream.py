"""What upstream did before `fast` was put in place: the tests ask both the same."""

from typing import Any

from rasa.core.actions.action import RemoteAction, action_for_name_or_text
from rasa.core.actions.forms import FormAction
from rasa.core.nlg import interpolator
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.core.policies.ensemble import DefaultPolicyPredictionEnsemble
from rasa.core.policies.rule_policy import RulePolicy
from rasa.core.processor import MessageProcessor
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker

UPSTREAM: dict[str, Any] = {
    "copy": DialogueStateTracker.copy,
    "resolve": Event.resolve_by_type,
    "temporary": FormAction._temporary_tracker,
    "rules": RulePolicy._find_action_from_rules,
    "keys": RulePolicy._get_possible_keys,
    "states": RulePolicy._prediction_states,
    "applied": DialogueStateTracker.applied_events,
    "action": action_for_name_or_text,
    "empty": Domain.is_empty,
    "call": RemoteAction._action_call_format,
    "draw": TemplatedNaturalLanguageGenerator._random_response_for,
    "fill": interpolator.interpolate_text,
    "update": DialogueStateTracker.update,
    "run": MessageProcessor._run_action,
    "limit": MessageProcessor.is_action_limit_reached,
    "expired": MessageProcessor._has_session_expired,
    "best": DefaultPolicyPredictionEnsemble._best_policy_prediction,
    "prediction": RulePolicy._rule_prediction,
}

from rasa_components import fast  # noqa: E402

fast.apply()
