"""How fast a registry comes in beside `sqlite3 .import` of the same files, and how long others wait meanwhile.

    python -m bench.imports --accounts 100000 [--database URL] [--keep DIR]

Prints the ratio of rows per second (ours to the bare tool's; the aim is 0.3), where our time goes, and the waits of another
process that all the while writes one small row and reads one account's months (the aim is a maximum under 1 s).
"""

import argparse
import hmac
import json
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from flask import Flask

from mygas import clock
from mygas.domain import visible
from mygas.exchange import importing, reading, staging, turning, writing
from mygas.exchange.demo import write_demo
from mygas.extensions import db, engine_options, lone_engine, set_journal, teach, transactions_may_write
from mygas.models import Account, Counter
from mygas.settings import Settings
from mygas.suppliers import Supplier, load

SUPPLIER = "perm"


def main() -> None:
    arguments = _arguments()
    if arguments.probe:
        _probe(arguments.database, Path(arguments.probe))
        return
    if shutil.which("sqlite3") is None:
        sys.exit("the sqlite3 command is missing; on Debian: apt-get install sqlite3")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(arguments.keep or scratch)
        folder.mkdir(parents=True, exist_ok=True)
        _compare(folder, arguments.accounts, arguments.database or f"sqlite:///{folder / 'mygas.db'}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=100_000)
    parser.add_argument("--database", default="", help="an empty database to import into; by default a SQLite file")
    parser.add_argument("--keep", default="", help="a folder to work in and to leave as it is")
    parser.add_argument("--probe", default="", help=argparse.SUPPRESS)
    return parser.parse_args()


def _compare(folder: Path, accounts: int, url: str) -> None:
    supplier = load(Settings.catalogue)[SUPPLIER]
    registry = folder / "registry"
    if not registry.exists():
        print("making the data", flush=True)
        write_demo(registry, supplier, accounts, 1, today=date(2026, 11, 21), progress=lambda _done, _of: None)
    rows = sum(_count(path) - 1 for path in registry.glob("*.csv"))
    bare = _bare(registry, folder / "bare.db")
    _prepare(url)
    seconds, shares = _ours(registry, supplier, url, folder / "waits.json")
    print(f"{rows:,} rows of {accounts:,} accounts")
    print(f"sqlite3 .import  {bare:7.1f} s  {rows / bare:>10,.0f} rows/s")
    print(f"import           {seconds:7.1f} s  {rows / seconds:>10,.0f} rows/s   ratio {bare / seconds:.2f}")
    for name, share in shares.items():
        print(f"  {name:<8} {share:6.1f} s  {share / rows * 1e6:5.2f} µs/row")
    for name, waits in json.loads((folder / "waits.json").read_text()).items():
        waits.sort()
        p99 = waits[int(len(waits) * 0.99)]
        print(f"{name} meanwhile: {len(waits)} times, p99 {p99 * 1000:.0f} ms, max {waits[-1] * 1000:.0f} ms")


def _count(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


def _bare(registry: Path, database: Path) -> float:
    """Seconds that the bare tool takes for the same files into plain tables of the same columns."""
    database.unlink(missing_ok=True)
    script = [".mode csv", ".separator ;"]
    for path in sorted(registry.glob("*.csv")):
        with path.open(encoding="utf-8") as file:
            columns = file.readline().strip().replace(";", ", ")
        script += [f"CREATE TABLE {path.stem} ({columns});", f".import --skip 1 {path} {path.stem}"]
    begun = time.perf_counter()
    subprocess.run(["sqlite3", str(database)], input="\n".join(script).encode(), check=True)
    return time.perf_counter() - begun


def _prepare(url: str) -> None:
    if url.startswith("sqlite"):
        for end in ("", "-wal", "-shm"):
            Path(url.removeprefix("sqlite:///") + end).unlink(missing_ok=True)
    engine = lone_engine(url)
    with transactions_may_write():
        db.metadata.create_all(engine)
    set_journal(engine)
    engine.dispose()


def _ours(registry: Path, supplier: Supplier, url: str, waits: Path) -> tuple[float, dict[str, float]]:
    """Seconds of the import and of its parts, with another process at work beside it."""
    shares: dict[str, float] = {}
    _time(shares, "survey", reading, "survey")
    _time(shares, "read", reading, "batches", steps=True)
    _time(shares, "turn", turning.Turner, "turned")
    _time(shares, "stage", staging.Stage, "add")
    _time(shares, "check", staging, "find_orphans")
    _time(shares, "compare", writing, "compare")
    _time(shares, "names", writing, "write_identities")
    _time(shares, "write", writing, "copy")
    _time(shares, "flip", importing, "_flip")
    _time(shares, "purge", importing, "_purge")
    probe = subprocess.Popen(
        [sys.executable, "-m", "bench.imports", "--probe", str(waits), "--database", url], stdin=subprocess.PIPE
    )
    time.sleep(2)
    begun = time.perf_counter()
    importing.import_registry(registry, supplier, url, pin_mac=_pin_mac, progress=lambda _done, _of: None, now=clock.now)
    seconds = time.perf_counter() - begun
    probe.communicate()
    return seconds, shares


def _pin_mac(*parts: str) -> bytes:
    return hmac.digest(b"a key for measuring", "\x1f".join(parts).encode(), "sha256")


def _time(shares: dict[str, float], label: str, owner: Any, name: str, *, steps: bool = False) -> None:
    """Add the time spent in a function (or, with `steps`, in the steps of a generator) to its share."""
    inner: Callable[..., Any] = getattr(owner, name)
    shares[label] = 0.0

    def timed(*args: Any, **kwargs: Any) -> Any:
        begun = time.perf_counter()
        try:
            return inner(*args, **kwargs)
        finally:
            shares[label] += time.perf_counter() - begun

    def stepping(*args: Any, **kwargs: Any) -> Iterator[Any]:
        iterator = inner(*args, **kwargs)
        while True:
            begun = time.perf_counter()
            step = next(iterator, None)
            shares[label] += time.perf_counter() - begun
            if step is None:
                return
            yield step

    setattr(owner, name, stepping if steps else timed)


def _probe(url: str, result: Path) -> None:
    """Write a small row and read one account's months every 20 ms till the parent closes our input; note each wait."""
    app = Flask(__name__)
    app.config.update(SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_ENGINE_OPTIONS=engine_options(url))
    db.init_app(app)
    waits: dict[str, list[float]] = {"a small write": [], "a read of months": []}
    with app.app_context():
        teach(db.engine)
        _write_one()
        while not _closed(sys.stdin.fileno()):
            for name, act in (("a small write", _write_one), ("a read of months", _read_one)):
                begun = time.perf_counter()
                act()
                waits[name].append(time.perf_counter() - begun)
            time.sleep(0.02)
    result.write_text(json.dumps(waits))


def _write_one() -> None:
    with transactions_may_write():
        counter = db.session.get(Counter, "probe") or Counter(key="probe", count=0, last_at=clock.now(), resets_at=clock.now())
        counter.count += 1
        db.session.add(counter)
        db.session.commit()


def _read_one() -> None:
    account = db.session.scalar(db.select(Account).limit(1))
    if account is not None:
        visible.months(account.id)
    db.session.rollback()


def _closed(descriptor: int) -> bool:
    return bool(select.select([descriptor], [], [], 0)[0])


if __name__ == "__main__":
    main()
