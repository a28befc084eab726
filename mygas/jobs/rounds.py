"""What the worker does by itself, again and again: each kind of errand on a thread of its own, so that none waits for another."""

import logging
import threading
from collections.abc import Callable

from flask import Flask

_log = logging.getLogger("mygas.jobs")


class Rounds(threading.Thread):
    """Calls `deed` now and then again every `every` seconds, inside the app, until `stop`. One that fails is logged."""

    def __init__(self, app: Flask, name: str, every: float, deed: Callable[[Flask], object]) -> None:
        super().__init__(name=name, daemon=True)
        self._app, self._every, self._deed = app, every, deed
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.is_set():
            with self._app.app_context():
                try:
                    self._deed(self._app)
                except Exception:
                    _log.exception("a round failed", extra={"round": self.name})
            self._over.wait(self._every)

    def stop(self) -> None:
        self._over.set()
