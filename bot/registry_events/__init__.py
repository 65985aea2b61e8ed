"""Changes that the cooperative's systems report as they happen (docs/registry-events.md)."""
