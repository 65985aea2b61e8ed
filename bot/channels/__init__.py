"""One folder a channel: inbound, rendering, and what only that channel needs."""
