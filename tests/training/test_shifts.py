"""Shifts: opened once, thrown away a day later at most, with all that was in them."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from mygas import create_app
from mygas.training import Shifts, rounds
from mygas.training.shifts import LONG, number_now
from tests.training.conftest import begin, join

DAWN = datetime.fromtimestamp(50_000 * LONG, UTC)


@pytest.fixture
def clock():
    """Just before the end of a shift."""
    with time_machine.travel(DAWN + timedelta(hours=11, minutes=59), tick=False) as traveller:
        yield traveller


def test_a_day_later_nothing_is_left_of_a_learner(clock, school):
    browser = begin(school.browser())
    learner, folder = school.learner(browser), school.folder
    join(school, browser)
    clock.shift(timedelta(hours=12))
    newcomer, later = begin(school.browser()), school.folder
    assert later != folder
    assert browser.get("/training/phone").h1 == "Учебный телефон", "his shift is over for newcomers only"
    clock.shift(timedelta(minutes=2))
    assert browser.get("/training/settings/").path == "/training/begin"
    assert not folder.exists()
    assert school.learner(newcomer).number == learner.number, "the seat is free again"
    held = [path for path in later.parent.rglob("*") if path.is_file() and learner.email.encode() in path.read_bytes()]
    assert held and all(later in path.parents for path in held), "of him who has the seat now"


def test_the_worker_throws_them_away_too(clock, school):
    begin(school.browser())
    folder = school.folder
    rounds.round_of(school.real)
    assert folder.exists()
    clock.shift(timedelta(hours=24))
    rounds.round_of(school.real)
    assert not [path for path in folder.parent.iterdir() if path.is_dir()]


def test_without_learners_the_worker_opens_nothing(school):
    rounds.round_of(school.real)
    assert not [path for path in (school.real.extensions["settings"].data_dir / "training").iterdir() if path.is_dir()]


def test_where_there_is_no_training_the_worker_has_nothing_to_do(app):
    rounds.round_of(app)


def test_shifts_of_another_edition_are_thrown_away(school, tmp_path):
    old = tmp_path / "training" / f"{number_now()}-0001"
    old.mkdir()
    (tmp_path / "training" / "blank-0001.db").write_bytes(b"")
    begin(school.browser())
    assert not old.exists()


def test_processes_open_a_shift_once(make_school, tmp_path):
    school = make_school()
    for blank in (tmp_path / "training").glob("blank-*.db"):
        blank.unlink()
    (tmp_path / "training" / ".killed").mkdir()
    processes = [Shifts(school.real.extensions["settings"], create_app) for _ in range(3)]
    apps = []
    threads = [threading.Thread(target=lambda one: apps.append(one.app(number_now())), args=(one,)) for one in processes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({app.extensions["settings"].data_dir for app in apps}) == 1
    assert len({app.extensions["settings"].keys.session for app in apps}) == 1
    assert len({app.extensions["settings"].bank_url for app in apps}) == 3, "each process has a counter of its bank"
    assert sorted(path.name.partition("-")[0] for path in (tmp_path / "training").iterdir()) == sorted(
        ["blank", "lock", str(number_now())]
    )
    for one in processes:
        one.close()
