"""Learners take turns, and never all the threads of a web server."""

import threading
from dataclasses import replace

import pytest
from werkzeug.test import Client

from mygas.settings import TRAINING
from mygas.training import mount


class Lesson:
    """A shift whose pages take as long as `going` is not set."""

    def __init__(self):
        self.going, self.begun = threading.Event(), threading.Semaphore(0)

    def app(self, _number):
        return self

    def __call__(self, _environ, start_response):
        self.begun.release()
        self.going.wait(10)
        start_response("200 OK", [])
        return [b"learned"]


@pytest.fixture
def busy(settings, monkeypatch):
    """A lesson, the portal beside it, and a visitor of either."""
    monkeypatch.setattr(mount, "PATIENCE", 0.2)
    lesson = Lesson()

    def real(_environ, start_response):
        start_response("200 OK", [])
        return [b"served"]

    yield lesson, Client(mount.mounted(real, lesson, replace(settings, demo=True)))
    lesson.going.set()


def visit(client, answers):
    thread = threading.Thread(target=lambda: answers.append(client.get(f"{TRAINING}/", buffered=True).status_code))
    thread.start()
    return thread


def test_who_came_on_business_is_served_whoever_learns(busy):
    lesson, client = busy
    answers = []
    threads = [visit(client, answers) for _ in range(mount.SERVED)]
    for _ in threads:
        assert lesson.begun.acquire(timeout=10)
    assert client.get("/").text == "served"
    impatient = client.get(f"{TRAINING}/", buffered=True)
    assert impatient.status_code == 503
    assert "Обновите страницу через минуту" in impatient.text
    assert impatient.headers["Retry-After"] == "60"
    lesson.going.set()
    for thread in threads:
        thread.join()
    assert answers == [200] * mount.SERVED
    assert client.get(f"{TRAINING}/", buffered=True).text == "learned", "every turn was given back"


def test_few_wait(busy, monkeypatch):
    lesson, client = busy
    monkeypatch.setattr(mount, "PATIENCE", 10.0)
    answers = []
    threads = [visit(client, answers) for _ in range(mount.SERVED + mount.WAITING + 4)]
    for thread in threads[-4:]:
        thread.join(0.5)
    assert answers == [503] * 4, "they do not wait at all"
    lesson.going.set()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200] * (mount.SERVED + mount.WAITING) + [503] * 4


def test_a_page_that_broke_gives_its_turn_back(busy):
    lesson, client = busy
    lesson.going.set()
    lesson.app = lambda _number: lambda _environ, _start: 1 / 0
    for _ in range(mount.SERVED + mount.WAITING + 1):
        with pytest.raises(ZeroDivisionError):
            client.get(f"{TRAINING}/")
