"""Both portals as a web server has them: one address, and a browser that may walk in either."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from mygas import create_app, training
from mygas.jobs import relay
from mygas.settings import Keys, Settings
from mygas.training import Learner, Shifts, learners
from mygas.training.shifts import number_now
from tests.browser import Browser
from tests.conftest import World
from tests.walks import PASSWORD, PHONE, code_in


@dataclass
class School:
    """`real` is the portal with the training portal under it, as in wsgi.py."""

    real: Flask
    shifts: Shifts

    @property
    def app(self) -> Flask:
        """The training portal that takes newcomers."""
        return self.shifts.app(number_now())

    @property
    def folder(self) -> Path:
        folder: Path = self.app.extensions["settings"].data_dir
        return folder

    def browser(self, *, htmx: bool = False) -> Browser:
        return Browser(self.real.test_client(), htmx=htmx)

    def learner(self, browser: Browser) -> Learner:
        """Who learns in that browser."""
        cookie = browser.client.get_cookie("training-learner", path="/training")
        assert cookie is not None
        shift, _, ref = cookie.value.partition(".")
        with self.shifts.app(int(shift)).app_context():
            found = learners.find(ref)
        assert found is not None
        return found


@pytest.fixture(scope="session")
def blank_shift(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Path:
    """The database that shifts begin with, made once."""
    folder = tmp_path_factory.mktemp("blank-shift")
    Shifts(Settings(data_dir=folder, keys=keys, demo=True), create_app).prepare()
    (blank,) = (folder / "training").glob("blank-*.db")
    return blank


@pytest.fixture
def make_school(make_app: Callable[..., Flask], blank_shift: Path, tmp_path: Path) -> Iterator[Callable[..., School]]:
    """Hang a training portal beside the real one, some settings changed."""
    made = []
    (tmp_path / "training").mkdir()
    shutil.copy(blank_shift, tmp_path / "training")

    def make(**changes: object) -> School:
        real = make_app(**changes)
        shifts = Shifts(real.extensions["settings"], create_app)
        real.extensions["shifts"] = shifts
        real.wsgi_app = training.mounted(real.wsgi_app, shifts, real.extensions["settings"])  # type: ignore[method-assign]
        made.append(shifts)
        return School(real, shifts)

    yield make
    for shifts in made:
        shifts.close()


@pytest.fixture
def school(make_school: Callable[..., School]) -> School:
    return make_school()


@pytest.fixture
def neighbour(school: School, htmx: bool, world: World) -> Browser:
    """A browser whose user has just registered at the real portal."""
    browser = school.browser(htmx=htmx)
    browser.get("/join/contact").submit(login=PHONE, password=PASSWORD, password2=PASSWORD)
    with school.real.app_context():
        relay.round_of(school.real)
    return browser.submit(code=code_in(world.last(PHONE)["text"])).submit(agree=True)


@pytest.fixture
def pupil(school: School, htmx: bool) -> Browser:
    """A browser in front of the training portal, its learner at the door of Пермь; tests that use it run twice."""
    return begin(school.browser(htmx=htmx))


def begin(browser: Browser, supplier: str = "perm") -> Browser:
    return browser.get(f"/training/s/{supplier}/").submit(supplier=supplier)


def join(school: School, browser: Browser) -> Browser:
    """Register by the made-up phone, the code read from the training phone."""
    phone = school.learner(browser).phone
    browser.get("/training/join/contact").submit(login=phone, password=PASSWORD, password2=PASSWORD)
    place = browser.path
    code = code_in(browser.get("/training/phone").text)
    return browser.get(place).submit(code=code).submit(agree=True)
