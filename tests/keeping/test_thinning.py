"""96 quarters of an hour, 30 days, 12 months; sealed files for 30 days."""

from datetime import UTC, datetime, timedelta

import time_machine
from hypothesis import given
from hypothesis import strategies as st

from mygas.keeping import manifest, thinning

NOW = datetime(2026, 11, 27, 13, 7, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def every(step: timedelta, count: int) -> list[datetime]:
    return [NOW - step * number for number in range(count)]


def test_nothing_of_a_day_goes():
    assert thinning.staying(every(QUARTER, 96)) == set(every(QUARTER, 96))
    assert thinning.staying([]) == set()


def test_two_years_of_quarters():
    kept = thinning.staying(every(QUARTER, 4 * 24 * 730))
    assert {at for at in kept if at > NOW - timedelta(days=1)} == set(every(QUARTER, 96))
    by_day = {at.date() for at in kept}
    assert {(NOW - timedelta(days=ago)).date() for ago in range(30)} <= by_day
    assert len({(at.year, at.month) for at in kept}) == 12
    assert len(kept) == 96 + (30 - 2) + (12 - 2)  # newest quarters of two days, newest days of two months
    assert min(kept) == datetime(2025, 12, 31, 23, 52, tzinfo=UTC)


def test_the_newest_of_a_period_stays():
    early, late = NOW - timedelta(minutes=5), NOW
    assert thinning.staying([early, late]) == {late}


@given(st.lists(st.integers(0, 3 * 365 * 24 * 60), max_size=300))
def test_whatever_there_was(minutes_ago):
    times = [NOW - timedelta(minutes=ago) for ago in minutes_ago]
    kept = thinning.staying(times)
    assert kept <= set(times)
    assert len(kept) <= 96 + 30 + 12
    assert thinning.staying(kept) == kept, "thinning out again takes nothing"
    if times:
        assert max(times) in kept


def test_those_that_must_go_are_taken_away_whole(made):
    with time_machine.travel(NOW, tick=False) as clock:
        first = made()
        clock.shift(timedelta(seconds=30))
        second = made(thin=True)
    assert second.thinned == (first.path.name,)
    assert [path for path, _ in manifest.all_in(second.path.parent)] == [second.path]


def test_sealed_files_of_an_old_backup_go(app, made):
    vault = app.extensions["gateways"].vault
    vault.put("a" * 22, b"a passport")
    with time_machine.travel(NOW, tick=False) as clock:
        old = made()
        clock.shift(timedelta(days=29))
        made(thin=True)
        assert (old.path / "scans" / ("a" * 22)).exists()
        clock.shift(timedelta(days=2))
        made(thin=True)
    assert not (old.path / "scans").exists()
    one = manifest.read(old.path)
    assert (one.scans, [kept.name for kept in one.files]) == (False, [one.database])
    assert manifest.faults(old.path, one) == []


def test_what_is_no_backup_is_left_alone(made):
    folder = made().path.parent
    (folder / "notes").mkdir()
    (folder / "notes" / "manifest.json").write_text("{}", encoding="utf-8")
    made(thin=True)
    assert (folder / "notes" / "manifest.json").exists()
