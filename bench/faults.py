"""Is a payment ever lost or made twice while everything is killed with -9, or while the bank's callbacks go astray?

    python -m bench.faults [--payments 1000] [--kills 60] [--clients 8]
    python -m bench.faults --callbacks [--payments 500]

Starts `flask up` with its training bank on a scratch folder. Clients pay by HTTP, stubbornly: whoever meets an error tries
again, one in five presses twice, one in ten refuses at the bank. Meanwhile web server, worker and Redis are killed; or, with
--callbacks, 30 % of the bank's notifications are lost, 10 % come with forged ones, each is sent 1 to 5 times in any order. The
clients write a history, which is compared in the end with the portal's orders, its ledger and the bank's own files. Exits 1
when a payment was lost, doubled, or not settled.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask

from bench.payer import Payer, Wish
from bench.people import newcomer
from mygas import clock, create_app, pretend_bank
from mygas.domain import ledger, reconciling, signing_in
from mygas.domain.orders import OPEN, PAID
from mygas.domain.visitors import Visitor
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.jobs import cashier
from mygas.models import Account, Connection, LedgerEntry, Order, OrderEvent, Outgoing
from mygas.settings import from_environment
from tests.e2e.portal import ROOT, Portal, command, environment, free_port, running

SUPPLIER = "perm"
ACCOUNTS_OF_ONE = 5  # of one payer
VICTIMS = ("serve", "worker", "redis", "serve", "worker")
LONGEST_WAIT = 900.0  # seconds after the last client is gone: promises.md T5
ASTRAY = "lost=30,forged=10,repeat=1-5,delay=0-20"


@dataclass
class History:
    """Append-only, written by the clients: what was wished, acknowledged by the portal, paid at the bank, shown as paid."""

    path: Path
    seen: dict[str, dict[int, Any]] = field(default_factory=lambda: defaultdict(dict))

    def __post_init__(self) -> None:
        self._lock, self._file = threading.Lock(), self.path.open("a", encoding="utf-8")

    def note(self, wish: Wish, what: str, ref: str = "") -> None:
        with self._lock:
            at = time.time()
            self._file.write(json.dumps({"wish": wish.number, "what": what, "ref": ref, "at": at}) + "\n")
            self._file.flush()
            self.seen[what].setdefault(wish.number, (at, ref))


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--payments", type=int, default=1000)
    options.add_argument("--kills", type=int, default=60)
    options.add_argument("--clients", type=int, default=8)
    options.add_argument("--callbacks", action="store_true", help="let callbacks go astray instead of killing")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="mygas-faults-") as scratch:
        folder = Path(scratch)
        env = {"MYGAS_PROXIES": "1", "MYGAS_CAPTCHA": "off", "MYGAS_REQUESTS": "1000000 per minute"}
        env["MYGAS_BANK_URL"] = f"pretend:{free_port()}"
        if asked.callbacks:
            env["MYGAS_BANK_FAULTS"] = ASTRAY
        _import_region(folder, asked.payments)
        wishes = _wishes(create_app(from_environment(environment(folder, 0, **env))), asked.payments)
        with running(folder, **env) as portal:
            app = create_app(from_environment(environment(folder, portal.port, **env)))
            return trial(portal, app, wishes, None if asked.callbacks else asked.kills, asked.clients)


def trial(portal: Portal, app: Flask, wishes: list[Wish], kills: int | None, clients: int) -> int:
    """One run; prints its figures and returns the exit status. `kills` is None where callbacks go astray instead."""
    history, began = History(portal.folder / "history.jsonl"), time.monotonic()
    lanes = [threading.Thread(target=_pay_all, args=(portal, wishes[lane::clients], history)) for lane in range(clients)]
    nemesis = Nemesis(portal, kills or 0, len(wishes), history)
    for thread in (*lanes, nemesis):
        thread.start()
    for lane in lanes:
        lane.join()
    took = time.monotonic() - began
    nemesis.over.set()
    nemesis.join()
    with app.app_context():
        waited = _wait_until_settled()
        print(f"{len(wishes)} payments in {took:.0f} s by {clients} clients; killed with -9: {dict(nemesis.killed) or 'nothing'}")
        print(f"all settled {waited:.0f} s after the last client was gone")
        spared = kills is None and not _deaf_to()
        return 1 if _judge(portal, wishes, history) + _differences(app) + spared else 0


def _import_region(folder: Path, accounts: int) -> None:
    """By the portal's own commands."""
    registry = str(folder / "registry")
    for words in (
        ("db", "upgrade"),
        ("demo-data", registry, "--supplier", SUPPLIER, "--accounts", str(accounts)),
        ("import", registry, "--supplier", SUPPLIER),
    ):
        subprocess.run(command(*words), cwd=ROOT, env=environment(folder, 0), check=True, capture_output=True)


def _wishes(app: Flask, payments: int) -> list[Wish]:
    """Each of another sum and for an account of its own, so that history, orders and the bank's files can be told apart."""
    wishes: list[Wish] = []
    with app.app_context(), unit_of_work():
        ids = db.session.scalars(db.select(Account.id).filter_by(supplier=SUPPLIER).order_by(Account.id).limit(payments))
        visitor = Visitor("127.0.0.1", "bench", app.extensions["entry_rules"])
        for number, account_id in enumerate(ids):
            if number % ACCOUNTS_OF_ONE == 0:
                now = clock.now()
                user = newcomer(visitor, f"payer{number}@example.ru")
                key = signing_in.begin_session(user, visitor)
            tied = Connection(
                user_id=user.id, account_id=account_id, supplier=SUPPLIER, slot=number % ACCOUNTS_OF_ONE + 1, created_at=now
            )
            db.session.add(tied)
            db.session.flush()
            wishes.append(Wish(number, tied.ref, 10_000 + number, key, refuses=random.random() < 0.1))  # noqa: S311
    if len(wishes) < payments:
        sys.exit(f"the region has {len(wishes)} accounts only")
    return wishes


def _pay_all(portal: Portal, wishes: list[Wish], history: History) -> None:
    for wish in wishes:
        Payer(portal.port, wish, history.note).pay()


class Nemesis(threading.Thread):
    """Kills -9 at uneven times, as evenly over the payments as they go on. A victim that is down already is not counted."""

    def __init__(self, portal: Portal, kills: int, payments: int, history: History) -> None:
        super().__init__(name="nemesis")
        self._portal, self._kills, self._payments, self._history = portal, kills, payments, history
        self.killed, self.over = Counter[str](), threading.Event()

    def run(self) -> None:
        while (done := self.killed.total()) < self._kills and not self.over.wait(random.uniform(0.0, 1.0)):  # noqa: S311
            if len(self._history.seen["over"]) < self._payments * done // self._kills:
                continue
            name = random.choice(VICTIMS)  # noqa: S311
            if pids := self._portal.children().get(name):
                for pid in pids:
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                self.killed[name] += 1


def _wait_until_settled() -> float:
    """Until no order is open and no promise waits, or patience ends; seconds it took."""
    began = time.monotonic()
    open_ones = db.select(Order.id).where(Order.state.in_(OPEN)).limit(1)
    waiting = db.select(Outgoing.id).where(Outgoing.state.in_(("ready", "leased"))).limit(1)
    while time.monotonic() - began < LONGEST_WAIT:
        found = [db.session.execute(query).first() for query in (open_ones, waiting)]
        db.session.rollback()
        if found == [None, None]:
            break
        time.sleep(0.5)
    return time.monotonic() - began


def _deaf_to() -> int:
    """Payments that ended without a notification: were there none, callbacks did not go astray and nothing was tried."""
    heard = db.select(OrderEvent.order_id).where(OrderEvent.source == Order.acquirer, OrderEvent.order_id == Order.id).exists()
    lost = db.session.scalar(db.select(db.func.count()).select_from(Order).where(~heard, Order.acquirer_id.is_not(None))) or 0
    told = db.session.scalar(db.select(db.func.count()).select_from(OrderEvent).where(OrderEvent.digest != "")) or 0
    print(f"notifications that were news: {told}; payments of which none came: {lost}")
    return int(lost)


def _differences(app: Flask) -> int:
    """What the portal itself finds when it compares the day with the bank's register; a run over midnight compares two."""
    till, today = cashier.till_of(app), clock.now().date()
    assert till is not None
    reports = [reconciling.reconcile(till, day) for day in (today - timedelta(days=1), today)]
    found = reconciling.tasks([SUPPLIER])
    print(f"compared with the bank's register: {sum(one.compared for one in reports)}, differences {len(found)}")
    return len(found)


def _judge(portal: Portal, wishes: list[Wish], history: History) -> int:
    """Compare what the clients saw, what the portal has, and what the bank took; how many kinds of fault there are."""
    credit = db.select(db.func.min(LedgerEntry.at)).where(LedgerEntry.order_id == Order.id, LedgerEntry.kind == "credit")
    told = (Order.ref, Order.amount_kop, Order.state, Order.acquirer_key, credit.scalar_subquery().label("credited_at"))
    begun = db.session.execute(db.select(*told)).all()
    by_key = {order.acquirer_key: order for order in begun}
    bank = pretend_bank.open_in(portal.folder, portal.url)
    took = [one for one in bank.register(datetime(2020, 1, 1, tzinfo=UTC), clock.now() + timedelta(days=1))
            if one["status"] == "succeeded"]  # fmt: skip
    paid = Counter(by_key[one["metadata"]["order"]].amount_kop for one in took if one["metadata"]["order"] in by_key)
    credited = Counter(order.amount_kop for order in begun if order.state in PAID)
    known = {order.ref: order for order in begun}
    faults = {
        "lost (the portal had acknowledged them)": [
            n for n, (_, ref) in history.seen["acknowledged"].items() if ref not in known
        ],
        "lost (the bank took the money)": [wish.number for wish in wishes if paid[wish.kopecks] > credited[wish.kopecks]]
        + [one["id"] for one in took if one["metadata"]["order"] not in by_key],
        "credited without money": [wish.number for wish in wishes if credited[wish.kopecks] > paid[wish.kopecks]],
        "paid twice": [wish.number for wish in wishes if paid[wish.kopecks] > 1],
        "not settled": [order.ref for order in begun if order.state not in PAID | {"canceled", "expired", "failed"}],
        "paid by a client, not credited": [n for n in history.seen["paid"] if not credited[wishes[n].kopecks]],
        "violations of the ledger": ledger.invariants(),
    }
    print(f"orders {len(begun)}, taken by the bank {len(took)}, credited {credited.total()}, states {_states(begun)}")
    delays = sorted(
        order.credited_at.timestamp() - history.seen["paid"][number][0]
        for number, ref in ((n, ref) for n, (_, ref) in history.seen["acknowledged"].items() if n in history.seen["paid"])
        if (order := known.get(ref)) and order.credited_at
    )
    if delays:
        print("from the card to the credit: " + ", ".join(
            f"{name} {delays[min(int(len(delays) * share), len(delays) - 1)]:.1f} s"
            for name, share in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("max", 1.0))))  # fmt: skip
    for words, which in faults.items():
        print(f"{words}: {len(which)}" + "".join(f"\n  {one}" for one in which[:10]))
    return sum(map(bool, faults.values()))


def _states(begun: Any) -> dict[str, int]:
    return dict(Counter(order.state for order in begun))


if __name__ == "__main__":
    sys.exit(main())
