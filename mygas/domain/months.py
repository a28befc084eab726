"""Months as numbers: a `period` is year * 100 + month. Pure."""

from datetime import date, timedelta


def is_month(number: int) -> bool:
    """Whether the number is a period at all: of a year from 1 to 9998, so that there is a day after it."""
    return 100 < number < 9999_00 and 1 <= number % 100 <= 12


def first_day(period: int) -> date:
    """The day on which it begins."""
    return date(period // 100, period % 100, 1)


def last_day(period: int) -> date:
    """The day on which it ends."""
    return first_day(following(period)) - timedelta(days=1)


def following(period: int) -> int:
    """The month after it."""
    return period + 1 if period % 100 < 12 else (period // 100 + 1) * 100 + 1
