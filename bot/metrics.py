"""Figures for the operator (private listener, Prometheus format)."""

from prometheus_client import Counter, Gauge

TURNS = Counter("navi_turns", "Turns by channel and how they ended", ["channel", "result"])
REGISTRY_REFUSALS = Counter(
    "navi_registry_refusals", "Look-ups that gave no state answer, by reason", ["reason"]
)
REGISTRY_AS_OF = Gauge("navi_registry_as_of_seconds", "Unix time of the registry data told last")
LINE_EVENTS = Counter("navi_line_events", "LINE webhook events by kind", ["kind"])
LINE_DELIVERIES = Counter(
    "navi_line_deliveries", "Answers on LINE by how they went out, or why not", ["result"]
)
MAILS = Counter("navi_mails_total", "Tries to send a mail, by what became of it", ["state"])
