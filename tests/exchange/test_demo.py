"""The made-up region: right to the kopeck, the same each time, and taken in like any other registry."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from pathlib import Path

import pytest
from flask import Flask

from mygas import money
from mygas.domain import visible
from mygas.exchange import demo_region
from mygas.exchange.demo import DemoAccount, write_demo, write_lesson
from mygas.exchange.demo_history import MONTHS, charge_kop
from tests.exchange.registry import SUPPLIER, bring, pin_mac

TODAY = date(2026, 11, 21)
HABITS = 150


def make(folder: Path, accounts: int = HABITS, seed: int = 7) -> list[DemoAccount]:
    return write_demo(folder, SUPPLIER, accounts, seed, today=TODAY, progress=lambda _done, _of: None)


def rows(folder: Path, name: str) -> Iterator[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8") as file:
        yield from csv.DictReader(file, delimiter=";")


def thousandths(text: str) -> int:
    whole, _, part = text.partition(",")
    return int(whole) * 1000 + int(part)


def test_every_sum_is_right_to_the_kopeck(tmp_path: Path) -> None:
    owed = {account.number: account.before_kop for account in make(tmp_path, accounts=100)}
    months = defaultdict(set)
    for row in rows(tmp_path, "charges"):
        price, charged = money.parse(row["price"]), money.parse(row["sum"])
        if row["line"] == "1":
            factor = Decimal((row["coefficient"] or "1").replace(",", "."))
            exact = Decimal(thousandths(row["volume"])) * factor * price / 1_000_000
            assert charged == exact.quantize(Decimal(1), ROUND_HALF_UP)
            assert bool(row["norm"]) == (row["method"] == "norm")
            assert row["price_act"].startswith("Приказ")
            months[row["account"]].add(row["period"])
        owed[row["account"]] += charged + money.parse(row["recalculation"])
    for row in rows(tmp_path, "payments"):
        assert money.parse(row["sum"]) > 0
        owed[row["account"]] -= money.parse(row["sum"])
    assert {row["account"]: money.parse(row["balance"]) for row in rows(tmp_path, "accounts")} == owed
    assert {len(periods) for periods in months.values()} == {MONTHS}
    assert all("10.2026" in periods and "11.2024" in periods for periods in months.values())


def test_some_meters_hang_in_the_cold(tmp_path: Path) -> None:
    make(tmp_path)
    cold = {row["account"] for row in rows(tmp_path, "meters") if row["place"] == "на фасаде"}
    assert 5 < len(cold) < HABITS / 3
    by_meter = [row for row in rows(tmp_path, "charges") if row["method"] == "meter"]
    assert {row["account"] for row in by_meter if row["coefficient"]} == cold
    january = {row["coefficient"] for row in by_meter if row["account"] in cold and row["period"] == "01.2026"}
    assert january == {"1,121300"}
    assert charge_kop(50_000, 769_000, 1_083_200) == 41_649  # 416.4904


def test_volume_times_price_is_rounded_half_up() -> None:
    assert charge_kop(50_000, 769_000) == 38_450
    assert charge_kop(1, 500_000) == 1  # 0.5 of a kopeck
    assert charge_kop(1, 499_999) == 0


def test_the_price_changes_on_the_first_of_july() -> None:
    prices = {
        (year, month): demo_region.price_kop(year, month, heated=True) for year in (2024, 2025, 2026) for month in (1, 6, 7, 12)
    }
    assert prices[2025, 7] == prices[2025, 12] == prices[2026, 6] == 769_000
    assert prices[2024, 12] == prices[2025, 6] < 769_000 < prices[2026, 7]


def test_readings_never_go_back_and_agree_with_the_charges(tmp_path: Path) -> None:
    make(tmp_path)
    values = defaultdict(list)
    for row in rows(tmp_path, "readings"):
        values[row["account"]].append((row["date"][6:] + row["date"][3:5], int(row["value"]), row["source"]))
    charged = {
        (row["account"], row["period"][3:] + row["period"][:2]): row for row in rows(tmp_path, "charges") if row["line"] == "1"
    }
    compared = 0
    for account, known in values.items():
        for (before, low, _), (month, value, source) in pairwise(known):
            assert value >= low
            line = charged[account, month]
            next_month = (int(month[:4]) - int(before[:4])) * 12 + int(month[4:]) - int(before[4:]) == 1
            if next_month and line["method"] == charged[account, before]["method"] == "meter":
                assert thousandths(line["volume"]) == (value - low) * 1000, (account, month, source)
                compared += 1
    assert compared > 1000


def test_a_winter_is_colder_than_a_summer(tmp_path: Path) -> None:
    make(tmp_path)
    burned = defaultdict(int)
    for row in rows(tmp_path, "charges"):
        burned[row["period"][:2]] += thousandths(row["volume"])
    assert min(burned["12"], burned["01"], burned["02"]) > 3 * max(burned["06"], burned["07"], burned["08"])


def test_the_same_seed_makes_the_same_bytes(tmp_path: Path) -> None:
    one, two, other, longer = (tmp_path / name for name in ("one", "two", "other", "longer"))
    assert make(one, 30) == make(two, 30) == make(longer, 60)[:30] != make(other, 30, seed=8)
    for path in one.glob("*.csv"):
        assert path.read_bytes() == (two / path.name).read_bytes()
    assert (longer / "charges.csv").read_bytes().startswith((one / "charges.csv").read_bytes())


def test_whoever_learns_owes_what_can_be_paid_at_once(tmp_path: Path) -> None:
    """The 43rd household of that seed owed 45,627 roubles, more than one payment may be of: its lesson had no way on."""
    home = write_lesson(tmp_path, SUPPLIER, 43, "seed43", today=date(2026, 11, 27))
    (row,) = rows(tmp_path, "accounts")
    assert home.number == row["account"]
    assert SUPPLIER.pay.min_kop <= money.parse(row["balance"]) <= SUPPLIER.pay.max_kop


@pytest.fixture
def page(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.mark.usefixtures("page")
def test_it_comes_in_and_tells_its_stories(tmp_path: Path, database_url: str) -> None:
    shown = make(tmp_path / "in")
    report = bring(tmp_path / "in", database_url)
    assert report.files["accounts"].new == HABITS and all(tally.new for tally in report.files.values())
    assert bring(tmp_path / "in", database_url).already
    found = {}
    for account in shown[:6]:
        row = visible.find_account("perm", account.number)
        found[account.story] = (visible.card(row.id), visible.months(row.id, limit=99), visible.meters(row.id))
        last = found[account.story][1][0]
        assert (last.period, last.total_kop) == (202610, account.charge_kop)
        assert [meter.serial for meter in found[account.story][2]] == [account.serial] * bool(account.serial)
        assert visible.imported_pin(row.id) == pin_mac("imported", "perm", account.number, account.pin)
    assert found["debt"][0].balance_kop > 1_000_000
    assert found["overpayment"][0].balance_kop < 0 == found["zero balance"][0].balance_kop
    assert not found["no meter"][2] and {month.lines[0].method for month in found["no meter"][1]} == {"norm"}
    assert found["expired verification"][2][0].verified_until < TODAY
    methods = [month.lines[0].method for month in found["long absent"][1]]
    assert methods[:8] == ["norm"] * 5 + ["average"] * 3 and "meter" in methods
    assert len({account.pin for account in shown}) == len(shown)
