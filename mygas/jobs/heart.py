"""The worker's sign of life: a file that it touches, for who looks after the portal (domain.health)."""

import os

from flask import Flask

from mygas import clock

EVERY = 5.0  # seconds


def round_of(app: Flask) -> None:
    """Touch the file, by the portal's own clock."""
    path, now = app.extensions["settings"].heart, clock.now().timestamp()
    path.touch(mode=0o600)
    os.utime(path, (now, now))
