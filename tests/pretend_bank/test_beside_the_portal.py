"""The training bank as `flask up` runs it: a child of its own, pages under the portal's address, files that both read."""

import os
import re
import signal
import subprocess
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest

from mygas import clock, up
from mygas.acquiring import OutcomeUnknown
from mygas.gateways import bank as banks
from mygas.settings import Settings, from_environment
from tests.e2e.portal import ROOT, command, environment, free_port, running
from tests.jobs.conftest import wait_until
from tests.pretend_bank.town import ASKED, bank_in

GATEWAY_ENV = ("MYGAS_MODE", "MYGAS_DATA", "MYGAS_BANK_URL", "PORT")


def test_the_bank_is_a_child_that_survives_its_death(tmp_path: Path) -> None:
    with running(tmp_path) as portal:
        dead = portal.children()["bank"][0]
        told = dict(item.partition("=")[::2] for item in Path(f"/proc/{dead}/environ").read_text().split("\0"))
        gateway = banks.from_settings(from_environment({name: told[name] for name in GATEWAY_ENV if name in told}))
        assert gateway is not None
        wait_until(lambda: _answers(gateway))
        begun = gateway.begin(ASKED)
        assert begun.page == f"{portal.url}/pretend-bank/pay/{begun.id}"
        with urllib.request.urlopen(begun.page) as page:  # noqa: S310 - our own
            assert "Учебный банк. Деньги не списываются." in page.read().decode()
        assert _status(f"{portal.url}/pretend-bank/v3/payments/{begun.id}") == 404
        assert _status(f"{portal.url}/v3/payments/{begun.id}") == 404
        os.kill(dead, signal.SIGKILL)
        bank_in(tmp_path / "bank").pay(begun.id, "pays", "0004")  # as the pages do, which live in the web server
        wait_until(lambda: dead not in portal.children().get("bank", [dead]))
        wait_until(lambda: _answers(gateway))
        assert gateway.ask(begun.id).state == "succeeded"
        assert portal.stop(signal.SIGINT) < 10


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("pretend:", "pretend:2[0-9]{4}"),
        ("pretend:?timeout=3", r"pretend:2[0-9]{4}\?timeout=3"),
        ("pretend:8020", "pretend:8020"),
    ],
)
def test_all_children_are_told_the_same_port(settings: Settings, given: str, told: str) -> None:
    family = up.children(replace(settings, bank_url=given), door=9)
    assert {child.name for child in family} >= {"bank", "worker", "web"}
    (address,) = {child.env["MYGAS_BANK_URL"] for child in family if child.name != "redis"}
    assert re.fullmatch(told, address)


def test_no_bank_is_started_where_another_is_named(settings: Settings) -> None:
    for named in ("off", "https://1:s3cret@api.yookassa.ru/v3"):
        assert "bank" not in {child.name for child in up.children(replace(settings, bank_url=named), door=9)}


def test_the_bank_refuses_what_it_is_not(tmp_path: Path) -> None:
    env = environment(tmp_path, free_port())
    asked = (("MYGAS_BANK_URL", "off", "another bank, or none"), ("MYGAS_BANK_FAULTS", "gone=1", "not a fault: 'gone=1'"))
    for name, value, words in asked:
        told = subprocess.run(command("bank"), env={**env, name: value}, cwd=ROOT, capture_output=True, text=True, check=False)
        assert told.returncode == 1
        assert words in told.stderr


def _answers(gateway: banks.Acquirer) -> bool:
    try:
        list(gateway.register(clock.now(), clock.now()))
    except OutcomeUnknown:
        return False
    return True


def _status(url: str) -> int:
    try:
        with urllib.request.urlopen(url) as answer:  # noqa: S310 - our own
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
