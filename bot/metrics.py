"""Figures for the operator (private listener, Prometheus format)."""

from prometheus_client import Counter, Gauge, Histogram

TURNS = Counter("navi_turns", "Turns by channel and how they ended", ["channel", "result"])
TURN_SECONDS = Histogram(
    "navi_turn_seconds",
    "Seconds from a turn's begin to its stored answer, by channel",
    ["channel"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
LISTENERS = Gauge("navi_listeners", "Open event streams of this process")
WAITING = Gauge("navi_waiting", "What waits in the database, by queue", ["queue"])
OLDEST_WAITING = Gauge(
    "navi_oldest_waiting_seconds", "Age of what waits longest, by queue; 0: nothing", ["queue"]
)
UP = Gauge("navi_up", "1 where this app reaches it", ["part"])
IMPORT_AS_OF = Gauge(
    "navi_registry_import_as_of_seconds", "Unix time to which the newest import belongs; 0: none"
)
REGISTRY_REFUSALS = Counter(
    "navi_registry_refusals", "Look-ups that gave no state answer, by reason", ["reason"]
)
REGISTRY_AS_OF = Gauge("navi_registry_as_of_seconds", "Unix time of the registry data told last")
LINE_EVENTS = Counter("navi_line_events", "LINE webhook events by kind", ["kind"])
LINE_DELIVERIES = Counter(
    "navi_line_deliveries", "Answers on LINE by how they went out, or why not", ["result"]
)
MAILS = Counter("navi_mails_total", "Tries to send a mail, by what became of it", ["state"])
