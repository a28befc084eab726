"""Does every code arrive while the worker and Redis are killed with -9?

    python -m bench.codes_under_kill [--registrations 200] [--kills 18]

Starts `flask up` on a scratch folder and registers people by phone and by e-mail over HTTP while the nemesis kills. Each
client writes its own history, line by line; in the end it is compared with what reached people, and every code or link
is used. Exits 1 when one was lost or did not work.
"""

import argparse
import json
import os
import random
import re
import signal
import sys
import tempfile
import threading
import time
from collections import defaultdict
from datetime import datetime
from itertools import cycle
from pathlib import Path

from bench.visitor import Visitor
from tests.e2e.portal import Portal, running

CLIENTS = 4
VICTIMS = (("worker",), ("redis",), ("worker", "redis"))
PASSWORD = "Gaz2026x"  # noqa: S105 - of nobody
LONGEST_WAIT = 120.0  # seconds after the last registration


class History:
    """Append-only, written by the clients: what was asked for, when, and that the portal said yes."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._file = path.open("a", encoding="utf-8")
        self.asked_at: dict[str, float] = {}
        self.visitors: dict[str, Visitor] = {}
        self.refused: list[str] = []

    def note(self, visitor: Visitor, contact: str, asked_at: float, answered_at: float) -> None:
        accepted = visitor.path == "/join/code"
        line = {"contact": contact, "asked": asked_at, "answered": answered_at, "status": visitor.status, "path": visitor.path}
        with self._lock:
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()
            if accepted:
                self.asked_at[contact], self.visitors[contact] = asked_at, visitor
            else:
                self.refused.append(f"{contact}: {visitor.status} at {visitor.path}")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--registrations", type=int, default=200)
    options.add_argument("--kills", type=int, default=18)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="mygas-kill-") as folder:
        env = {"MYGAS_PROXIES": "1", "MYGAS_CAPTCHA": "off", "MYGAS_REQUESTS": "100000 per minute"}
        with running(Path(folder), **env) as portal:
            return trial(portal, asked.registrations, asked.kills)


def trial(portal: Portal, registrations: int, kills: int) -> int:
    """One run; prints its figures and returns the exit status."""
    history = History(portal.folder / "history.jsonl")
    shares = [range(first, registrations, CLIENTS) for first in range(CLIENTS)]
    clients = [threading.Thread(target=register, args=(portal, history, share)) for share in shares]
    over = threading.Event()
    nemesis = Nemesis(portal, kills, over)
    for thread in (*clients, nemesis):
        thread.start()
    for client in clients:
        client.join()
    over.set()
    nemesis.join()
    drained = wait_for_all(portal, set(history.asked_at))
    return tell(portal, history, nemesis.killed, drained)


def register(portal: Portal, history: History, numbers: range) -> None:
    """Ask for a code for each number; odd ones by e-mail, even ones by phone. Each comes from an address of its own."""
    for number in numbers:
        contact = f"killed{number}@example.ru" if number % 2 else f"+7912{number:07d}"
        visitor = Visitor(portal.port, f"10.20.{number // 250}.{number % 250 + 1}")
        visitor.get("/join/contact")
        asked_at = time.time()
        visitor.submit(login=contact, password=PASSWORD, password2=PASSWORD)
        history.note(visitor, contact, asked_at, time.time())
        visitor.close()  # the portal lets an idle connection go after 15 s
        time.sleep(random.uniform(0.5, 1.5))  # noqa: S311 - a pause


class Nemesis(threading.Thread):
    """Kills -9 the worker, Redis, and both, in turn, at uneven times, until it has done enough or all is over."""

    def __init__(self, portal: Portal, kills: int, over: threading.Event) -> None:
        super().__init__(name="nemesis")
        self._portal, self._kills, self._over = portal, kills, over
        self.killed: dict[str, int] = defaultdict(int)

    def run(self) -> None:
        victims = cycle(VICTIMS)
        while sum(self.killed.values()) < self._kills and not self._over.wait(random.uniform(0.2, 6.0)):  # noqa: S311
            alive = self._portal.children()
            for name in next(victims):
                for pid in alive.get(name, ()):
                    os.kill(pid, signal.SIGKILL)
                    self.killed[name] += 1


def wait_for_all(portal: Portal, contacts: set[str]) -> float:
    """Until something has reached every contact, or patience ends; seconds it took."""
    began = time.monotonic()
    while time.monotonic() - began < LONGEST_WAIT and contacts - {message["to"] for message in portal.messages()}:
        time.sleep(0.1)
    return time.monotonic() - began


def tell(portal: Portal, history: History, killed: dict[str, int], drained: float) -> int:
    letters: dict[str, list[dict[str, str]]] = defaultdict(list)
    for message in portal.messages():
        letters[message["to"]].append(message)
    lost = sorted(set(history.asked_at) - set(letters))
    arrived = [contact for contact in history.asked_at if contact in letters]
    dead = [contact for contact in arrived if not works(portal, history, contact, letters[contact])]
    twice = [contact for contact, sent in letters.items() if len(sent) > 1]
    first = {contact: datetime.fromisoformat(sent[0]["at"]).timestamp() for contact, sent in letters.items()}
    delays = sorted(first[contact] - history.asked_at[contact] for contact in arrived)
    print(f"killed with -9: {', '.join(f'{name} {count}' for name, count in sorted(killed.items()))}")
    print(f"accepted {len(history.asked_at)}, refused {len(history.refused)}, delivered {len(delays)}, lost {len(lost)}")
    print(f"codes and links that did not work: {len(dead)}; sent more than once: {len(twice)}")
    p50, p90, p99 = (at(delays, share) for share in (0.5, 0.9, 0.99))
    print(f"delivery: p50 {p50:.3f} s, p90 {p90:.3f} s, p99 {p99:.3f} s, max {delays[-1]:.3f} s")
    print(f"the last arrived {drained:.1f} s after the last registration")
    for name, which in (("refused", history.refused), ("lost", lost), ("did not work", dead)):
        print("".join(f"  {name}: {one}\n" for one in which), end="")
    return 1 if lost or dead or history.refused else 0


def works(portal: Portal, history: History, contact: str, letters: list[dict[str, str]]) -> bool:
    """Whether the letter takes its reader on to the consent: by its code, or, for every second letter, by its link."""
    text = letters[-1]["text"]
    visitor = history.visitors[contact]
    link = re.search(r"/confirm/\S+", text)
    if link and sum(map(ord, contact)) % 2:
        visitor = Visitor(portal.port, visitor.address)
        visitor.get(link[0]).submit()
        visitor.submit(password=PASSWORD, password2=PASSWORD)  # another browser: the password is chosen anew
    else:
        code = re.search(r"\b[0-9]{6}\b", text)
        visitor.submit(code=code[0] if code else "")
    visitor.close()
    return visitor.path == "/join/consent"


def at(ordered: list[float], share: float) -> float:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


if __name__ == "__main__":
    sys.exit(main())
