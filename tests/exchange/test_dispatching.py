"""What leaves for the supplier's billing: each row once, numbered, the same bytes at every download."""

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from mygas.domain import dispatches
from mygas.domain.work import unit_of_work
from mygas.exchange import dispatching
from mygas.extensions import db
from mygas.models import AuditEntry, Dispatch, Order, SentReading
from mygas.words import Refused
from tests.exchange.registry import SUPPLIER
from tests.exchange.sending import corrected, paid, refunded, sent


@pytest.fixture
def account(app: Flask, region) -> int:
    return region("perm", "59000001")


@pytest.fixture
def page(app: Flask):
    with app.app_context():
        yield


def make(kind: str = "readings") -> Dispatch:
    return dispatching.make(SUPPLIER, kind, note=lambda _made: None)


def rows_of(dispatch: Dispatch) -> list[dict[str, str]]:
    """The rows of the file, without its last line."""
    text = b"".join(dispatching.written(dispatch, SUPPLIER)).decode("utf-8-sig")
    assert text.count("\n") == text.count("\r\n") and text.endswith("\r\n")
    *lines, last = text.splitlines()
    assert last.split(";")[:2] == ["=", str(dispatch.rows)]
    return list(csv.DictReader(io.StringIO("\n".join(lines)), delimiter=";"))


@pytest.mark.usefixtures("page")
def test_a_reading_leaves_as_it_was_sent(account: int) -> None:
    number = sent(account, 1_226_400, rolled_over=True)
    made = make()
    assert (made.number, made.rows, made.total) == (1, 1, 1_226_400)
    assert rows_of(made) == [
        {"number": str(number), "account": "59000001", "serial": "0123456", "date": "20.11.2026", "value": "1226,4",
         "source": "абонент", "period": "11.2026", "replaces": "", "rolled_over": "да", "sent_at": "20.11.2026 20:04:05"}
    ]  # fmt: skip
    text = b"".join(dispatching.written(made, SUPPLIER))
    assert text.startswith(b"\xef\xbb\xbfnumber;") and text.endswith(b"=;1;1226,4\r\n")
    assert dispatching.file_name(made, SUPPLIER) == "0059000018_readings_000001.csv"


@pytest.mark.usefixtures("page")
def test_a_row_leaves_once_and_numbers_go_on(account: int, region) -> None:
    region("volga", "1234567890")
    first = sent(account, 1000)
    assert [row["number"] for row in rows_of(make())] == [str(first)]
    with pytest.raises(Refused):
        make()
    second = sent(account, 2000, period=202612)
    assert dispatches.waiting(["perm", "volga"])["perm", "readings"] == 1
    made = make()
    assert (made.number, [row["number"] for row in rows_of(made)]) == (2, [str(second)])
    assert [one.number for one in dispatches.listed(["perm"], "readings")] == [2, 1]
    assert dispatches.listed(["volga"]) == [] and dispatches.find("perm", "payments", 1) is None
    assert db.session.scalar(select(func.count()).select_from(Dispatch)) == 2, "a refused one leaves nothing behind"


@pytest.mark.usefixtures("page")
def test_a_correction_leaves_after_what_it_corrects(account: int) -> None:
    first = sent(account, 1000)
    made = make()
    never_left = corrected(first, 1500)
    last = corrected(never_left, 1200)
    later = make()
    assert [(row["number"], row["replaces"], row["value"]) for row in rows_of(later)] == [(str(last), str(first), "1,2")]
    assert [row["number"] for row in rows_of(made)] == [str(first)], "what left stays in its file"
    assert db.session.scalar(select(SentReading.dispatch_id).where(SentReading.id == never_left)) is None


@pytest.mark.usefixtures("page")
def test_what_was_corrected_before_it_left_never_leaves(account: int) -> None:
    last = corrected(sent(account, 1000), 1200)
    assert [(row["number"], row["replaces"]) for row in rows_of(make())] == [(str(last), "")]


@pytest.mark.usefixtures("page")
def test_payments_leave_and_refunds_after_them(account: int) -> None:
    kept, back, never = paid(account, 100_000), paid(account, 5_050), paid(account, 700)
    refunded(never)
    waits = paid(account, 300, "pending")
    made = make("payments")
    assert (made.rows, made.total) == (2, 105_050)
    assert rows_of(made)[0] == {
        "number": str(kept), "kind": "оплата", "account": "59000001", "date": "20.11.2026", "sum": "1000,00",
        "services": "Газоснабжение природным газом: 1000,00", "acquirer": "pretend", "acquirer_id": "a-100000",
    }  # fmt: skip
    refunded(back)
    later = make("payments")
    assert (later.number, later.rows, later.total) == (2, 1, -5_050)
    assert [(row["number"], row["kind"], row["sum"]) for row in rows_of(later)] == [(str(back), "возврат", "-50,50")]
    assert [row["number"] for row in rows_of(made)] == [str(kept), str(back)], "a refund takes nothing out of its file"
    unsent = db.session.scalars(select(Order.id).where(Order.dispatch_id.is_(None)).order_by(Order.id))
    assert list(unsent) == [never, waits]


@pytest.mark.usefixtures("page")
def test_a_file_is_the_same_at_every_download_or_none_at_all(account: int) -> None:
    numbers = [sent(account, 1000 + month, period=month) for month in range(202601, 202613)]
    made = make()
    again = [b"".join(dispatching.written(made, SUPPLIER)) for _ in range(2)]
    assert again[0] == again[1]
    with unit_of_work():
        db.session.get_one(SentReading, numbers[3]).value_milli += 1
    with pytest.raises(dispatching.Altered):
        dispatching.written(made, SUPPLIER)


@pytest.mark.usefixtures("page")
def test_a_long_file_is_read_by_pages(account: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatches, "PAGE", 3)
    monkeypatch.setattr(dispatching, "_BLOCK", 2)
    numbers = [sent(account, 1000 + month, period=month) for month in range(202601, 202611)]
    assert [row["number"] for row in rows_of(make())] == list(map(str, numbers))


@pytest.mark.usefixtures("page")
def test_who_is_killed_before_the_digest_leaves_it_to_the_next(account: int, monkeypatch: pytest.MonkeyPatch) -> None:
    sent(account, 1000)
    with monkeypatch.context() as dying:
        dying.setattr(dispatches, "unsealed", lambda _slug: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            make()
    first = dispatches.find("perm", "readings", 1)
    assert first is not None and first.digest == "" and len(rows_of(first)) == 1
    sent(account, 2000, period=202612)
    make()
    db.session.expire_all()
    assert [len(one.digest) for one in dispatches.listed(["perm"])] == [64, 64]


def test_two_at_the_same_moment_part_the_rows(app: Flask, region) -> None:
    """One of them gets all that waits, the other what came since, or nothing; no row is in two."""
    account = region("perm", "59000002")
    for attempt in range(6):
        with app.app_context():
            sent(account, 1000, period=202601 + attempt)
        barrier = Barrier(2)

        def compete(barrier=barrier) -> int:
            with app.app_context():
                barrier.wait()
                try:
                    return make().number
                except Refused:
                    return 0

        with ThreadPoolExecutor(2) as pool:
            numbers = sorted(future.result() for future in [pool.submit(compete), pool.submit(compete)])
        assert numbers == [0, attempt + 1]
    with app.app_context():
        everything = [row["number"] for one in dispatches.listed(["perm"]) for row in rows_of(one)]
        assert len(everything) == len(set(everything)) == 6


@pytest.fixture
def typed(app: Flask):
    def type_in(*words: str) -> Result:
        return app.test_cli_runner().invoke(args=list(words))

    return type_in


def test_the_command_writes_a_file_and_writes_it_again(app: Flask, typed, account: int, tmp_path: Path) -> None:
    with app.app_context():
        sent(account, 1000)
    first = typed("export", "readings", "--supplier", "perm", str(tmp_path / "out"))
    assert first.exit_code == 0 and "Реестр № 1, строк: 1" in first.output, first.output
    file = tmp_path / "out" / "0059000018_readings_000001.csv"
    content = file.read_bytes()
    again = typed("export", "readings", "--supplier", "perm", "--again", "1", str(tmp_path / "more"))
    assert again.exit_code == 0 and (tmp_path / "more" / file.name).read_bytes() == content
    assert [path.name for path in (tmp_path / "out").iterdir()] == [file.name]
    nothing = typed("export", "readings", "--supplier", "perm", str(tmp_path))
    assert nothing.exit_code == 1 and "Передавать нечего" in nothing.output
    assert typed("export", "readings", "--supplier", "perm", "--again", "7").exit_code == 1
    assert typed("export", "readings", "--supplier", "nobody").exit_code == 2
    with app.app_context():
        noted = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "dispatch.make")).all()
        assert [(one.detail["number"], one.detail["rows"]) for one in noted] == [(1, 1)]


def test_the_command_refuses_a_file_that_changed(app: Flask, typed, account: int, tmp_path: Path) -> None:
    with app.app_context():
        number = sent(account, 1000)
        make()
        with unit_of_work():
            db.session.get_one(SentReading, number).rolled_over = True
    refused = typed("export", "readings", "--supplier", "perm", "--again", "1", str(tmp_path))
    assert refused.exit_code == 1 and "изменился" in refused.output and not list(tmp_path.glob("*.csv"))
