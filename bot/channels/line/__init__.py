"""The LINE channel: webhook in, store, worker, rendering, sending, account link, rich menu."""
