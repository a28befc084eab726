"""Messages that nobody asked for at this moment, about readings and announcements: planned here, delivered by the outbox."""

from flask import Flask

from mygas import clock
from mygas.domain import announcement_letters, reminders
from mygas.domain.reading_window import window


def remind(app: Flask) -> int:
    """Remind those who want it that a window has opened, or closes soon, each supplier by his own clock; returns how many."""
    promised = 0
    for supplier in app.extensions["suppliers"].values():
        now = clock.now().astimezone(supplier.time_zone)
        if occasion := reminders.occasion(supplier, window(supplier.readings, now.date()), now):
            promised += reminders.plan(occasion)
    return promised


def tell_verdicts(app: Flask) -> int:
    """Tell those who want it what came of their readings; returns how many are told."""
    return reminders.tell_verdicts(app.extensions["suppliers"].values())


def announce(app: Flask) -> int:
    """Tell those who want it of announcements that are to be sent; returns at how many users it looked."""
    return announcement_letters.tell_due(app.extensions["suppliers"])
