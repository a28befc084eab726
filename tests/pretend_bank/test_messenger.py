"""Notifications of the training bank: told until they are heard, and wrong in the ways that are asked for."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import time_machine

from mygas import clock
from mygas.gateways import yookassa_words as words
from mygas.pretend_bank import Messenger
from tests.pretend_bank.town import ASKED, asked, bank_in, tasks


class Portal:
    """Where notifications arrive: `heard` holds (path, host, body), `status` is what is answered."""

    def __init__(self) -> None:
        self.heard, self.status = [], 200
        portal = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                portal.heard.append((self.path, self.headers["Host"], json.loads(body)))
                self.send_response(portal.status)
                self.end_headers()

            def log_message(self, *_args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def messenger(self, bank) -> Messenger:
        return Messenger(bank, f"http://127.0.0.1:{self.server.server_port}/hooks/pretend", "gas.example.ru")

    def events(self):
        return [(body["event"], body["object"]["id"]) for _, _, body in self.heard]


@pytest.fixture
def portal() -> Iterator[Portal]:
    portal = Portal()
    threading.Thread(target=portal.server.serve_forever, daemon=True).start()
    yield portal
    portal.server.shutdown()
    portal.server.server_close()


def test_what_happened_is_told_once(training, begun, portal):
    training.pay(begun, "pays", "0004")
    messenger = portal.messenger(training)
    messenger.round()
    messenger.round()
    ((path, host, body),) = portal.heard
    assert (path, host) == ("/hooks/pretend", "gas.example.ru")
    assert (body["type"], body["event"], body["object"]["status"]) == ("notification", "payment.succeeded", "succeeded")
    assert body["object"]["metadata"] == {"order": "order-1"}


def test_who_does_not_listen_is_told_again_after_growing_pauses(training, begun, portal):
    training.refuse(begun)
    messenger = portal.messenger(training)
    portal.status = 500
    with time_machine.travel(clock.now(), tick=False) as now:
        heard = []
        for _ in range(20):
            messenger.round()
            heard.append(len(portal.heard))
            now.shift(timedelta(seconds=1))
        assert heard[0] == 1
        assert heard[1:] == [1, 2, 2, 2, 2, 3, *[3] * 7, 4, *[4] * 5]
        portal.status = 200
        now.shift(timedelta(seconds=60))
        messenger.round()
        now.shift(timedelta(hours=1))
        messenger.round()
    assert portal.events() == [("payment.canceled", begun)] * 5


def test_after_a_day_it_is_given_up(training, begun, portal):
    training.refuse(begun)
    portal.server.shutdown()
    portal.server.server_close()
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        portal.messenger(training).round()
        assert tasks(training) == []


def test_what_comes_later_is_told_though_nobody_asks(training, begun, portal):
    training.pay(begun, "slow", "0038")
    messenger = portal.messenger(training)
    messenger.round()
    assert portal.heard == []
    with time_machine.travel(clock.now() + timedelta(seconds=61)):
        messenger.round()
        messenger.round()
    assert portal.events() == [("payment.succeeded", begun)]


def test_a_late_success_follows_a_refusal(training, begun, portal):
    training.pay(begun, "late", "0046")
    messenger = portal.messenger(training)
    messenger.round()
    with time_machine.travel(clock.now() + timedelta(seconds=121)):
        messenger.round()
        messenger.round()
    assert portal.events() == [("payment.canceled", begun), ("payment.succeeded", begun)]


def begin_and_pay(bank, count=1):
    for number in range(count):
        told = bank.begin(f"order-{number}", words.payment(asked(f"order-{number}"), words.Custom()))
        bank.pay(told["id"], "pays", "0004")


def tells(bank):
    return [task for task in tasks(bank) if task["do"] == "tell"]


def test_lost_ones_are_never_sent(tmp_path):
    bank = bank_in(tmp_path, "lost=100")
    begin_and_pay(bank)
    assert tells(bank) == []


def test_copies_leave_in_any_order(tmp_path):
    bank = bank_in(tmp_path, "repeat=3-3,delay=0-20")
    begin_and_pay(bank, 5)
    order = [task["object"]["metadata"]["order"] for task in tells(bank)]
    assert len(order) == 15
    assert order != sorted(order)


def test_forged_ones_lie(tmp_path):
    bank = bank_in(tmp_path, "lost=100,forged=100")
    begin_and_pay(bank, 12)
    lies = tells(bank)
    assert len(lies) == 12
    assert {task["object"]["amount"]["value"] for task in lies} == {"1000000.00"}
    assert 0 < sum(bank.find(task["object"]["id"]) is None for task in lies) < 12


def test_old_keys_are_forgotten(training):
    body = words.payment(ASKED, words.Custom())
    first = training.begin("order-1", body)
    training.drawers.forget_old_keys()
    assert training.begin("order-1", body) == first
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        training.drawers.forget_old_keys()
    assert list((training.drawers.folder / "keys").glob("*.json")) == []
