"""Messages that stay on this machine, and the choice between them and the real gateways."""

import json
import multiprocessing
import stat
import time
from datetime import UTC, datetime

import pytest

from mygas import gateways
from mygas.gateways import mail, screen, sms
from mygas.settings import BadSettings


def test_what_is_sent_can_be_read_newest_first(settings):
    here = settings()
    out = gateways.build(here)
    out.sms.send("+79123456789", "Мой Газ: код 123456", "a")
    out.mail.send("ivan@example.ru", "Код", "Код: 654321\nhttps://gas.example.ru/x\n", "b")
    letter, message = screen.read(here.screen_file, 10)
    assert {**message, "at": ""} == {"at": "", "to": "+79123456789", "channel": "sms", "text": "Мой Газ: код 123456"}
    assert (letter["to"], letter["channel"]) == ("ivan@example.ru", "email")
    assert letter["text"] == "Код\n\nКод: 654321\nhttps://gas.example.ru/x\n"
    assert datetime.fromisoformat(letter["at"]).tzinfo == UTC
    assert abs(datetime.fromisoformat(letter["at"]).timestamp() - time.time()) < 60
    assert "Мой Газ" in here.screen_file.read_text(encoding="utf-8")


def test_only_its_owner_may_read_the_file(settings):
    here = settings()
    gateways.build(here).sms.send("+79123456789", "код", "a")
    assert stat.S_IMODE(here.screen_file.stat().st_mode) == 0o600


def test_the_id_is_the_same_at_every_try(settings):
    out = gateways.build(settings())
    assert out.sms.send("+79123456789", "код", "a") == out.sms.send("+79123456789", "код", "a")
    assert out.sms.send("+79123456789", "код", "b") != out.sms.send("+79123456789", "код", "a")


def test_before_the_first_message_there_are_none(settings):
    assert screen.read(settings().screen_file, 10) == []


def test_a_torn_line_hides_neither_its_neighbours_nor_what_follows_it(settings):
    here = settings()
    out = gateways.build(here)
    out.sms.send("+79123456789", "first", "a")
    out.sms.send("+79123456789", 'torn here, with {"at": in it: Ы', "b")
    whole = here.screen_file.read_bytes()
    here.screen_file.write_bytes(whole[: whole.rindex("Ы".encode()) + 1])
    assert [message["text"] for message in screen.read(here.screen_file, 10)] == ["first"]
    out.sms.send("+79123456789", "after", "c")
    assert [message["text"] for message in screen.read(here.screen_file, 10)] == ["after", "first"]
    here.screen_file.write_bytes(b"\n[1]\n5\nnull\n")
    assert screen.read(here.screen_file, 10) == []


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_only_the_tail_of_a_big_file_is_read(settings, limit, monkeypatch):
    here = settings()
    lines = [
        json.dumps({"at": "2026-11-21T00:00:00+00:00", "to": "x", "channel": "sms", "text": f"{n} " + "Ы" * 500})
        for n in range(20_000)
    ]
    here.screen_file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    begun = time.process_time()
    found = screen.read(here.screen_file, limit)
    assert time.process_time() - begun < 0.1
    assert [int(message["text"].split()[0]) for message in found] == list(range(19_999, 19_999 - limit, -1))


def _send_many(path, sender: int) -> None:
    for number in range(200):
        screen.ScreenMail(path).send("ivan@example.ru", f"{sender}", f"{number} " + "длинное письмо " * 400, f"{sender}-{number}")


def test_eight_processes_at_once_tear_nothing(settings):
    path = settings().screen_file
    started = [multiprocessing.get_context("fork").Process(target=_send_many, args=(path, sender)) for sender in range(8)]
    for process in started:
        process.start()
    for process in started:
        process.join()
    lines = path.read_bytes().splitlines()
    assert len(lines) == 1600
    assert len({json.loads(line)["text"] for line in lines}) == 1600
    assert len(screen.read(path, 2000)) == 1600


def test_a_disk_that_will_not_is_tried_later(settings, tmp_path):
    with pytest.raises(gateways.TryLater):
        gateways.build(settings(data_dir=tmp_path / "nowhere")).sms.send("+79123456789", "код", "a")


def test_the_settings_choose_the_gateways(settings):
    out = gateways.build(settings())
    assert (type(out.mail), type(out.sms)) == (screen.ScreenMail, screen.ScreenSms)
    real = settings(mail_url="smtps://mail.example.ru", sms_url="https://sms.example.ru/", sms_body="to={to}&text={text}")
    out = gateways.build(real)
    assert (type(out.mail), type(out.sms)) == (mail.SmtpMail, sms.HttpSms)
    with pytest.raises(BadSettings):
        gateways.build(settings(mail_url="screen"))
