"""Months as numbers: a `period` is year * 100 + month. Pure."""

from datetime import date


def first_day(period: int) -> date:
    """The day on which it begins."""
    return date(period // 100, period % 100, 1)


def following(period: int) -> int:
    """The month after it."""
    return period + 1 if period % 100 < 12 else (period // 100 + 1) * 100 + 1
