"""What the worker does for those who learn: sends what could not be sent at once, asks the pretend bank, clears old shifts."""

from flask import Flask

from mygas.jobs import cashier, relay

EVERY = 2.0  # seconds


def round_of(app: Flask) -> None:
    """Where no training portal hangs beside the real one, nothing."""
    shifts = app.extensions.get("shifts")
    for shift in shifts.begun() if shifts else ():
        with shift.app_context():
            relay.round_of(shift)
            cashier.round_of(shift)
