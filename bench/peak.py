"""The last day of the window: does every reading that was said to be taken leave for the supplier, and how long do people wait?

    python -m bench.peak [--rate 50] [--seconds 60] [--viewers 200]

Starts `flask up` on a scratch folder with a region, and signs people in through the domain: as many senders as there will be
readings, each with the form on his screen, and others who look at their accounts. Then `rate` readings a second are sent for
`seconds` next to as many page views a second, each at its appointed time however slow the one before was, so that a wait
counts from then on. Before it the same is asked one by one: the idle baseline. In the end `flask export` writes the registry,
and what was said to be taken is looked for in it. Exits 1 when one is not there, or twice, or another than was sent; or when one
of a hundred had to wait longer than half a second.
"""

import argparse
import csv
import http.client
import os
import re
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask

from bench.people import newcomer
from mygas import clock, create_app
from mygas.domain import signing_in
from mygas.domain.metering import plain_volume
from mygas.domain.meters_now import meters_now
from mygas.domain.reading_window import window
from mygas.domain.visitors import Visitor
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.models import Account, Connection, Meter
from mygas.settings import from_environment
from tests.e2e.portal import ROOT, Portal, command, environment, running

SUPPLIER = "perm"
HANDS = 64  # threads of the load: more than may be waiting at once
BASELINE = 60  # requests of each kind, one by one
MORE_MILLI = 3_000  # what each sends over what is known: little enough to raise no question
LONGEST = 500.0  # milliseconds that one of a hundred may wait
LIMITS = {"MYGAS_REQUESTS": "1000000 per minute"}
_HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')
_ATTRIBUTE = re.compile(r'(name|value)="([^"]*)"')


@dataclass
class Person:
    """Somebody signed in, at his account's page. `value` is what he will send of his meter, `form` what stands on his screen."""

    home: str
    cookie: str
    account: str
    meter_id: int
    value: str
    form: dict[str, str] = field(default_factory=dict)


@dataclass
class Waits:
    """Seconds from the appointed time to the answer, by what was asked; and what was answered otherwise than expected."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: {"reading": [], "page": []})
    wrong: Counter[str] = field(default_factory=Counter)
    taken: list[Person] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, waited: float, answered: int, expected: int, person: Person) -> None:
        with self.lock:
            self.seconds[kind].append(waited)
            if answered != expected:
                self.wrong[f"{kind} answered {answered}"] += 1
            elif kind == "reading":
                self.taken.append(person)


class Hand:
    """One kept-alive connection to the portal."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def ask(self, method: str, path: str, person: Person, form: dict[str, str] | None = None) -> tuple[int, str]:
        """Status and body; opens the connection anew where the portal has let go of an idle one."""
        headers = {"Cookie": person.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode(form) if form is not None else None
        try:
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
        except http.client.RemoteDisconnected:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=120)
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
        text = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie", []):
            name, _, value = line.partition(";")[0].partition("=")
            others = [pair for pair in person.cookie.split("; ") if not pair.startswith(f"{name}=")]
            person.cookie = "; ".join([*others, f"{name}={value}"])
        return answer.status, text

    def open_form(self, person: Person) -> None:
        """What a person does before he types: the form with its hidden fields is on his screen."""
        status, page = self.ask("GET", f"{person.home}readings/send", person)
        assert status == 200, (status, page)
        main = page[page.index("<main") :]
        hidden = [dict(_ATTRIBUTE.findall(tag)) for tag in _HIDDEN.findall(main[: main.index("</form>")])]
        person.form = {unescape(one["name"]): unescape(one.get("value", "")) for one in hidden}
        person.form[f"reading_{person.meter_id}"] = person.value

    def send(self, person: Person, due: float, waits: Waits) -> None:
        status, _ = self.ask("POST", f"{person.home}readings/send", person, person.form)
        waits.note("reading", time.perf_counter() - due, status, 303, person)

    def look(self, person: Person, due: float, waits: Waits) -> None:
        status, _ = self.ask("GET", person.home, person)
        waits.note("page", time.perf_counter() - due, status, 200, person)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=int, default=50, help="readings a second, and page views a second")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--viewers", type=int, default=200)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mygas-peak-") as scratch, running(Path(scratch), **LIMITS) as portal:
        return trial(portal, asked.rate, asked.seconds, asked.viewers)


def trial(portal: Portal, rate: int, seconds: int, viewers: int) -> int:
    """One run; prints its figures and returns the exit status."""
    people = prepare(portal, rate * seconds + BASELINE + viewers)
    senders, early, lookers = people[: rate * seconds], people[rate * seconds : -viewers], people[-viewers:]
    hands = [Hand(portal.port) for _ in range(HANDS)]
    in_turn(hands[:8], [lambda hand, person=person: hand.open_form(person) for person in (*senders, *early)])
    calm, peak = Waits(), Waits()
    for person, looker in zip(early, lookers * BASELINE, strict=False):
        hands[0].send(person, time.perf_counter(), calm)
        hands[0].look(looker, time.perf_counter(), calm)
    load_before, began = os.getloadavg()[0], time.perf_counter()
    deeds = []
    for index, person in enumerate(senders):
        due = began + 1 + index / rate
        looker = lookers[index % viewers]
        deeds.append((due, lambda hand, person=person, due=due: hand.send(person, due, peak)))
        deeds.append((due + 0.5 / rate, lambda hand, looker=looker, due=due + 0.5 / rate: hand.look(looker, due, peak)))
    at_their_time(hands, deeds)
    took = time.perf_counter() - began - 1
    print(f"{rate} readings/s next to {rate} page views/s for {seconds} s, done in {took:.1f} s; load {load_before:.1f} before,"
          f" {os.getloadavg()[0]:.1f} after")  # fmt: skip
    for kind in ("reading", "page"):
        tell(kind, calm.seconds[kind], peak.seconds[kind])
    slow = any(at(sorted(waits), 0.99) > LONGEST for waits in peak.seconds.values())
    return verify(portal, [*calm.taken, *peak.taken], calm.wrong + peak.wrong, [*senders, *early]) or int(slow)


def prepare(portal: Portal, count: int) -> list[Person]:
    """Import a region, connect that many people to accounts with one hanging meter, and sign them in."""
    env = environment(portal.folder, portal.port, **LIMITS)
    registry = str(portal.folder / "region")
    for words in (
        ("demo-data", registry, "--supplier", SUPPLIER, "--accounts", str(count * 5 // 4 + 100)),
        ("import", registry, "--supplier", SUPPLIER),
    ):
        subprocess.run(command(*words), cwd=ROOT, env=env, check=True, capture_output=True)
    app = create_app(from_environment(env))
    with app.app_context(), unit_of_work():
        metered = db.select(Account).where(Account.supplier == SUPPLIER, Account.id.in_(db.select(Meter.account_id)))
        accounts = list(db.session.scalars(metered.order_by(Account.id).limit(count)))
        assert len(accounts) == count, "the region is too small"
        return [_connected(app, account) for account in accounts]


def _connected(app: Flask, account: Account) -> Person:
    supplier, now = app.extensions["suppliers"][SUPPLIER], clock.now()
    visitor = Visitor("127.0.0.1", "bench", app.extensions["entry_rules"])
    user = newcomer(visitor, f"{secrets.token_hex(8)}@example.ru")
    connection = Connection(user_id=user.id, account_id=account.id, supplier=SUPPLIER, slot=1, access="extended",
                            proof="pin", extended_at=now, created_at=now)  # fmt: skip
    db.session.add(connection)
    db.session.flush()
    key = signing_in.begin_session(user, visitor)
    today = supplier.today()
    (meter,) = meters_now(account.id, window(supplier.readings, today).period, today)
    value = plain_volume((meter.known_milli or 0) + MORE_MILLI)
    style = app.extensions["statics"]["app.css"].tag  # of a browser that has the stylesheet already
    return Person(f"/accounts/{connection.ref}/", f"sid={key}; c={style}", account.number, meter.meter_id, value)


def in_turn(hands: Sequence[Hand], deeds: Sequence[Callable[[Hand], None]]) -> None:
    """As fast as these hands can."""
    at_their_time(hands, [(0.0, deed) for deed in deeds])


def at_their_time(hands: Sequence[Hand], deeds: Sequence[tuple[float, Callable[[Hand], None]]]) -> None:
    """Each deed when its time has come and a hand is free, in the order given."""
    waiting, lock = iter(deeds), threading.Lock()
    failed: list[BaseException] = []

    def work(hand: Hand) -> None:
        while not failed:
            with lock:
                due, deed = next(waiting, (0.0, None))
            if deed is None:
                return
            time.sleep(max(0.0, due - time.perf_counter()))
            try:
                deed(hand)
            except BaseException as error:
                failed.append(error)

    threads = [threading.Thread(target=work, args=(hand,)) for hand in hands]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def tell(kind: str, calm: list[float], peak: list[float]) -> None:
    quiet, busy = sorted(calm), sorted(peak)
    figures = "  ".join(f"p{share:g} {at(busy, share / 100):7.1f} ms" for share in (50, 90, 99))
    print(f"{kind:8} {len(busy):5}: {figures}  max {busy[-1] * 1000:7.1f} ms; one by one p50 {at(quiet, 0.5):5.1f} ms,"
          f" p99 {at(quiet, 0.99):5.1f} ms; ratio p50 {at(busy, 0.5) / at(quiet, 0.5):.1f},"
          f" p99 {at(busy, 0.99) / at(quiet, 0.99):.1f}")  # fmt: skip


def verify(portal: Portal, taken: list[Person], wrong: Counter[str], everybody: list[Person]) -> int:
    """What was said to be taken against the registry that leaves."""
    folder = portal.folder / "out"
    words = command("export", "readings", "--supplier", SUPPLIER, str(folder))
    began = time.perf_counter()
    subprocess.run(words, cwd=ROOT, env=environment(portal.folder, portal.port), check=True, capture_output=True)
    took = time.perf_counter() - began
    (file,) = folder.glob("*.csv")
    *lines, last = file.read_text(encoding="utf-8-sig").splitlines()
    left = Counter((row["account"], row["value"]) for row in csv.DictReader(lines, delimiter=";"))
    sent = Counter((person.account, person.value) for person in taken)
    lost, strange = sent - left, left - Counter((person.account, person.value) for person in everybody)
    print(f"said to be taken {len(taken)}, in the registry {left.total()} (last line {last}), lost {lost.total()},"
          f" not sent by anybody or twice {strange.total()}; exported in {took:.1f} s")  # fmt: skip
    for what, count in wrong.items():
        print(f"  {what}: {count}")
    return 1 if lost or strange or wrong else 0


def at(waits: list[float], share: float) -> float:
    """Milliseconds."""
    return waits[min(int(len(waits) * share), len(waits) - 1)] * 1000


if __name__ == "__main__":
    sys.exit(main())
