"""How the training portal hangs under the real one: each learner is led to his shift, and only so many are served at a time."""

from collections.abc import Iterable
from dataclasses import replace
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from werkzeug.http import parse_cookie
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Response
from werkzeug.wsgi import ClosingIterator

from mygas.settings import TRAINING, Settings
from mygas.training.shifts import Shifts, number_now

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SERVED, WAITING = 2, 3
"""Learners at a time whose pages are being made, and who wait for their turn, of the eight threads of a web server: the others
are always free for those who came on business."""
PATIENCE = 5.0  # seconds

_BUSY = """<!doctype html><html lang="ru"><meta charset="utf-8"><title>Подождите минуту</title>
<main id="main"><h1>Подождите минуту</h1>
<p>Сейчас учатся очень многие. Обновите страницу через минуту: всё, что Вы прошли, сохранено.</p></main></html>
"""


def mounted(portal: "WSGIApplication", shifts: Shifts, settings: Settings) -> "WSGIApplication":
    """The portal, and under TRAINING the shifts."""
    cookie = replace(settings, mount=TRAINING).cookie("learner")
    return DispatcherMiddleware(portal, {TRAINING: _Gate(shifts, cookie)})


class _Gate:
    def __init__(self, shifts: Shifts, cookie: str) -> None:
        self._shifts, self._cookie = shifts, cookie
        self._room, self._turns = BoundedSemaphore(SERVED + WAITING), BoundedSemaphore(SERVED)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if not self._room.acquire(blocking=False):
            return _busy(environ, start_response)
        if not self._turns.acquire(timeout=PATIENCE):
            self._room.release()
            return _busy(environ, start_response)
        try:
            answer = self._shifts.app(self._number(environ))(environ, start_response)
        except BaseException:
            self._leave()
            raise
        return ClosingIterator(answer, [self._leave])

    def _leave(self) -> None:
        self._turns.release()
        self._room.release()

    def _number(self, environ: "WSGIEnvironment") -> int:
        """The learner's shift, by the cookie that named it when he began."""
        number, _, _ = parse_cookie(environ).get(self._cookie, "").partition(".")
        return int(number) if number.isascii() and number.isdigit() and len(number) < 10 else number_now()


def _busy(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    headers = {"Retry-After": "60", "Cache-Control": "no-store"}
    return Response(_BUSY, 503, headers, content_type="text/html; charset=utf-8")(environ, start_response)
