"""The five steps of the procedure as a picture of one registration (guide, steps 1-5)."""

from enum import StrEnum

from actions.domain.procedure import Outcome


class Step(StrEnum):
    """The steps in order; the id is the key of its label in the wording."""

    web_registration = "web_registration"
    application = "application"
    main_registration = "main_registration"
    opening = "opening"
    login = "login"


class StepState(StrEnum):
    """Where a step stands (spec/api.md, `card`)."""

    done = "done"
    current = "current"
    todo = "todo"
    problem = "problem"


_AT: dict[Outcome, tuple[Step, StepState]] = {
    Outcome.web_registration_needed: (Step.web_registration, StepState.current),
    Outcome.mypage_registration_needed: (Step.application, StepState.current),
    Outcome.mail_address_wrong: (Step.application, StepState.problem),
    Outcome.mail_delayed: (Step.main_registration, StepState.current),
    Outcome.mail_trouble: (Step.main_registration, StepState.problem),
    Outcome.click_url: (Step.main_registration, StepState.current),
    Outcome.wait_opening: (Step.opening, StepState.current),
    Outcome.opening_delayed: (Step.opening, StepState.problem),
    Outcome.opening_mail_bounced: (Step.login, StepState.current),
    Outcome.login_ready: (Step.login, StepState.current),
}


def progress(outcome: Outcome) -> tuple[tuple[Step, StepState], ...]:
    """State of each step for an outcome of the registry; empty where there is no picture."""
    if outcome not in _AT:
        return ()
    at, state = _AT[outcome]
    steps = list(Step)
    here = steps.index(at)
    return tuple(
        (step, StepState.done if i < here else state if i == here else StepState.todo)
        for i, step in enumerate(steps)
    )
