"""What the training bank does by itself: tells the portal what happened until it listens, and watches the time."""

import http.client
import json
import logging
import threading
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlsplit

from mygas.pretend_bank.bank import Bank
from mygas.pretend_bank.drawers import Thing, now_ms

_log = logging.getLogger(__name__)
_TICK = 0.1  # seconds between looks at what is due
_LONGEST = 300  # seconds between tries
_GIVES_UP = 24 * 3600 * 1000  # milliseconds after the event
_SWEEP = 36_000  # ticks, an hour, between sweeps of old keys


@dataclass
class Messenger:
    """`hook` is where the portal listens, `host` the name it goes by. One messenger a bank: it alone takes tasks out."""

    bank: Bank
    hook: str
    host: str
    patience: float = 5.0

    def start(self) -> None:
        """Work in a thread that ends with the process; a killed one leaves its tasks to the next."""
        threading.Thread(target=self._run, daemon=True, name="messenger").start()

    def round(self) -> int:
        """Do what is due; how much there was."""
        done = 0
        for file, task in self.bank.drawers.due():
            if task["do"] == "tell":
                self._tell(task)
            elif task["kind"] == "payments":
                self.bank.find(task["id"])
            else:
                self.bank.find_refund(task["id"])
            file.unlink(missing_ok=True)
            done += 1
        return done

    def _run(self) -> None:
        pause = threading.Event()
        ticks = 0
        while True:
            try:
                self.round()
                if ticks % _SWEEP == 0:
                    self.bank.drawers.forget_old_keys()
            except Exception:
                _log.exception("the training bank's messenger stumbled")
            ticks += 1
            pause.wait(_TICK)

    def _tell(self, task: Thing) -> None:
        """One try. A portal that does not answer 200 is told again later, after a pause that doubles."""
        body = json.dumps({"type": "notification", "event": task["event"], "object": task["object"]}).encode()
        if self._post(body) == 200 or task.get("once") or now_ms() - task["since"] > _GIVES_UP:
            return
        tries = task.get("tries", 0) + 1
        self.bank.drawers.promise(now_ms() + min(2**tries, _LONGEST) * 1000, {**task, "tries": tries})

    def _post(self, body: bytes) -> int:
        url = urlsplit(self.hook)
        try:
            with closing(http.client.HTTPConnection(url.hostname or "", url.port, timeout=self.patience)) as line:
                line.request("POST", url.path, body, {"Content-Type": "application/json", "Host": self.host})
                return line.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
