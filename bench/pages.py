"""How fast pages are beside a bare Flask «hello» on the same server settings, asked in turn.

    python -m bench.pages [--accounts 100000] [--seconds 8] [--keep DIR]

Makes a region of that many accounts and imports it, signs people in, and asks for pages over kept-alive connections from
another process. Prints pages a second with their ratio to the bare page, waits, SQL statements and bytes of each page.
"""

import argparse
import gzip
import json
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from flask import Flask
from sqlalchemy import event

from bench.people import newcomer
from mygas import clock, create_app, up
from mygas.domain import signing_in
from mygas.domain.visitors import Visitor
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.models import Account, Connection
from mygas.settings import Settings, from_environment
from tests.e2e.portal import ROOT, command, environment, free_port

SUPPLIER = "perm"
PEOPLE = 50  # who are signed in, each with an account of his own
CLIENTS = 4
ROUNDS = 3
_BEGINNINGS = re.compile(r"\s*(BEGIN|PRAGMA)")


@dataclass(frozen=True)
class Page:
    """What is asked for: a name, the port of its server, (path, cookies) pairs that are asked in turn."""

    name: str
    port: int
    requests: list[tuple[str, str]]


def main() -> None:
    asked = _arguments()
    if asked.hello:
        hello = Flask("hello")
        hello.add_url_rule("/", view_func=lambda: "hello")
        up.serve(hello, _settings(Path(asked.keep), asked.hello))
    elif asked.load:
        print(json.dumps(_waits(Page(**json.load(sys.stdin)), asked.seconds)))
    else:
        with tempfile.TemporaryDirectory(prefix="mygas-pages-") as scratch:
            _measure(Path(asked.keep or scratch), asked.accounts, asked.seconds)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=8.0, help="of each of the rounds of each page")
    parser.add_argument("--keep", default="", help="a folder to work in and to leave as it is")
    parser.add_argument("--hello", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--load", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def _measure(folder: Path, accounts: int, seconds: float) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    import_region(folder, accounts)
    app = create_app(_settings(folder, 0))
    homes = people(app)
    with _server(folder, "portal") as portal, _server(folder, "hello") as hello:
        pages = [
            Page("bare hello", hello, [("/", "")]),
            Page("sign-in page", portal, [("/", _no_css_cookie(app))]),
            Page("account home", portal, homes),
        ]
        rounds = [[_load(page, seconds) for page in pages] for _ in range(ROUNDS)]
    for number, page in enumerate(pages):
        ratio = median(len(waits[number]) / len(waits[0]) for waits in rounds)
        waits = sorted(wait for told in rounds for wait in told[number])
        print(f"{page.name:14} {len(waits) / seconds / ROUNDS:7.0f} pages/s  {ratio:5.3f} of bare"
              f"  p50 {_at(waits, 0.5):6.1f} ms  p99 {_at(waits, 0.99):6.1f} ms  max {waits[-1] * 1000:6.1f} ms")  # fmt: skip
    for page in pages[1:]:
        print(f"{page.name:14} {_cost(app, *page.requests[0])}")


def import_region(folder: Path, accounts: int) -> None:
    """Into a fresh database, by the portal's own commands; a kept folder is used as it is."""
    if (folder / "mygas.db").exists():
        return
    env = environment(folder, 0)
    registry = folder / "registry"
    for words in (
        ("db", "upgrade"),
        ("demo-data", str(registry), "--supplier", SUPPLIER, "--accounts", str(accounts)),
        ("import", str(registry), "--supplier", SUPPLIER),
    ):
        subprocess.run(command(*words), cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def people(app: Flask) -> list[tuple[str, str]]:
    """Sign people in, each with an account from another part of the region; the homes of these and their cookies."""
    homes = []
    with app.app_context(), unit_of_work():
        ids = list(db.session.scalars(db.select(Account.id).filter_by(supplier=SUPPLIER).order_by(Account.number)))
        visitor = Visitor("127.0.0.1", "bench", app.extensions["entry_rules"])
        for account_id in ids[:: max(1, len(ids) // PEOPLE)][:PEOPLE]:
            now = clock.now()
            user = newcomer(visitor, f"{secrets.token_hex(8)}@example.ru")
            connection = Connection(
                user_id=user.id, account_id=account_id, supplier=SUPPLIER, slot=1, access="basic", alias="", created_at=now
            )
            db.session.add(connection)
            db.session.flush()
            key = signing_in.begin_session(user, visitor)
            homes.append((f"/accounts/{connection.ref}/", f"sid={key}; {_no_css_cookie(app)}"))
    return homes


def _no_css_cookie(app: Flask) -> str:
    """Of a browser that has the stylesheet already."""
    return f"c={app.extensions['statics']['app.css'].tag}"


def _settings(folder: Path, port: int) -> Settings:
    return from_environment(environment(folder, port, MYGAS_REQUESTS="1000000 per minute"))


@contextmanager
def _server(folder: Path, name: str) -> Iterator[int]:
    """The portal's web server, or the bare page on the same one; its port, once it answers."""
    port = free_port()
    bare = [sys.executable, "-m", "bench.pages", "--hello", str(port), "--keep", str(folder)]
    env = environment(folder, port, MYGAS_REQUESTS="1000000 per minute")
    process = subprocess.Popen(bare if name == "hello" else command("serve"), cwd=ROOT, env=env, stderr=subprocess.DEVNULL)
    try:
        await_answer(port)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def await_answer(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"nothing listens on {port}")


def _load(page: Page, seconds: float) -> list[float]:
    """Ask for the page from another process; the waits in seconds."""
    asked = json.dumps({"name": page.name, "port": page.port, "requests": page.requests})
    words = [sys.executable, "-m", "bench.pages", "--load", "--seconds", str(seconds)]
    told = subprocess.run(words, cwd=ROOT, input=asked, capture_output=True, text=True, check=True).stdout
    return list(json.loads(told))


def _waits(page: Page, seconds: float) -> list[float]:
    """What CLIENTS threads waited, each on a connection of its own; an answer other than 200 ends the run."""
    waits: list[float] = []
    deadline = time.perf_counter() + seconds
    threads = [threading.Thread(target=_ask, args=(page, number, deadline, waits)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return waits


def _ask(page: Page, number: int, deadline: float, waits: list[float]) -> None:
    asked = [_request(path, cookies) for path, cookies in page.requests]
    with socket.create_connection(("127.0.0.1", page.port)) as connection, connection.makefile("rb") as answers:
        while (began := time.perf_counter()) < deadline:
            connection.sendall(asked[number % len(asked)])
            _read_answer(answers)
            waits.append(time.perf_counter() - began)
            number += 1


def _request(path: str, cookies: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookies}\r\nConnection: keep-alive\r\n\r\n".encode()


def _read_answer(answers: Any) -> None:
    status = answers.readline()
    assert status.split()[1] == b"200", status
    length = 0
    while (line := answers.readline()) != b"\r\n":
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    answers.read(length)


def _cost(app: Flask, path: str, cookies: str) -> str:
    """What one such page asks of the database and of the wire."""
    statements: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    client = app.test_client()
    for pair in cookies.split("; "):
        client.set_cookie(*pair.split("=", 1))
    whole = client.get(path)
    queries = [sql for sql in statements if not _BEGINNINGS.match(sql)]
    part = client.get(path, headers={"HX-Request": "true", "HX-Target": "main"})
    assert whole.status_code == part.status_code == 200
    return (
        f"{len(queries)} SQL statements; {len(whole.data)} bytes, {len(gzip.compress(whole.data))} gzipped;"
        f" as a fragment {len(part.data)}, {len(gzip.compress(part.data))} gzipped"
    )


def _at(waits: list[float], share: float) -> float:
    return waits[min(int(len(waits) * share), len(waits) - 1)] * 1000


if __name__ == "__main__":
    main()
