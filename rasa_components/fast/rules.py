"""RulePolicy: what cannot match is not tried, what was matched before is remembered.

Upstream compares every rule with every state of the conversation, once for the message's text
and once for its intent. A rule says something about its last states only; so the answer depends
on as many states as the longest rule has, and it is kept by them. The pass for the text is left
out where no rule can match without an intent. Kept: the action, the matching rule and whether
the policy returns from an unhappy path; where no rule matches, upstream's name for "none" is the
whole conversation as a string that nothing reads, here it is empty.
"""

import json
from collections import OrderedDict
from typing import Any

from rasa.core.policies import rule_policy
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.policies.rule_policy import (
    RULES,
    RULES_FOR_LOOP_UNHAPPY_PATH,
    RULES_NOT_IN_STORIES,
    RulePolicy,
)
from rasa.shared.core.constants import ACTION_LISTEN_NAME, PREVIOUS_ACTION, USER
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import LoopInterrupted
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ACTION_NAME, INTENT

from rasa_components.fast.events import told

Found = tuple[str | None, str | None, bool]
_find = RulePolicy._find_action_from_rules
_possible = RulePolicy._get_possible_keys
_MOST = 20_000


class _Known:
    """What is known of one policy's rules."""

    def __init__(self, policy: RulePolicy) -> None:
        self.lookup = policy.lookup
        keys = [*policy.lookup[RULES], *policy.lookup[RULES_FOR_LOOP_UNHAPPY_PATH]]
        rules = [json.loads(key) for key in keys]
        self.longest = max((len(states) for states in rules), default=1)
        self.text_can_match = any(_matches_without_intent(states[-1]) for states in rules if states)
        self.possible: OrderedDict[str, set[str]] = OrderedDict()
        self.found: OrderedDict[str, Found] = OrderedDict()
        self.not_in_stories = frozenset(policy.lookup.get(RULES_NOT_IN_STORIES, ()))


def _matches_without_intent(state: dict[str, Any]) -> bool:
    """Whether a rule's last state may fit right after a message without looking at its intent."""
    previous = state.get(PREVIOUS_ACTION, {}).get(ACTION_NAME)
    return previous in (None, ACTION_LISTEN_NAME) and INTENT not in state.get(USER, {})


def _known(policy: RulePolicy) -> _Known:
    known: _Known | None = policy.__dict__.get("_known_rules")
    if known is None or known.lookup is not policy.lookup:
        known = policy.__dict__["_known_rules"] = _Known(policy)
    return known


def longest_rule(policy: RulePolicy) -> int:
    """How many states the longest rule of the policy looks back."""
    return _known(policy).longest


def _find_action_from_rules(
    self: RulePolicy,
    tracker: DialogueStateTracker,
    domain: Domain,
    use_text_for_last_user_input: bool,
) -> Found:
    known = _known(self)
    if use_text_for_last_user_input:
        if not known.text_can_match:
            return None, None, False
    elif tracker.active_loop_name is None:
        # Nothing but the states decides: no form that could be interrupted.
        states = self._prediction_states(
            tracker, domain, False, rule_only_data=self._get_rule_only_data()
        )
        key = told(states[-known.longest :])
        found = known.found.get(key)
        if found is None:
            found = _find(self, tracker, domain, False)
            known.found[key] = found
            if len(known.found) > _MOST:
                known.found.popitem(last=False)
        return found
    return _find(self, tracker, domain, use_text_for_last_user_input)  # type: ignore[no-any-return]


def _rule_prediction(
    self: RulePolicy,
    probabilities: list[float],
    prediction_source: str,
    returning_from_unhappy_path: bool = False,
    is_end_to_end_prediction: bool = False,
    is_no_user_prediction: bool = False,
) -> PolicyPrediction:
    return PolicyPrediction(
        probabilities,
        self.__class__.__name__,
        self.priority,
        events=[LoopInterrupted(True)] if returning_from_unhappy_path else [],
        is_end_to_end_prediction=is_end_to_end_prediction,
        is_no_user_prediction=is_no_user_prediction,
        hide_rule_turn=prediction_source in _known(self).not_in_stories,
    )


def _get_possible_keys(
    self: RulePolicy, lookup: dict[str, str], states: list[dict[str, Any]]
) -> set[str]:
    known = _known(self)
    last = states[-known.longest :]
    which = "r" if lookup is known.lookup[RULES] else "u"
    key = which + told(last)
    found = known.possible.get(key)
    if found is None:
        found = _possible(self, lookup, last)
        known.possible[key] = found
        if len(known.possible) > _MOST:
            known.possible.popitem(last=False)
    return found


def apply() -> None:
    """Put it in place."""
    RulePolicy._find_action_from_rules = _find_action_from_rules
    RulePolicy._get_possible_keys = _get_possible_keys
    RulePolicy._rule_prediction = _rule_prediction
    RulePolicy._create_feature_key = staticmethod(_create_feature_key)
    assert rule_policy  # the module that is changed


def _create_feature_key(states: list[dict[str, Any]]) -> str:
    return ""
