"""kill -9 in the middle of anything: a key still has one payment, and every file can be read."""

import json
import multiprocessing
import secrets
import time
from pathlib import Path

from mygas.gateways import yookassa_words as words
from tests.pretend_bank.town import asked, bank_in

KEYS = 40
ROUNDS = 15


def do_all(folder: Path) -> None:
    """Begin, pay and partly give back: once per key, however often it is done."""
    bank = bank_in(folder)
    for number in range(KEYS):
        told = bank.begin(f"key-{number}", words.payment(asked(f"key-{number}"), words.Custom()))
        bank.pay(told["id"], "pays", "0004")
        bank.refund(f"refund-{number}", {"payment_id": told["id"], "amount": words.amount(100), "description": "x"})


def go_on(folder: Path) -> None:
    while True:
        do_all(folder)


def things(folder: Path) -> list[dict]:
    return [json.loads(file.read_text()) for file in folder.rglob("[0-9a-f]*.json")]


def test_a_killed_bank_neither_loses_nor_doubles(tmp_path):
    forked = multiprocessing.get_context("fork")
    for _ in range(ROUNDS):
        pair = [forked.Process(target=go_on, args=(tmp_path,)) for _ in range(2)]
        for process in pair:
            process.start()
        time.sleep(0.01 + secrets.randbelow(60) / 1000)
        for process in pair:
            process.kill()
            process.join()
    assert things(tmp_path / "payments"), "nobody was killed at work"
    do_all(tmp_path)
    payments, refunds = things(tmp_path / "payments"), things(tmp_path / "refunds")
    assert sorted(one["shown"]["metadata"]["order"] for one in payments) == sorted(f"key-{number}" for number in range(KEYS))
    assert all(one["shown"]["status"] == "succeeded" and sum(one["refunds"].values()) == 100 for one in payments)
    assert sorted(one["shown"]["payment_id"] for one in refunds) == sorted(one["shown"]["id"] for one in payments)
