"""Where Rasa 3.6.21 is made faster; each module states the upstream behaviour that it keeps.

docs/adr/0008-speed.md says what each of them buys.
"""

import gc

from wire import pages


def apply() -> None:
    """Put all of them in place; after `import rasa`, before the model is loaded."""
    from rasa_components.fast import (
        actions,
        calls,
        domains,
        events,
        graph,
        logs,
        responses,
        rules,
        states,
        trackers,
        turns,
    )

    modules = (actions, calls, domains, events, graph, logs, responses, rules, states, trackers)
    for module in (*modules, turns):
        module.apply()


def settle() -> None:
    """What was made at the start stays: the collector looks at a turn's own objects only, and the
    heap lies in large pages."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    pages.gather()
