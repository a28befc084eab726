"""How much memory and time an archive of a user's data takes, by how much there is to tell.

    python -m bench.my_data [--rows 50000]

Writes an archive of a user with a tenth of that many payments in his account's history, then one with all of them, each in a
process of its own, and compares their peaks. Exits 1 where the larger one takes over 16 MiB more.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import flask_migrate

from bench.people import newcomer
from mygas import clock, create_app
from mygas.domain import my_data_parts
from mygas.domain.visitors import Visitor
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.jobs import my_data_file
from mygas.models import Account, AuditEntry, Connection, Payment, Registry
from mygas.settings import from_environment

MOST_MORE = 16
"""MiB by which ten times the rows may raise the peak."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--only", type=int, default=0, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.only:
        return _one(asked.only)
    peaks = []
    for rows in (asked.rows // 10, asked.rows):
        words = [sys.executable, "-m", "bench.my_data", "--only", str(rows)]
        said = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True)
        before, peak, size, seconds = map(float, said.stdout.split())
        peaks.append(peak)
        print(f"{rows:,} payments and as many entries of the journal: {seconds:.1f} s, {size / 1e6:.1f} MB, peak {peak:.0f} MiB"
              f" (before it {before:.0f})")  # fmt: skip
    print(f"ten times the rows, {peaks[1] - peaks[0]:.0f} MiB more")
    return int(peaks[1] - peaks[0] > MOST_MORE)


def _one(rows: int) -> int:
    with tempfile.TemporaryDirectory(prefix="mygas-archive-") as scratch:
        app = create_app(from_environment({"MYGAS_DATA": scratch, "MYGAS_MODE": "demo"}))
        with app.app_context():
            flask_migrate.upgrade()
            user_id = _rich_user(app.extensions["entry_rules"], rows)
            db.session.remove()
            before, begun = _peak(), time.perf_counter()
            with (Path(scratch) / "archive.zip").open("w+b") as file:
                my_data_file.write(file, my_data_parts.of(user_id, app.extensions["suppliers"]), [], clock.now())
                size = file.seek(0, 2)
            print(before, _peak(), size, time.perf_counter() - begun)
            db.session.remove()
            db.engine.dispose()
    return 0


def _rich_user(rules: object, rows: int) -> int:
    now = clock.now()
    with unit_of_work():
        user = newcomer(Visitor("127.0.0.1", "bench", rules), "rich@example.ru")  # type: ignore[arg-type]
        told = Registry(supplier="perm", digest="0" * 64, state="complete", rows={}, started_at=now, completed_at=now)
        account = Account(supplier="perm", number="59000001")
        db.session.add_all([told, account])
        db.session.flush()
        own = {"account_id": account.id, "registry_id": told.id, "sum_kop": 100, "source": "Банк"}
        tied = Connection(user_id=user.id, account_id=account.id, supplier="perm", slot=1, access="extended", created_at=now)
        db.session.add(tied)
        entry = {"at": now, "actor": "user", "actor_id": user.id, "user_id": user.id, "action": "pay.begin", "outcome": "done"}
        for begin in range(0, rows, 1000):
            numbers = range(begin, begin + 1000)
            day = [date(2020, 1, 1) + timedelta(days=number // 30) for number in numbers]
            paid = [{**own, "number": f"P{number}", "paid_on": on} for number, on in zip(numbers, day, strict=True)]
            db.session.execute(db.insert(Payment), paid)
            db.session.execute(db.insert(AuditEntry), [{**entry, "ip": "", "detail": {"order": number}} for number in numbers])
        return user.id


def _peak() -> float:
    """MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
