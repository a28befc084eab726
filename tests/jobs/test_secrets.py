"""What may never be read in Redis or in the log: codes, links, contacts (promises.md §6.5, T19)."""

import logging
import re
import zlib
from collections.abc import Callable, Iterator

import pytest
import redis
from flask import Flask
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from mygas.extensions import db
from mygas.gateways import TryLater, Undeliverable
from mygas.jobs import delivery, relay
from mygas.jobs.doorbell import QUEUE
from mygas.logs import JsonLines
from mygas.models import Outgoing
from tests.browser import Browser
from tests.conftest import World
from tests.jobs.conftest import PHONE, url_of

EMAIL = "ivanov@example.ru"
PASSWORD = "Gaz2026x"


@pytest.fixture
def app(make_app: Callable[..., Flask], redis_server: redis.Redis) -> Flask:
    return make_app(redis_url=url_of(redis_server), captcha="off")


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """All that was logged at INFO and above, as it is written."""
    caplog.set_level(logging.INFO)
    return lambda: "\n".join(JsonLines().format(record) for record in caplog.records)


def everything_in(server: redis.Redis) -> bytes:
    """Keys and values of the whole Redis; rq keeps some of them compressed."""
    return b"\n".join(_opened(part) for key in server.scan_iter() for part in (key, *_values(server, key)))


def _values(server: redis.Redis, key: bytes) -> Iterator[bytes]:
    match server.type(key):
        case b"string":
            yield server.get(key) or b""
        case b"hash":
            yield from (part for pair in server.hgetall(key).items() for part in pair)
        case b"list":
            yield from server.lrange(key, 0, -1)
        case b"set":
            yield from server.smembers(key)
        case b"zset":
            yield from server.zrange(key, 0, -1)


def _opened(part: bytes) -> bytes:
    try:
        return zlib.decompress(part)
    except zlib.error:
        return part


def register(app: Flask, login: str) -> None:
    browser = Browser(app.test_client()).get("/join/contact")
    browser.submit(login=login, password=PASSWORD, password2=PASSWORD)
    assert browser.path == "/join/code"


def work_off(app: Flask, server: redis.Redis) -> None:
    delivery.serve(app)
    SimpleWorker([QUEUE], connection=server, serializer=JSONSerializer).work(burst=True)


def secrets_of(world: World) -> set[str]:
    """The codes and link tokens of all that was sent, whom it was sent to, and the password."""
    texts = " ".join(message["text"] for message in world.sent)
    found = set(re.findall(r"\b[0-9]{6}\b|(?<=/confirm/)\S+", texts))
    assert len(found) == 3, "a code by SMS, a code and a link by letter"
    return {*found, PHONE, PHONE[2:], EMAIL, "ivanov", PASSWORD}


def test_neither_redis_nor_the_log_learns_a_code_a_link_or_a_contact(
    app: Flask, redis_server: redis.Redis, world: World, log: Callable[[], str]
) -> None:
    register(app, PHONE)
    register(app, EMAIL)
    rung = everything_in(redis_server)
    assert b"deliver_by_rq" in rung, "the scan does not see what rq wrote"
    work_off(app, redis_server)
    seen = rung.decode(errors="replace") + everything_in(redis_server).decode(errors="replace") + log()
    assert {secret for secret in secrets_of(world) if secret in seen} == set()


def test_failures_are_logged_without_what_was_to_be_sent(
    app: Flask, redis_server: redis.Redis, world: World, log: Callable[[], str]
) -> None:
    world.fail += [TryLater("no answer"), RuntimeError("a bug"), Undeliverable("refused")]
    for login in (PHONE, EMAIL, "petrov@example.ru"):
        register(app, login)
    work_off(app, redis_server)
    assert world.sent == []
    assert "delivery failed" in log()
    assert "an outbox row is dead" in log()
    with app.app_context():
        errors = " ".join(row.last_error or "" for row in db.session.query(Outgoing))
        for row in db.session.query(Outgoing).filter(Outgoing.state == "ready"):
            delivery.deliver(row.id)
    seen = everything_in(redis_server).decode(errors="replace") + log() + errors
    assert {secret for secret in (PHONE, EMAIL, "petrov", PASSWORD) if secret in seen} == set()


def test_a_letter_is_sealed_while_it_waits(app: Flask, world: World) -> None:
    register(app, EMAIL)
    with app.app_context():
        waiting = db.session.query(Outgoing).one()
        sealed = waiting.sealed or b""
        assert EMAIL.encode() not in sealed
        assert b"token" not in sealed
        assert relay.round_of(app) == 0
        assert delivery.deliver(waiting.id) == "done"
    token = re.search(r"/confirm/(\S+)", world.last(EMAIL)["text"])
    assert token is not None
    assert token[1].encode() not in sealed
