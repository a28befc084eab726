"""The catalogues are in step with the code, whole, and keep every place of every sentence."""

import pytest

from translations import messages

LANGUAGES = (messages.LANGUAGE, messages.OWN)


@pytest.mark.parametrize("code", LANGUAGES)
def test_nothing_waits_for_a_translation(code: str) -> None:
    waiting = messages.waiting(messages.read(code))
    assert [message.id for message in waiting] == []


def test_catalogue_is_in_step_with_the_code() -> None:
    said = {message.id for message in messages.extract() if message.id}
    known = {message.id for message in messages.read(messages.LANGUAGE) if message.id}
    assert said - known == set(), "make messages"
    assert known - said == set(), "make messages"


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_place_went_astray(code: str) -> None:
    catalogue = messages.read(code)
    translated = [message for message in catalogue if message.id and messages.done(message)]
    assert [fault for message in translated for fault in messages.astray(message)] == []


def test_merging_refuses_a_place_gone_astray(tmp_path, monkeypatch) -> None:
    written = []
    monkeypatch.setattr(messages, "_write", lambda code, catalogue: written.append(catalogue))
    part = tmp_path / "part.po"
    part.write_text('msgid "долг %(sum)s"\nmsgstr "debt %(some)s"\n\nmsgid "нигде"\nmsgstr "nowhere"\n', encoding="utf-8")
    wrong = messages.merge([part])
    assert len(wrong) == 2
    assert written[0].get("долг %(sum)s").string != "debt %(some)s"
