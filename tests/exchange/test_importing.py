"""What comes in is what pages see: any spelling of the files, once, over and over, month by month."""

import re
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from mygas.domain import visible
from mygas.exchange.writing import Tally
from mygas.extensions import db
from tests.exchange.registry import FILES, SUPPLIER, bring, everything, pin_mac, write, write_only


@pytest.fixture
def page(app: Flask) -> Iterator[None]:
    """Code of the test sees what a page would."""
    with app.app_context():
        yield


def id_of(number: str) -> int:
    account = visible.find_account("perm", number)
    assert account is not None
    return account.id


@pytest.mark.usefixtures("page")
def test_every_column_arrives(tmp_path: Path, database_url: str) -> None:
    bring(write(tmp_path / "in"), database_url)
    first, second = id_of("59000001"), id_of("59000002")
    card = asdict(visible.card(first))
    assert card | {
        "account_id": first, "supplier": "perm", "number": "59000001", "united_number": "20АА000001",
        "holder": "Иванова Мария Петровна", "address": "г. Пермь, ул. Ленина, д. 1", "area_cm2": 543_000, "residents": 2,
        "equipment": "плита ПГ-4", "privileges": "", "balance_kop": 123_456, "balance_on": date(2026, 10, 31), "closed": False,
    } == card  # fmt: skip
    assert visible.card(second).balance_kop == -1000
    october, september = visible.months(first)
    assert (october.period, september.period) == (202610, 202609)
    assert october.lines == (
        visible.Line("Газ", "meter", 49_600, 769_000, 38_142, -1200),
        visible.Line("Обслуживание", "fixed", 0, 0, 94_050, 0),
    )
    assert (october.charged_kop, october.recalculated_kop, october.total_kop) == (132_192, -1200, 130_992)
    assert visible.payments(second) == [visible.Booked("П-1", date(2026, 10, 6), 120_000, "Почта")]
    meter = visible.meters(first)[0]
    assert (meter.serial, meter.digits, meter.verified_until, meter.seal) == ("А-12 345", 5, date(2031, 5, 1), "П17")
    assert [(r.taken_on, r.value_milli, r.source) for r in visible.readings(first)] == [
        (date(2026, 10, 20), 1_226_000, "inspector"),
        (date(2026, 9, 20), 1_176_400, "subscriber"),
    ]
    assert visible.contracts(first) == [visible.KnownContract("ПГ-1", "Поставка газа", date(2015, 2, 1), None, "действует")]
    assert visible.acts(first) == [visible.KnownAct("А-7", "Проверка", date(2026, 3, 12), "Пломбы целы")]


@pytest.mark.usefixtures("page")
def test_what_a_charge_was_made_of_arrives_and_is_compared(tmp_path: Path, database_url: str) -> None:
    """A registry without those columns, and then with them empty, says the same; any of them makes a changed row."""
    bring(write(tmp_path / "in"), database_url)
    head, *lines = FILES["charges"].splitlines()
    known = visible.months(id_of("59000001"))[1].lines[0]
    assert (known.coefficient_micro, known.norm_milli, known.price_act) == (0, 0, "")
    for number, (cells, changed, told) in enumerate(
        (
            (";;", 0, (0, 0, "")),
            ("1,0832;;", 1, (1_083_200, 0, "")),
            ("1,083201;31,2;", 1, (1_083_201, 31_200, "")),
            ("1,083201;31,2;Приказ РЭК № 41/7", 1, (1_083_201, 31_200, "Приказ РЭК № 41/7")),
            ("1,083201;0;Приказ РЭК № 41/7", 1, (1_083_201, 0, "Приказ РЭК № 41/7")),
        )
    ):
        rows = [f"{head};coefficient;norm;price_act", f"{lines[0]};{cells}", *(f"{line};;;" for line in lines[1:])]
        report = bring(write_only(tmp_path / str(number), charges="\n".join((*rows, ""))), database_url)
        assert report.files["charges"] == Tally(new=0, changed=changed, same=4 - changed)
        db.session.rollback()  # a page of its own
        line = visible.months(id_of("59000001"))[1].lines[0]
        assert (line.coefficient_micro, line.norm_milli, line.price_act) == told


@pytest.mark.usefixtures("page")
def test_pins_are_kept_as_keyed_hashes_of_their_folded_form(tmp_path: Path, database_url: str) -> None:
    bring(write(tmp_path / "in"), database_url)
    assert visible.imported_pin(id_of("59000001")) == pin_mac("imported", "perm", "59000001", "ab12c")
    assert visible.imported_pin(id_of("59000002")) is None
    assert "12c" not in "".join(everything(database_url)["imported_pin"])


@pytest.mark.parametrize("spelling", ["cp1251", "bom", "commas", "quoted", "crlf", "shuffled", "spaced"])
def test_any_usual_spelling_means_the_same(tmp_path: Path, database_url: str, spelling: str) -> None:
    bring(write(tmp_path / "in"), database_url)
    before = everything(database_url)
    files = {name: _spelt(content, spelling) for name, content in FILES.items()}
    encoding = {"cp1251": "cp1251", "bom": "utf-8-sig"}.get(spelling, "utf-8")
    report = bring(write(tmp_path / "again", encoding=encoding, **files), database_url)
    assert all(tally.new == tally.changed == 0 for tally in report.files.values()), report
    assert {**everything(database_url), "registry": 0} == {**before, "registry": 0}


def _spelt(content: str, spelling: str) -> str:
    rows = [line.split(";") for line in content.splitlines()]
    if spelling == "commas":
        return "".join(",".join(map(_with_point, row)) + "\n" for row in rows)
    if spelling == "quoted":
        return "".join(";".join(f'"{cell}"' for cell in row) + "\n" for row in rows)
    if spelling == "shuffled":
        return "".join(";".join(reversed(row)) + "\n" for row in rows)
    if spelling == "spaced":
        return "".join(";".join(f" {cell}  " for cell in row) + "\n" for row in rows)
    return (
        "".join(";".join(row) + ("\r\n" if spelling == "crlf" else "\n") for row in rows) + (" " if spelling == "bom" else "")[1:]
    )


def _with_point(cell: str) -> str:
    """A decimal point where a comma would part the cell in two, quotes around texts with a comma."""
    return cell.replace(",", ".") if re.fullmatch("-?[0-9]+,[0-9]+", cell) else f'"{cell}"'


def test_the_same_files_again_are_a_no_op(tmp_path: Path, database_url: str) -> None:
    first = bring(write(tmp_path / "in"), database_url)
    before = everything(database_url)
    again = bring(write(tmp_path / "copy"), database_url)
    assert again.already and again.registry_id == first.registry_id
    assert everything(database_url) == before


def test_what_is_known_is_not_written_again(tmp_path: Path, database_url: str) -> None:
    bring(write(tmp_path / "in"), database_url)
    changed = FILES["charges"].replace("387,58", "400,00") + "59000002;09.2026;1;Газ;norm;11,3;8300,00;93,79;0\n"
    report = bring(write(tmp_path / "next", charges=changed, totals=None), database_url)
    assert report.files["charges"] == Tally(new=1, changed=1, same=3)
    assert report.files["accounts"] == Tally(new=0, changed=0, same=2)


@pytest.mark.usefixtures("page")
def test_a_month_is_superseded_with_all_its_lines(tmp_path: Path, database_url: str) -> None:
    bring(write(tmp_path / "in"), database_url)
    head = FILES["charges"].splitlines()[0]
    report = bring(
        write_only(tmp_path / "next", charges=f"{head}\n59000001;10.2026;1;Газ;meter;49,6;7690,00;381,42;-12,00\n"), database_url
    )
    assert report.files == {"charges": Tally(new=0, changed=1, same=0)}
    october, september = visible.months(id_of("59000001"))
    assert len(october.lines) == 1, "the line of maintenance is gone: the newer registry speaks of the whole month"
    assert september.charged_kop == 38_758
    assert len(everything(database_url)["charge"]) == 3, "superseded rows are deleted"


@pytest.mark.usefixtures("page")
def test_months_come_one_by_one(tmp_path: Path, database_url: str) -> None:
    bring(write(tmp_path / "in"), database_url)
    november = "account;period;service;method;sum\n59000001;08.2026;Газ;fixed;100\n59000002;09.2026;Газ;fixed;200\n"
    payment = "account;number;date;sum\n59000001;П-2;01.11.2026;50\n59000001;П-1;05.10.2026;0\n"
    bring(write_only(tmp_path / "next", charges=november, payments=payment), database_url)
    assert [month.period for month in visible.months(id_of("59000001"))] == [202610, 202609, 202608]
    assert [month.period for month in visible.months(id_of("59000001"), since_period=202609, limit=1)] == [202610]
    assert [booked.number for booked in visible.payments(id_of("59000001"))] == ["П-2"], "a payment of 0 is annulled"


@pytest.mark.usefixtures("page")
def test_payments_are_turned_over_page_by_page(tmp_path: Path, database_url: str) -> None:
    rows = "".join(f"59000001;N{day:02d};{day:02d}.10.2026;{day}\n" for day in range(1, 8))
    bring(write(tmp_path / "in", payments="account;number;date;sum\n" + rows, totals=None), database_url)
    account = id_of("59000001")
    first = visible.payments(account, limit=4)
    rest = visible.payments(account, limit=4, before=(first[-1].paid_on, first[-1].number))
    assert [booked.sum_kop // 100 for booked in first + rest] == [7, 6, 5, 4, 3, 2, 1]


@pytest.mark.usefixtures("page")
def test_nothing_is_seen_before_the_flip(tmp_path: Path, database_url: str) -> None:
    bring(write(tmp_path / "in"), database_url)
    account, seen = id_of("59000001"), []

    def look(_done: int, _of: int) -> None:
        db.session.rollback()  # as every request begins
        seen.append((visible.card(account).balance_kop, visible.find_account("perm", "59000003") is None))

    accounts = FILES["accounts"].replace("1234,56", "99,00") + "59000003;Новый;там;0;31.10.2026;;;;;;\n"
    bring(write(tmp_path / "next", accounts=accounts, totals=None), database_url, progress=look)
    assert len(seen) > 8 and set(seen) == {(123_456, True)}
    db.session.rollback()
    assert visible.card(account).balance_kop == 9900
    assert visible.find_account("perm", "59000003") is not None


def test_suppliers_do_not_disturb_each_other(tmp_path: Path, database_url: str) -> None:
    folder = write(tmp_path / "in")
    bring(folder, database_url)
    report = bring(folder, database_url, replace(SUPPLIER, slug="other"))
    assert not report.already and report.files["accounts"].new == 2
    rows = everything(database_url)
    assert len(rows["account"]) == 4 and len(rows["charge"]) == 8
