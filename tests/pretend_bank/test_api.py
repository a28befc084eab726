"""The API of the training bank itself: what the portal's client cannot be made to ask."""

import json
from copy import deepcopy

import pytest

from mygas.gateways import yookassa_words as words
from mygas.gateways.bank import PRETEND_SHOP
from mygas.pretend_bank import Faults, api
from tests.pretend_bank.town import ASKED, REFUND, bank_in

BODY = words.payment(ASKED, words.Custom())
SHOP = tuple(PRETEND_SHOP.split(":"))


@pytest.fixture
def client(training):
    return api(training, PRETEND_SHOP).test_client()


def begin(client, body=BODY, key="key", auth=SHOP):
    return client.post("/v3/payments", json=body, headers={"Idempotence-Key": key}, auth=auth)


@pytest.mark.parametrize("auth", [None, ("pretend", "wrong"), ("", ""), ("я", "я")])
def test_strangers_are_turned_away(client, auth):
    for answer in (begin(client, auth=auth), client.get("/v3/payments/x", auth=auth)):
        assert (answer.status_code, answer.json["code"]) == (401, "invalid_credentials")


@pytest.mark.parametrize("key", ["", "k" * 65])
def test_a_key_is_demanded(client, key):
    assert begin(client, key=key).json["parameter"] == "Idempotence-Key"


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff"])
def test_a_body_is_demanded(client, data):
    answer = client.post("/v3/payments", data=data, content_type="application/json", headers={"Idempotence-Key": "k"}, auth=SHOP)
    assert (answer.status_code, answer.json["parameter"]) == (400, "body")


WRONG = {
    "amount": [
        None,
        {},
        {"value": "1", "currency": "RUB"},
        {"value": "0.00", "currency": "RUB"},
        {"value": "1.00", "currency": "USD"},
    ],
    "capture": [False, None],
    "description": ["", "я" * 129, 7],
    "metadata": [None, {}, {"order": "x" * 65}],
    "confirmation": [None, {"type": "redirect", "return_url": "javascript:x"}, {"type": "embedded"}],
    "payment_order": [None, [], {}],
    "receipt": [None, {}, []],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_parameter_is_named(client, name, value):
    answer = begin(client, {**BODY, name: value})
    assert (answer.status_code, answer.json["code"]) == (400, "invalid_request")
    assert answer.json["parameter"].split(".")[0] in (name, "type", "customer")


@pytest.mark.parametrize(
    ("path", "value", "parameter"),
    [("payment_order.amount.value", "1.00", "payment_order.amount"),
     ("payment_order.payment_period.year", 1919, "payment_period"),
     ("payment_order.payment_period.month", 13, "payment_period"), ("payment_order.recipient.bank.name", "Б" * 46, "name"),
     ("payment_order.recipient.bank.account", "1" * 19, "account"), ("payment_order.recipient.kpp", "", "kpp"),
     ("payment_order.account_number", "1" * 31, "account_number"), ("receipt.customer", {}, "receipt.customer"),
     ("receipt.items", [], "receipt.items"), ("payment_order.payment_purpose", "", "payment_purpose")],
)  # fmt: skip
def test_the_payment_order_and_the_receipt_are_read(client, path, value, parameter):
    body = deepcopy(BODY)
    place, *rest = path.split(".")
    holder = body
    for name in rest:
        holder, place = holder[place], name
    holder[place] = value
    assert begin(client, body).json["parameter"] == parameter


def test_items_that_do_not_add_up_are_noticed(client):
    body = deepcopy(BODY)
    body["receipt"]["items"].pop()
    assert begin(client, body).json["parameter"] == "receipt.items.amount"


def test_a_refused_body_does_not_use_its_key_up(client):
    assert begin(client, {**BODY, "capture": False}).status_code == 400
    assert begin(client).status_code == 200


def test_the_order_of_a_body_is_no_other_body(client):
    first = begin(client).json
    assert begin(client, dict(reversed(BODY.items()))).json == first


def test_a_register_wants_its_bounds(client):
    day = "?created_at.gte=2026-11-21T00:00:00Z"
    assert client.get("/v3/payments", auth=SHOP).json["parameter"] == "created_at.gte"
    assert client.get(f"/v3/payments{day}&created_at.lt=soon", auth=SHOP).json["parameter"] == "created_at.lt"
    assert client.get(f"/v3/payments{day}&created_at.lt=2026-11-22T00:00:00Z&limit=101", auth=SHOP).json["parameter"] == "limit"
    assert client.get(f"/v3/payments{day}&created_at.lt=2026-11-22T00:00:00Z", auth=SHOP).json == {"type": "list", "items": []}


def test_unknown_things(client):
    for path in ("/v3/payments/6b-1", "/v3/refunds/6b-1", "/v3/nothing"):
        answer = client.get(path, auth=SHOP)
        assert (answer.status_code, answer.json["code"]) == (404, "not_found")
    assert client.get("/v3/receipts?payment_id=6b-1", auth=SHOP).json["items"] == []
    body = words.refund(REFUND, words.Custom())
    refused = client.post("/v3/refunds", json=body, headers={"Idempotence-Key": "k"}, auth=SHOP)
    assert refused.json["parameter"] == "payment_id"


def test_the_work_is_done_though_the_answer_is_lost(tmp_path):
    stumbling = bank_in(tmp_path, "unknown=100,hang=0")
    answers = {begin(api(stumbling, PRETEND_SHOP).test_client()).status_code for _ in range(40)}
    assert answers == {200, 500}
    assert len(list((tmp_path / "payments").rglob("*.json"))) == 1


@pytest.mark.parametrize("text", ["lost", "lost=x", "lost=1-2", "repeat=5-1", "gone=1", "lost=30;forged=1"])
def test_faults_that_cannot_be_understood(text):
    with pytest.raises(ValueError, match="not a"):
        Faults.parse(text)


def test_faults():
    faults = Faults.parse("lost=30, forged=10,repeat=1-5,delay=0-20,unknown=5")
    assert faults == Faults(lost=30, forged=10, repeat=(1, 5), delay=(0, 20), unknown=5)
    copies = [faults.copies() for _ in range(500)]
    assert {len(one) for one in copies} == {0, 1, 2, 3, 4, 5}
    assert 90 < sum(not one for one in copies) < 210
    assert all(0 <= delay <= 20_000 for one in copies for delay in one)
    assert Faults().copies() == [0]


def test_an_answer_holds_what_the_api_promises(client):
    told = begin(client).json
    assert json.loads(json.dumps(told)) == told
    assert told["confirmation"]["type"] == "redirect"
    assert (told["status"], told["paid"], told["test"]) == ("pending", False, True)
