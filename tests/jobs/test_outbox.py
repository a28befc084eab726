"""What is promised is promised once, held by one worker, retried with a growing pause, and wiped when it is over."""

import itertools
import os
import socket
import subprocess
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy.exc import IntegrityError

from mygas import clock
from mygas.domain import outbox
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.gateways import TryLater, Undeliverable
from mygas.jobs import delivery, relay
from mygas.models import Outgoing
from tests.conftest import World
from tests.jobs.conftest import PHONE, put

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)

Promise = Callable[..., int]
Row = Callable[[int], Outgoing]


def test_a_thing_is_promised_once(app: Flask, promise: Promise) -> None:
    promise("note:1")
    with pytest.raises(IntegrityError):
        promise("note:1")
    with app.app_context():
        assert db.session.query(Outgoing).count() == 1


def test_a_row_has_one_owner_however_many_ask_at_once(app: Flask, promise: Promise, row: Row) -> None:
    row_id = promise()
    barrier = threading.Barrier(8)
    owners = []

    def ask(name: str) -> None:
        with app.app_context():
            barrier.wait()
            with unit_of_work():
                claimed = outbox.claim(row_id, name)
            if claimed is not None:
                owners.append(name)

    threads = [threading.Thread(target=ask, args=(f"worker-{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(owners) == 1
    assert row(row_id).lease_owner == owners[0]
    assert row(row_id).tries == 1


def test_a_lease_that_ran_out_passes_to_another(app: Flask, world: World, promise: Promise, row: Row) -> None:
    with time_machine.travel(NOON, tick=False) as time, app.app_context():
        row_id = promise()
        with unit_of_work():
            outbox.claim(row_id, "killed")
        time.shift(outbox.LEASE - timedelta(seconds=1))
        assert relay.round_of(app) == 0
        time.shift(timedelta(seconds=2))
        assert relay.round_of(app) == 1
    assert [message["to"] for message in world.sent] == [PHONE]
    assert row(row_id).state == "done"


def test_what_a_killed_worker_held_does_not_wait_for_its_lease(app: Flask, world: World, promise: Promise, row: Row) -> None:
    killed, alive = promise("note:killed"), promise("note:alive")
    gone = subprocess.Popen(["true"])
    gone.wait()
    with app.app_context():
        for row_id, pid in ((killed, gone.pid), (alive, os.getpid())):
            with unit_of_work():
                outbox.claim(row_id, f"{socket.gethostname()}:{pid}:0")
        assert delivery.release_what_the_dead_hold() == 1
        relay.round_of(app)
    assert [row(row_id).state for row_id in (killed, alive)] == ["done", "leased"]


def test_a_worker_of_another_machine_is_not_declared_dead(app: Flask, promise: Promise) -> None:
    row_id = promise()
    gone = subprocess.Popen(["true"])
    gone.wait()
    with app.app_context():
        with unit_of_work():
            outbox.claim(row_id, f"elsewhere:{gone.pid}:0")
        assert delivery.release_what_the_dead_hold() == 0


def test_who_lost_the_lease_settles_nothing(app: Flask, promise: Promise, row: Row) -> None:
    with time_machine.travel(NOON, tick=False) as time, app.app_context():
        row_id = promise()
        with unit_of_work():
            slow = outbox.claim(row_id, "slow")
        assert slow is not None
        time.shift(2 * outbox.LEASE)
        with unit_of_work():
            outbox.claim(row_id, "quick")
        with unit_of_work():
            assert not outbox.done(slow, "slow")
            outbox.failed(slow, "slow", "too slow", for_good=True)
    assert (row(row_id).state, row(row_id).lease_owner) == ("leased", "quick")
    assert row(row_id).sealed is not None


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=1)])
def test_a_clock_set_back_holds_no_row_for_longer_than_a_lease(
    app: Flask, world: World, promise: Promise, row: Row, back: timedelta
) -> None:
    with time_machine.travel(NOON, tick=False) as time, app.app_context():
        leased, fresh = promise("note:leased"), promise("note:fresh")
        with unit_of_work():
            outbox.claim(leased, "killed")
        time.shift(-back)
        relay.round_of(app)
    assert [row(row_id).state for row_id in (leased, fresh)] == ["done", "done"]
    assert len(world.sent) == 2


def test_a_clock_set_back_does_not_hurry_retries(app: Flask, world: World, promise: Promise, row: Row) -> None:
    world.be_away(times=9)
    with time_machine.travel(NOON, tick=False) as time, app.app_context():
        row_id = promise()
        relay.round_of(app)
        time.shift(timedelta(minutes=-5))
        for _ in range(5):
            relay.round_of(app)
    assert row(row_id).tries == 1


def test_a_failed_try_waits_longer_each_time_and_dies_at_expiry(app: Flask, world: World, promise: Promise, row: Row) -> None:
    world.be_away(times=1000)
    tried_at = []
    with time_machine.travel(NOON, tick=False) as time, app.app_context():
        row_id = promise(life=timedelta(minutes=10))
        while row(row_id).state != "dead":
            if relay.round_of(app):
                tried_at.append(clock.now())
            time.shift(timedelta(seconds=1))
    pauses = [round((later - earlier).total_seconds()) for earlier, later in itertools.pairwise(tried_at)]
    assert pauses == list(outbox.BACKOFF[: len(pauses)])
    assert len(pauses) >= 6
    assert row(row_id).sealed is None
    assert row(row_id).last_error == "TryLater: the gateway does not answer"
    assert tried_at[-1] < NOON + timedelta(minutes=10)


def test_an_outage_costs_a_delay_and_the_key_stays_the_same(app: Flask, world: World, promise: Promise, row: Row) -> None:
    keys = []
    world.fail += [TryLater("no answer"), TryLater("no answer")]
    attempt = world.deliver

    def seen(**message: str) -> str:
        keys.append(message["key"])
        return attempt(**message)

    world.deliver = seen  # type: ignore[method-assign]
    with time_machine.travel(NOON, tick=False) as time, app.app_context():
        row_id = promise("note:once")
        for _ in range(10):
            relay.round_of(app)
            time.shift(timedelta(seconds=1))
    assert keys == ["note:once"] * 3
    assert (row(row_id).state, row(row_id).tries, len(world.sent)) == ("done", 3, 1)


def test_what_can_never_be_delivered_is_dead_at_once(app: Flask, world: World, promise: Promise, row: Row) -> None:
    world.fail.append(Undeliverable("no such address"))
    row_id = promise()
    with app.app_context():
        assert delivery.deliver(row_id) == "dead"
        assert relay.round_of(app) == 0
    assert (row(row_id).sealed, row(row_id).tries) == (None, 1)
    assert row(row_id).last_error == "Undeliverable: no such address"


def test_a_fault_of_ours_is_retried(app: Flask, world: World, promise: Promise, row: Row) -> None:
    world.fail.append(KeyError("a bug"))
    row_id = promise()
    with app.app_context():
        assert delivery.deliver(row_id) == "ready"
    assert row(row_id).sealed is not None


def test_what_came_too_late_is_not_sent(app: Flask, world: World, promise: Promise, row: Row) -> None:
    with time_machine.travel(NOON, tick=False) as time, app.app_context():
        row_id = promise(life=timedelta(minutes=10))
        time.shift(timedelta(minutes=10))
        relay.round_of(app)
    assert (row(row_id).state, row(row_id).sealed, world.sent) == ("dead", None, [])


def test_a_delivered_row_keeps_no_payload_and_is_not_sent_again(app: Flask, world: World, promise: Promise, row: Row) -> None:
    row_id = promise()
    with app.app_context():
        assert delivery.deliver(row_id) == "done"
        assert delivery.deliver(row_id) == "taken"
        assert relay.round_of(app) == 0
        with pytest.raises(ValueError, match="wiped"):
            outbox.payload(row(row_id))
    assert len(world.sent) == 1
    assert row(row_id).done_at is not None


def test_the_lag_tells_how_long_the_oldest_row_waits_and_how_many_are_dead(app: Flask, world: World, promise: Promise) -> None:
    with time_machine.travel(NOON, tick=False) as time, app.app_context():
        world.fail.append(Undeliverable("no such address"))
        delivery.deliver(promise("note:dead"))
        promise("note:waits")
        time.shift(timedelta(seconds=90))
        assert outbox.lag(clock.now()) == (90.0, 1)


def test_a_promise_of_a_refused_deed_is_no_promise(app: Flask) -> None:
    with app.app_context():
        with pytest.raises(RuntimeError), unit_of_work():
            put("note:1")
            db.session.flush()
            raise RuntimeError("the deed failed")
        assert db.session.query(Outgoing).count() == 0


def test_no_transaction_is_open_while_the_gateway_is_asked(
    app: Flask, promise: Promise, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    row_id, seen = promise(), []
    hand_over = world.deliver

    def look_about(**message: str) -> str:
        seen.append(db.session().in_transaction())
        return hand_over(**message)

    monkeypatch.setattr(world, "deliver", look_about)
    with app.app_context():
        assert delivery.deliver(row_id) == "done"
    assert seen == [False]


def test_what_only_names_a_thing_is_kept_and_can_be_sent_again(app: Flask, row: Row) -> None:
    later = clock.now() + timedelta(days=1)
    with app.app_context():
        for kind, sealed in (("pin", True), ("note", False)):
            with unit_of_work():
                promised = outbox.promise(kind, f"{kind}:7", {"request": 7}, expires_at=later)
            with unit_of_work():
                outbox.failed(outbox.claim(promised.id, "w") or promised, "w", "refused", for_good=True)
            assert (row(promised.id).state, row(promised.id).sealed is not None) == ("dead", sealed)
            with unit_of_work():
                assert outbox.send_again(f"{kind}:7", expires_at=later) is sealed
                assert not outbox.send_again(f"{kind}:7", expires_at=later)
            assert (promised.id in outbox.due()) is sealed
