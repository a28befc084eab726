"""Files of lessons: what is refused, and where a learner stands."""

import re
import runpy
from datetime import UTC, datetime

import pytest

from mygas.settings import ROOT
from mygas.training import check, progress, syllabus, translated
from mygas.training.progress import Way
from mygas.training.syllabus import BadLesson, Deed, load
from translations import messages

GOOD = """place = 1
title = "Проба"
about = "Проба уроков."
minutes = 2
audience = "subscriber"
praise = "Готово."

[[steps]]
say = "Откройте страницу."
why = "Так нужно."
look = "Вверху."
said = "страница открыта"
go = "join.step/contact"
done = "GET join.step/contact 200"

[[steps]]
say = "Введите {phone}."
enter = [["Логин", "{phone}"]]
press = "Дальше"
why = "Так нужно."
look = "Вверху."
said = "введено"
done = "POST join.step/contact 422"

[[steps]]
say = "Введите ещё раз."
why = "Так нужно."
look = "Вверху."
said = "введено"
done = "POST join.step/contact 303"
"""
ROUTES = {("GET", "join.step"), ("POST", "join.step"), ("POST", "start.sign_out")}
BAD = [
    ('title = "Проба"\n', "", "title", "is missing"),
    ("minutes = 2", "minutes = 0", "minutes", "must be at least 1"),
    ("minutes = 2", 'minutes = "2"', "minutes", "must be a whole number"),
    ('audience = "subscriber"', 'audience = "boss"', "audience", "must be one of"),
    ("place = 1", "place = 1\nafter = \"nowhere\"", "after", "names no lesson"),
    ("place = 1", "place = 1\ncolour = 1", "colour", "is not a key of a lesson's file"),
    ("place = 1", 'place = 1\nslug = "x"', "slug", "the name of the file is the slug"),
    ('look = "Вверху."\n', "", "steps.1.look", "is missing"),
    ('said = "введено"\n', 'said = " "\n', "steps.2.said", "is empty"),
    ("GET join.step/contact 200", "GET join.stepp/contact 200", "steps.1.done", "nothing answers GET join.stepp"),
    ("GET join.step/contact 200", "GET start.sign_out 200", "steps.1.done", "nothing answers GET start.sign_out"),
    ("GET join.step/contact 200", "join.step", "steps.1.done", "must be like `POST join.step/contact 303`"),
    ('done = "POST join.step/contact 303"\n', "", "steps.3.done", "must be like"),
    ('go = "join.step/contact"', 'go = "start.sign_out"', "steps.1.go", "there is no page start.sign_out"),
    ('go = "join.step/contact"', 'go = "/join/contact"', "steps.1.go", "must be like `join.step/contact`"),
    ("Введите {phone}.", "Введите {fone}.", "steps.2.say", "has no value for {fone}; there are phone"),
    ('["Логин", "{phone}"]', '["Логин", "{}"]', "steps.2.enter", "has no value for {}"),
    ("Введите {phone}.", "Введите {phone.", "steps.2.say", "has braces that do not match"),
    ('enter = [["Логин", "{phone}"]]', 'enter = [["Логин"]]', "steps.2.enter", "must hold lists of 2 items"),
    (GOOD[GOOD.index("[[steps]]") :], "", "steps", "must be a list of steps"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "key", "reason"), BAD)
def test_a_bad_file_is_refused_with_file_key_and_reason(tmp_path, old, new, key, reason):
    assert old in GOOD
    (tmp_path / "first.toml").write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadLesson) as refusal:
        load(tmp_path, ROUTES, {"phone"})
    assert (refusal.value.file, refusal.value.key) == ("first.toml", key)
    assert reason in refusal.value.reason


def test_a_folder_without_lessons_and_two_lessons_in_one_place_are_refused(tmp_path):
    with pytest.raises(BadLesson, match="holds no lessons"):
        load(tmp_path, ROUTES, {"phone"})
    for name in ("first", "second"):
        (tmp_path / f"{name}.toml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(BadLesson, match=r"place: is the same as in"):
        load(tmp_path, ROUTES, {"phone"})


def test_a_portal_with_a_bad_lesson_does_not_start(tmp_path, monkeypatch):
    """It says so in one line; without lessons it starts."""
    (tmp_path / "first.toml").write_text(GOOD.replace("join.step", "join.stepp", 1), encoding="utf-8")
    monkeypatch.setattr("mygas.training.syllabus.FOLDER", tmp_path)
    monkeypatch.setenv("MYGAS_DATA", str(tmp_path))
    monkeypatch.setenv("MYGAS_MODE", "demo")
    with pytest.raises(SystemExit, match=r"mygas cannot start: first\.toml: steps\.1\.go: there is no page join\.stepp"):
        runpy.run_path(str(ROOT / "wsgi.py"))
    monkeypatch.setenv("MYGAS_TRAINING", "off")
    assert runpy.run_path(str(ROOT / "wsgi.py"))["app"]


ENGLISH = """title = "A trial"
about = "A trial of lessons."
praise = "Done."

[[steps]]
say = "Open the page."
why = "It must be."
look = "At the top."
said = "the page is open"

[[steps]]
say = "Enter {phone}."
enter = [["Login", "{phone}"]]
press = "On"
why = "It must be."
look = "At the top."
said = "entered"

[[steps]]
say = "Enter it again."
why = "It must be."
look = "At the top."
said = "entered"
"""
UNLIKE = [
    ('title = "A trial"\n', "", "title", "is missing"),
    ('title = "A trial"\n', 'title = "A trial"\nminutes = 2\n', "minutes", "is not a key"),
    ('look = "At the top."\n', "", "steps.1.look", "is missing"),
    ('say = "Open', 'done = "GET join.step 200"\nsay = "Open', "steps.1.done", "is not a key"),
    ('say = "Open', 'press = "On"\nsay = "Open', "steps.1.press", "exactly when the Russian step has it"),
    ('press = "On"\n', "", "steps.2.press", "exactly when the Russian step has it"),
    ('[["Login", "{phone}"]]', '[["Login", "{phone}"], ["Password", "1"]]', "steps.2.enter", "of the same length"),
    ("Enter {phone}.", "Enter {phones}.", "steps.2.say", "has other {placeholders}"),
    ('["Login", "{phone}"]', '["{phone}", "Login"]', "steps.2.enter", "has other {placeholders}"),
    ("Enter {phone}.", "Enter {phone.", "steps.2.say", "has braces that do not match"),
    (ENGLISH[ENGLISH.rindex("[[steps]]") :], "", "steps", "must be a list of 3 steps"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "key", "reason"), UNLIKE)
def test_a_translation_unlike_its_lesson_is_refused(tmp_path, lesson, old, new, key, reason):
    assert old in ENGLISH
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "first.toml").write_text(ENGLISH.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadLesson) as refusal:
        translated.load(tmp_path / "en", {"first": lesson})
    assert (refusal.value.file, refusal.value.key) == ("en/first.toml", key)
    assert reason in refusal.value.reason


def test_a_lesson_without_a_translation_and_a_translation_without_a_lesson_are_refused(tmp_path, lesson):
    with pytest.raises(BadLesson, match=r"en/first\.toml: is missing"):
        translated.load(tmp_path / "en", {"first": lesson})
    (tmp_path / "en").mkdir()
    for name in ("first", "second"):
        (tmp_path / "en" / f"{name}.toml").write_text(ENGLISH, encoding="utf-8")
    with pytest.raises(BadLesson, match=r"en/second\.toml: translates no lesson"):
        translated.load(tmp_path / "en", {"first": lesson})


def test_a_translated_lesson_is_the_same_in_other_words(tmp_path, lesson):
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "first.toml").write_text(ENGLISH, encoding="utf-8")
    english = translated.load(tmp_path / "en", {"first": lesson})["first"]
    assert (english.title, english.minutes, english.steps[1].say) == ("A trial", 2, "Enter {phone}.")
    assert [(step.deed, step.aim) for step in english.steps] == [(step.deed, step.aim) for step in lesson.steps]


def test_a_portal_whose_lessons_wait_for_english_does_not_start(app, tmp_path, monkeypatch):
    (tmp_path / "first.toml").write_text(GOOD, encoding="utf-8")
    monkeypatch.setattr("mygas.training.syllabus.FOLDER", tmp_path)
    with pytest.raises(BadLesson, match=r"en/first\.toml: is missing"):
        check(app)


@pytest.mark.parametrize("path", sorted((syllabus.FOLDER / "en").glob("*.toml")), ids=lambda path: path.stem)
def test_english_lessons_quote_what_english_pages_say(path):
    """What stands in “quotes” or is to be pressed is a sentence of the catalogue, or the beginning of one."""
    said = [
        words
        for message in messages.read("en")
        for words in ([message.string] if isinstance(message.string, str) else message.string)
    ]
    text = path.read_text(encoding="utf-8")
    quoted = re.findall(r"“(.+?)”", text) + [
        words for words in re.findall(r'^press = "(.+)"', text, re.MULTILINE) if "{" not in words
    ]
    assert quoted and [words for words in quoted if words != "?" and not any(one.startswith(words) for one in said)] == []


@pytest.fixture
def lesson(tmp_path):
    (tmp_path / "first.toml").write_text(GOOD, encoding="utf-8")
    return load(tmp_path, ROUTES, {"phone"})["first"]


OPENED, WRONG, RIGHT = (
    Deed("GET", "join.step", "contact", 200),
    Deed("POST", "join.step", "contact", 422),
    Deed("POST", "join.step", "contact", 303),
)


def test_the_turn_is_of_the_step_after_the_furthest(lesson):
    assert [progress.present(lesson, passed) for passed in ((), {1}, {2}, {1, 3})] == [1, 2, 3, None]


def test_a_deed_ahead_is_noticed_and_one_behind_is_not(lesson):
    assert progress.noticed(lesson, (), OPENED, at_it=True) == 1
    assert progress.noticed(lesson, (), RIGHT, at_it=True) == 3
    assert progress.noticed(lesson, {2}, OPENED, at_it=True) is None
    assert progress.noticed(lesson, {3}, WRONG, at_it=True) is None


def test_pages_opened_by_the_way_are_no_steps_of_other_lessons_but_deeds_are(lesson):
    assert progress.noticed(lesson, (), OPENED, at_it=False) is None
    assert progress.noticed(lesson, (), WRONG, at_it=False) == 2


def test_a_way_knows_what_was_done_when_and_what_was_skipped(lesson):
    now = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
    way = Way({**progress.at("first"), **progress.mark("first", 1, now), **progress.skipped("first", 3)})
    assert (way.lesson, way.done("first"), way.passed("first"), way.over(lesson)) == ("first", {1: now}, {1, 3}, now)
    assert Way({**way.facts, **progress.unmark(lesson)}).passed("first") == set()
    assert Way(progress.skipped("first", 3)).over(lesson) is None, "who only skipped has learnt nothing"
