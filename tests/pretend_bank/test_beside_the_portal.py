"""The training bank as `flask up` runs it: a child of its own, pages under the portal's address, files that both read."""

import os
import signal
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

from mygas.acquiring import OutcomeUnknown
from mygas.gateways import bank as banks
from mygas.settings import from_environment
from tests.e2e.portal import ROOT, command, environment, free_port, running
from tests.jobs.conftest import wait_until
from tests.pretend_bank.town import ASKED, bank_in

GATEWAY_ENV = ("MYGAS_MODE", "MYGAS_DATA", "MYGAS_BANK_URL", "PORT")


def test_the_bank_is_a_child_that_survives_its_death(tmp_path: Path) -> None:
    with running(tmp_path) as portal:
        dead = portal.children()["bank"]
        told = dict(item.partition("=")[::2] for item in Path(f"/proc/{dead}/environ").read_text().split("\0"))
        gateway = banks.from_settings(from_environment({name: told[name] for name in GATEWAY_ENV if name in told}))
        assert gateway is not None
        begun = gateway.begin(ASKED)
        assert begun.page == f"{portal.url}/pretend-bank/pay/{begun.id}"
        with urllib.request.urlopen(begun.page) as page:  # noqa: S310 - our own
            assert "Учебный банк. Деньги не списываются." in page.read().decode()
        assert _status(f"{portal.url}/pretend-bank/v3/payments/{begun.id}") == 404
        assert _status(f"{portal.url}/v3/payments/{begun.id}") == 404
        os.kill(dead, signal.SIGKILL)
        bank_in(tmp_path / "bank").pay(begun.id, "pays", "0004")  # as the pages do, which live in the web server
        wait_until(lambda: portal.children().get("bank") not in (None, dead))
        wait_until(lambda: _answers(gateway, begun.id))
        assert gateway.ask(begun.id).state == "succeeded"
        assert portal.stop(signal.SIGINT) < 10


def test_the_bank_refuses_what_it_is_not(tmp_path: Path) -> None:
    env = environment(tmp_path, free_port())
    asked = (("MYGAS_BANK_URL", "off", "another bank, or none"), ("MYGAS_BANK_FAULTS", "gone=1", "not a fault: 'gone=1'"))
    for name, value, words in asked:
        told = subprocess.run(command("bank"), env={**env, name: value}, cwd=ROOT, capture_output=True, text=True, check=False)
        assert told.returncode == 1
        assert words in told.stderr


def _answers(gateway: banks.Acquirer, payment_id: str) -> bool:
    try:
        return bool(gateway.ask(payment_id).id)
    except OutcomeUnknown:
        return False


def _status(url: str) -> int:
    try:
        with urllib.request.urlopen(url) as answer:  # noqa: S310 - our own
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
