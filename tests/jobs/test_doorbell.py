"""The doorbell rings after the commit, for what was committed; a Redis that is away costs a page nothing."""

import socket
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import redis
import time_machine
from flask import Flask
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from mygas import clock, up
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.jobs import delivery, relay
from mygas.jobs.doorbell import QUEUE, Doorbell
from mygas.words import Refused
from tests.browser import Browser
from tests.conftest import World
from tests.jobs.conftest import PHONE, put, start_redis, url_of

MakeApp = Callable[..., Flask]


@pytest.fixture
def app(make_app: MakeApp, redis_server: redis.Redis) -> Flask:
    return make_app(redis_url=url_of(redis_server))


def rung(server: redis.Redis) -> int:
    return int(server.llen(f"rq:queue:{QUEUE}"))


def test_it_rings_after_the_commit_and_not_before(app: Flask, redis_server: redis.Redis) -> None:
    with app.app_context():
        with unit_of_work():
            put("note:1")
            db.session.flush()
            assert rung(redis_server) == 0
        assert rung(redis_server) == 1


def test_a_savepoint_is_not_the_commit(app: Flask, redis_server: redis.Redis) -> None:
    with app.app_context():
        with unit_of_work():
            with db.session.begin_nested():
                put("note:1")
            assert rung(redis_server) == 0
            put("note:2")
        assert rung(redis_server) == 2


def test_nothing_rings_for_what_a_savepoint_took_back(app: Flask, redis_server: redis.Redis) -> None:
    with app.app_context():
        with unit_of_work():
            put("note:stays")
            with pytest.raises(RuntimeError), db.session.begin_nested():
                put("note:goes")
                db.session.flush()
                raise RuntimeError
        assert rung(redis_server) == 1


@pytest.mark.parametrize("error", [RuntimeError(), Refused("нет")])
def test_nothing_rings_for_what_was_rolled_back(app: Flask, redis_server: redis.Redis, error: Exception) -> None:
    with app.app_context():
        with pytest.raises(type(error)), unit_of_work():
            put("note:1")
            db.session.flush()
            raise error
        with unit_of_work():
            pass
        assert rung(redis_server) == 0


def test_the_worker_delivers_what_was_rung(app: Flask, redis_server: redis.Redis, world: World) -> None:
    delivery.serve(app)
    with app.app_context(), unit_of_work():
        put("note:1")
    worker = SimpleWorker([QUEUE], connection=redis_server, serializer=JSONSerializer)
    assert worker.work(burst=True)
    assert [message["to"] for message in world.sent] == [PHONE]


def test_what_was_not_heard_is_rung_again_and_then_delivered_by_the_relay(
    app: Flask, redis_server: redis.Redis, world: World
) -> None:
    start = clock.now()
    with time_machine.travel(start, tick=False) as now, app.app_context():
        with unit_of_work():
            put("note:1")
        redis_server.flushall()
        relay.round_of(app)
        assert rung(redis_server) == 0, "a row just rung is left to the worker"
        now.shift(relay.GRACE)
        relay.round_of(app)
        assert rung(redis_server) == 1
        assert world.sent == []
        now.shift(relay.PATIENCE)
        relay.round_of(app)
    assert len(world.sent) == 1


def test_without_redis_pages_go_on_at_full_speed_and_the_relay_delivers(make_app: MakeApp, tmp_path: Path, world: World) -> None:
    app = make_app(redis_url=f"unix://{tmp_path / 'nobody.sock'}")
    browser = Browser(app.test_client()).get("/join/contact")
    began = time.monotonic()
    browser.submit(login=PHONE, password="Gaz2026x", password2="Gaz2026x")
    assert time.monotonic() - began < 1
    assert browser.path == "/join/code"
    with time_machine.travel(clock.now() + relay.GRACE + timedelta(seconds=1)), app.app_context():
        assert relay.round_of(app) == 1
    assert [message["to"] for message in world.sent] == [PHONE]


def test_a_redis_that_hangs_is_asked_once_and_then_left_alone(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "silent"))
        silent.listen()
        doorbell = Doorbell(f"unix://{tmp_path / 'silent'}")
        began = time.monotonic()
        assert not doorbell.ring([1])
        assert time.monotonic() - began < 1
        began = time.monotonic()
        assert not any(doorbell.ring([number]) for number in range(100))
        assert time.monotonic() - began < 0.1


def test_a_redis_that_was_restarted_is_rung_at_once(redis_server: redis.Redis) -> None:
    doorbell = Doorbell(url_of(redis_server))
    assert doorbell.ring([1])
    redis_server.shutdown(nosave=True)
    server = up.redis_server()
    assert server is not None
    again = start_redis(server, Path(redis_server.connection_pool.connection_kwargs["path"]))
    try:
        assert doorbell.ring([2])
        assert rung(redis_server) == 1
    finally:
        again.kill()
        again.wait()
