"""How members say a date: written, era, relative, weekday, spelled out (ADR 0003)."""

from actions.domain.dates.read import DateReading, read_date

__all__ = ["DateReading", "read_date"]
