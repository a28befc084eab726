"""What learners cost those who come on business: waits for real pages without anybody learning, while a crowd of learners arrives
all at once, and while it walks about; on one web server, in one run.

    python -m bench.learners [--learners 500] [--think 15] [--seconds 20] [--keep DIR]

Also prints how long a newcomer waits for his receipt, what each leaves on the disk, and the memory of the web server.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from bench import pages
from bench.visitor import Visitor
from mygas import create_app
from mygas.settings import from_environment
from tests.e2e.portal import ROOT, command, environment, free_port

ACCOUNTS = 10_000
PASSWORD = "gaz2026"  # noqa: S105 - nobody's
PAGES = ("", "settlements", "payments", "readings", "receipts", "readings/send", "pay/sum")


def main() -> None:
    asked = _arguments()
    if asked.port:
        _crowd(asked.port, asked.learners, asked.think)
    else:
        with tempfile.TemporaryDirectory(prefix="mygas-learners-") as scratch:
            _measure(Path(asked.keep or scratch), asked)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--learners", type=int, default=500)
    parser.add_argument("--think", type=float, default=15.0, help="seconds for which a learner looks at a page, on average")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each measurement of real pages")
    parser.add_argument("--keep", default="", help="a folder to work in and to leave as it is")
    parser.add_argument("--port", type=int, default=0, help=argparse.SUPPRESS)
    return parser.parse_args()


def _measure(folder: Path, asked: argparse.Namespace) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    pages.import_region(folder, ACCOUNTS)
    app = create_app(from_environment(environment(folder, 0)))
    homes = pages.people(app)
    with _server(folder, asked.learners) as (port, memory):
        _waits(port, homes, 2)
        alone, before = _waits(port, homes, asked.seconds), memory()
        _tell("nobody learns", alone, alone)
        words = [sys.executable, "-m", "bench.learners", "--learners", str(asked.learners), "--think", str(asked.think)]
        crowd = subprocess.Popen([*words, "--port", str(port)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        try:
            _tell(f"{asked.learners} arrive at once", _waits(port, homes, asked.seconds), alone)
            assert crowd.stdout is not None
            print(crowd.stdout.readline().strip())
            _tell(f"{asked.learners} walk about", _waits(port, homes, asked.seconds), alone)
        finally:
            crowd.kill()
            print(crowd.communicate()[0].strip())
        _tell("they have gone", _waits(port, homes, asked.seconds), alone)
        print(f"the web server's memory: {before // 1024} MB before, {memory() // 1024} MB after")
    left = sum(path.stat().st_size for path in (folder / "training").rglob("*") if path.is_file())
    print(f"on the disk: {left // 1024} KB, {left // 1024 // asked.learners} KB a learner")


@contextmanager
def _server(folder: Path, learners: int) -> Iterator[tuple[int, Callable[[], int]]]:
    """One web server behind one proxy; its port, and how many kB of memory are its own."""
    port = free_port()
    env = environment(folder, port, MYGAS_REQUESTS="1000000 per minute", MYGAS_PROXIES="1", MYGAS_LEARNERS=str(3 * learners))
    process = subprocess.Popen(command("serve"), cwd=ROOT, env=env, stderr=subprocess.DEVNULL)

    def memory() -> int:
        told = Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="ascii")
        return int(re.search(r"^Pss: +([0-9]+) kB", told, re.M)[1])  # type: ignore[index]

    try:
        pages.await_answer(port)
        yield port, memory
    finally:
        process.terminate()
        process.wait(30)


def _waits(port: int, homes: list[tuple[str, str]], seconds: float) -> list[float]:
    """What two people waited who open a page of their own now and then; seconds, in order of size."""
    waits: list[float] = []
    deadline = time.perf_counter() + seconds
    threads = [threading.Thread(target=_ask, args=(port, homes[number::2], deadline, waits)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(waits)


def _ask(port: int, homes: list[tuple[str, str]], deadline: float, waits: list[float]) -> None:
    """Each on a connection of his own, with a pause between pages."""
    number = 0
    while (began := time.perf_counter()) < deadline:
        path, cookies = homes[number % len(homes)]
        visitor = Visitor(port, "192.0.2.1", dict(pair.split("=", 1) for pair in cookies.split("; ")))
        assert visitor.get(path).status == 200, visitor.status
        visitor.close()
        waits.append(time.perf_counter() - began)
        number += 1
        time.sleep(0.05)


def _tell(when: str, waits: list[float], alone: list[float]) -> None:
    told = (f"{name} {_at(waits, share):6.1f} ms ({_at(waits, share) / _at(alone, share):4.1f} ×)" for name, share in
            (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)))  # fmt: skip
    print(f"{when:22} {len(waits):5} real pages: {'  '.join(told)}", flush=True)


def _at(waits: list[float], share: float) -> float:
    return waits[min(int(len(waits) * share), len(waits) - 1)] * 1000


def _crowd(port: int, count: int, think: float) -> None:
    """Learners, each from an address of his own, who walk until they are killed. One line when all have arrived."""
    began, taken, lock = time.perf_counter(), [], threading.Lock()
    arrived = threading.Barrier(count + 1)

    def live(number: int) -> None:
        learner = _Learner(port, number, think)
        waited = learner.arrive()
        with lock:
            taken.append(waited)
        arrived.wait()
        learner.walk()

    for number in range(count):
        threading.Thread(target=live, args=(number,), daemon=True).start()
    arrived.wait()
    taken.sort()
    print(f"all have their receipts after {time.perf_counter() - began:.0f} s; the making of one took"
          f" {_at(taken, 0.5):.0f} ms (p50), {_at(taken, 0.99):.0f} ms (p99)", flush=True)  # fmt: skip
    time.sleep(3600)


class _Learner:
    def __init__(self, port: int, number: int, think: float) -> None:
        self._visitor = Visitor(port, f"10.{number // 250}.{number % 250}.1")
        self._chance, self._think = Random(number), think  # noqa: S311 - the same crowd each time

    def arrive(self) -> float:
        """How long the page took on which he was given his receipt; he comes again where there was no room."""
        while True:
            self._visitor.get("/training/begin")
            began = time.perf_counter()
            if self._visitor.status == 200:
                self._visitor.submit(supplier="perm")
            if "training-learner" in self._visitor.cookies:
                return time.perf_counter() - began
            self._visitor.close()
            time.sleep(self._chance.uniform(0.5, 1.5))

    def walk(self) -> None:
        """Register, connect the account in its basic version, look at its pages again and again."""
        home = self._register()
        while True:
            self._open(home + self._chance.choice(PAGES))

    def _register(self) -> str:
        phone = self._open("/training/phone")
        login = re.search(r"\+79[0-9]{9}", phone)[0]  # type: ignore[index]
        self._open("/training/join/contact")
        self._send(login=login, password=PASSWORD, password2=PASSWORD)
        code = re.search(r"\b[0-9]{6}\b", self._open("/training/phone"))[0]  # type: ignore[index]
        self._open("/training/join/code")
        self._send(code=code)
        self._send(agree="y")
        number = re.search(r"счёт ([0-9]+)", self._open("/training/begin"))[1]  # type: ignore[index]
        self._open("/training/connect/supplier")
        self._send(supplier="perm")
        self._send(number=number)
        self._open("/training/accounts/")
        return self._visitor.path

    def _open(self, path: str) -> str:
        self._wait()
        while self._visitor.get(path).status == 503:
            self._wait()
        return self._visitor.page[self._visitor.page.index("<main") :]

    def _send(self, **fields: str) -> None:
        """The form is filled in again where there was no room."""
        self._wait()
        place = self._visitor.path
        self._visitor.submit(**fields)
        while self._visitor.status == 503:
            self._open(self._visitor.path)
            if self._visitor.path == place:
                self._visitor.submit(**fields)

    def _wait(self) -> None:
        self._visitor.close()  # as a browser does when it has nothing to ask for
        time.sleep(self._chance.uniform(0.5, 1.5) * self._think)


if __name__ == "__main__":
    main()
