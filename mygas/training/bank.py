"""The pretend bank of a shift: its API answers in a thread of this very process, so that lessons need no process of their own.

The portal speaks to it over HTTP by the client of production. It sends no notifications: the portal asks, as it does of every
bank whose notifications are lost.
"""

import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import waitress
from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from mygas import pretend_bank
from mygas.gateways.bank import PRETEND_SHOP
from mygas.pretend_bank import MOUNT, Faults


class Counter:
    """Where the bank of a shift is found by this process: the portal must know its port before it is there to be paid through."""

    def __init__(self) -> None:
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        self._server: Any = None

    def open(self, app: Flask, folder: Path, public_url: str) -> None:
        """Answer, out of the files in the folder, and hang the pages for payers into the portal."""
        bank = pretend_bank.open_in(folder, public_url, Faults(lost=100))
        app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {MOUNT: pretend_bank.pages(bank)})  # type: ignore[method-assign]
        api = pretend_bank.api(bank, PRETEND_SHOP)
        self._server = waitress.create_server(api, map={}, sockets=[self._door], threads=2, ident="")
        threading.Thread(target=self._run, daemon=True, name="training bank").start()

    def close(self) -> None:
        self._server.close()

    def _run(self) -> None:
        with suppress(OSError):  # its door was closed while it listened
            self._server.run()
