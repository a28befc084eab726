"""T12: a file that is wrong anywhere changes nothing, and the operator is told which file, line and column, and why."""

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mygas.exchange.faults import BadRegistry
from tests.exchange.registry import FILES, bring, everything, write, write_only

NEXT = {name: content.replace("2026", "2025") for name, content in FILES.items() if name not in ("totals", "accounts", "meters")}
"""A registry that brings something new to a database that has FILES."""


def refused(folder: Path, url: str) -> BadRegistry:
    before = everything(url)
    with pytest.raises(BadRegistry) as caught:
        bring(folder, url)
    assert everything(url) == before, "a refused registry has left something behind"
    assert caught.value.total >= len(caught.value.faults) > 0
    return caught.value


BROKEN = [  # file, what to replace, by what, line, column, a word of the reason
    ("accounts", "59000002;", "5900000;", 3, "account", "не номер"),
    ("accounts", "1234,56", "12,345", 2, "balance", "не сумма"),
    ("accounts", "1234,56", "1234,56 руб", 2, "balance", "не сумма"),
    ("accounts", "54,3", "54,333", 2, "area", "не больше 2"),
    ("accounts", "54,3", "123456", 2, "area", "велика"),
    ("accounts", ";нет", ";maybe", 2, "closed", "одно из"),
    ("accounts", "Рябов Ёжи Ильич", "", 3, "holder", "не заполнено"),
    ("accounts", "Рябов Ёжи Ильич", "я" * 161, 3, "holder", "слишком длинно"),
    ("accounts", "Рябов Ёжи", "Рябов\0Ёжи", 3, "holder", "управляющий"),
    ("accounts", "Рябов", "Рябов".encode().decode("cp1251", "replace"), 3, "holder", "искажён"),
    ("accounts", "59000002;", "59000001;", 3, "account", "повторяет строку 2"),
    ("accounts", "59000002;", "59000001 ;", 3, "account", "повторяет строку 2"),
    ("accounts", "holder;", "holdr;", 1, "holder", "обязательного"),
    ("accounts", "holder;", "holder;holder;", 1, "holder", "дважды"),
    ("accounts", "account;", "Лицевой счёт;", 1, "account", "обязательного"),
    ("meters", ";5;", ";0;", 2, "digits", "от 1 до 9"),
    ("meters", "777", "7" * 41, 3, "serial", "слишком длинно"),
    ("readings", "59000002;777", "59000001;777", 4, "serial", "нет прибора"),
    ("readings", "1176,4", "-1176,4", 2, "value", "не число"),
    ("readings", "абонент", "сосед", 2, "source", "одно из"),
    ("readings", "20.09.2026", "20.09.2062", 2, "date", "не наступило"),
    ("readings", "20.09.2026", "31.09.2026", 2, "date", "не бывает"),
    ("readings", "20.09.2026", "20/09/2026", 2, "date", "не дата"),
    ("readings", "20.09.2026", "20.09.0026", 2, "date", "год"),
    ("charges", "09.2026", "13.2026", 2, "period", "не месяц"),
    ("charges", "09.2026", "12.2062", 2, "period", "не наступило"),
    ("charges", "59000002;10", "59000003;10", 5, "account", "нет ни в"),
    ("charges", "387,58", "-387,58", 2, "sum", "отрицательная"),
    ("charges", "387,58", "٣٨٧,58", 2, "sum", "не сумма"),
    ("charges", "387,58", "3\u200987,58x", 2, "sum", "не сумма"),
    ("charges", ";2;Обслуж", ";1;Обслуж", 4, "line", "повторяет строку 3"),
    ("charges", "50,4;7690,00", "7690,00;50,4;1", 2, "recalculation", "полей 10"),
    ("charges", "по прибору;49,6", "49,6;по прибору", 3, "method", "одно из"),
    ("charges", "Газ;meter", '"Г"аз;meter', 2, "service", "кавычка"),
    ("charges", "Газ;meter", '"Газ;meter', 2, "service", "кавычка"),
    ("charges", "Газ;meter", '"Га\nз";meter', 2, "service", "кавычка"),
    ("charges", "Газ;meter", "Г" * 1_000_000 + ";meter", 2, "service", "слишком длинно"),
    ("payments", "387,58", "", 2, "sum", "не заполнено"),
    ("payments", "\n59000002", "\n\n59000002", 3, "number", "полей 1"),
    ("contracts", "01.02.2015", "29.02.2015", 2, "begins", "не бывает"),
    ("pins", "АВ-12c", "АВ", 2, "pin", "от 4 до 40"),
]


@pytest.mark.parametrize("file, old, new, line, column, reason", BROKEN, ids=lambda value: str(value)[:12])
def test_each_fault_is_named(
    tmp_path: Path, database_url: str, *, file: str, old: str, new: str, line: int, column: str, reason: str
) -> None:
    assert old in FILES[file]
    bad = refused(write(tmp_path / "in", totals=None, **{file: FILES[file].replace(old, new, 1)}), database_url)
    named = [(fault.file, fault.line, fault.column) for fault in bad.faults]
    assert (f"{file}.csv", line, column) in named, list(map(str, bad.faults))
    assert reason in str(bad.faults[named.index((f"{file}.csv", line, column))])


@pytest.mark.parametrize(
    "column, cell, reason",
    [
        ("coefficient", "0", "между 0 и 10"),
        ("coefficient", "10", "между 0 и 10"),
        ("coefficient", "1,0832001", "не больше 6"),
        ("coefficient", "-1,08", "не число"),
        ("norm", "-31", "не число"),
        ("norm", "31,2001", "не больше 3"),
        ("price_act", "Ж" * 121, "слишком длинно"),
    ],
)
def test_what_a_charge_was_made_of_is_checked_too(tmp_path: Path, database_url: str, column: str, cell: str, reason: str) -> None:
    charges = f"account;period;service;method;sum;{column}\n59000001;10.2026;Газ;meter;1,00;{cell}\n"
    fault = refused(write(tmp_path / "in", totals=None, charges=charges), database_url).faults[0]
    assert (fault.file, fault.line, fault.column) == ("charges.csv", 2, column)
    assert reason in str(fault)


@pytest.mark.parametrize(
    "totals, line, column",
    [
        ("file;rows;sum\naccounts.csv;3;1224,56\n", 2, "rows"),
        ("file;rows;sum\naccounts.csv;2;1224,57\n", 2, "sum"),
        ("file;rows;sum\naccounts.csv;two;\n", 2, "rows"),
        ("file;rows;sum\nnobody.csv;2;\n", 2, "file"),
        ("file;rows;sum\naccounts.csv;2;\naccounts;2;\n", 3, "file"),
        ("file;rows;sum\naccounts.csv;2\n", 2, "sum"),
        ("file;rows\n", 0, "file"),
    ],
)
def test_totals_must_agree(tmp_path: Path, database_url: str, totals: str, line: int, column: str) -> None:
    folder = write_only(tmp_path / "in", accounts=FILES["accounts"], totals=totals)
    fault = refused(folder, database_url).faults[0]
    assert (fault.file, fault.line, fault.column) == ("totals.csv", line, column)


def test_a_damaged_byte_is_named(tmp_path: Path, database_url: str) -> None:
    """Bytes that are neither UTF-8 nor cp1251, with a mark of UTF-8 and without."""
    for mark in (b"", b"\xef\xbb\xbf"):
        folder = write(tmp_path / "in", totals=None)
        path = folder / "accounts.csv"
        path.write_bytes(mark + path.read_bytes().replace("Рябов".encode(), b"\x98\xff\x98"))
        fault = refused(folder, database_url).faults[0]
        assert (fault.file, fault.line, fault.column) == ("accounts.csv", 3, "holder")


def test_strange_files_are_named(tmp_path: Path, database_url: str) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "ни одного файла" in str(refused(empty, database_url).faults[0])
    folder = write(tmp_path / "in", totals=None, acts="", pins="account;pin\n" + "9" * 3_000_000 + "\n")
    (folder / "charge.csv").write_text("x\n")
    faults = {fault.file: str(fault) for fault in refused(folder, database_url).faults}
    assert faults.keys() == {"acts.csv", "charge.csv", "pins.csv"}
    assert "файл пуст" in faults["acts.csv"] and "длиннее миллиона" in faults["pins.csv"]


def test_a_file_in_capitals_is_not_passed_over(tmp_path: Path, database_url: str) -> None:
    folder = write(tmp_path / "in")
    (folder / "acts.csv").rename(folder / "ACTS.CSV")
    shutil.copy(folder / "pins.csv", folder / "Pins.CSV")
    (folder / "CHARGE.CSV").write_text("x\n")
    faults = {fault.file.lower(): str(fault) for fault in refused(folder, database_url).faults}
    assert faults.keys() == {"pins.csv", "charge.csv"}
    assert "таких файлов два" in faults["pins.csv"] and "незнакомый" in faults["charge.csv"]
    (folder / "Pins.CSV").unlink()
    (folder / "CHARGE.CSV").unlink()
    (folder / "charges.csv").rename(folder / "CHARGES.CSV")
    (folder / "totals.csv").write_text(FILES["totals"].replace("charges.csv", "CHARGES.CSV"))
    report = bring(folder, database_url)
    assert (report.files["acts"].new, report.files["charges"].new) == (1, 4)
    (folder / "CHARGES.CSV").rename(folder / "charges.csv")
    assert bring(folder, database_url).already


def test_a_hundred_are_named_and_the_rest_counted(tmp_path: Path, database_url: str) -> None:
    rows = "".join(f"5900{index:04d};x;y;z;31.10.2026\n" for index in range(2500))
    bad = refused(write_only(tmp_path / "in", accounts="account;holder;address;balance;balance_date\n" + rows), database_url)
    assert (len(bad.faults), bad.total) == (100, 2500)
    assert bad.faults[99].line == 101


def test_a_pin_is_never_repeated_in_a_reason(tmp_path: Path, database_url: str) -> None:
    bad = refused(write(tmp_path / "in", pins="account;pin\n59000001;Qz7\n59000009;qz7secret\n", totals=None), database_url)
    assert len(bad.faults) == 2 and not any("qz7" in str(fault).lower() for fault in bad.faults)


@pytest.mark.parametrize("twentieth", range(1, 20))
def test_a_truncated_file_is_refused(tmp_path: Path, database_url: str, twentieth: int) -> None:
    """Cut inside a row it is known by the missing line end, cut between rows by the totals."""
    folder = write(tmp_path / "in")
    path = folder / "charges.csv"
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * twentieth // 20])
    assert {fault.file for fault in refused(folder, database_url).faults} <= {"charges.csv", "totals.csv"}


@st.composite
def corruption(draw: st.DrawFn) -> tuple[str, bytes]:
    """A file of NEXT with something done to its bytes."""
    name = draw(st.sampled_from(sorted(NEXT)))
    content = bytearray(NEXT[name].encode())
    at = draw(st.integers(0, len(content) - 1))
    how = draw(st.sampled_from(("flip", "cut", "drop", "insert", "swap", "repeat", "recode")))
    if how == "flip":
        content[at] ^= 1 << draw(st.integers(0, 7))
    elif how == "cut":
        del content[at:]
    elif how == "drop":
        del content[at : at + draw(st.integers(1, 40))]
    elif how == "insert":
        content[at:at] = draw(st.sampled_from((b"\0", b'"', b";", b"\n", b"\r", b",", b"-", b"\xa0", b"\xe2\x80\x89", b"9" * 30)))
    elif how == "swap":
        rows = [row.split(b";") for row in bytes(content).splitlines()]
        one, two = draw(st.integers(0, len(rows[0]) - 1)), draw(st.integers(0, len(rows[0]) - 1))
        for row in rows[1:]:
            row[one], row[two] = row[two], row[one]
        content = bytearray(b"".join(b";".join(row) + b"\n" for row in rows))
    elif how == "repeat":
        rows = bytes(content).splitlines(keepends=True)
        content += draw(st.sampled_from(rows))
    else:
        content = bytearray(bytes(content).decode().encode("cp1251", "replace").decode("koi8-r").encode())
    return name, bytes(content)


@pytest.mark.timeout(400)
@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damage=corruption())
def test_a_corrupted_registry_comes_in_whole_or_not_at_all(tmp_path: Path, database_url: str, damage: tuple[str, bytes]) -> None:
    bring(write(tmp_path / "in"), database_url)
    name, content = damage
    folder = write_only(tmp_path / "next", **NEXT)
    (folder / f"{name}.csv").write_bytes(content)
    before = everything(database_url)
    try:
        report = bring(folder, database_url)
    except BadRegistry as bad:
        assert everything(database_url) == before
        for fault in bad.faults:
            assert fault.file == f"{name}.csv" and str(fault)
            assert fault.line or "файл" in fault.reason, str(fault)
            assert fault.column or fault.line <= 1, str(fault)  # a header may be unreadable as a whole
        return
    assert not report.already or everything(database_url) == before
    after = everything(database_url)
    assert all(state == "complete" for _, state, _ in after["registry"])
    assert bring(folder, database_url).already and everything(database_url) == after
    if not report.already:
        rows = content.splitlines()
        assert sum(vars(report.files[name]).values()) == len(rows) - 1 if name in report.files else len(rows) == 1
