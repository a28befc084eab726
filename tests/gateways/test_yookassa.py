"""The client of YooKassa's API, against the training bank over real HTTP, and against servers that misbehave."""

import json
import re
import socket
import ssl
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from mygas import clock
from mygas.acquiring import Declined, Forged, Item, OutcomeUnknown
from mygas.gateways import bank as banks
from mygas.gateways import yookassa_words as words
from mygas.settings import BadSettings, from_environment
from tests.gateways.faults import dripping, nonsense, reset, silent
from tests.pretend_bank.town import ASKED, PAYEE, REFUND, asked, bank_in, listening

SECRET = "live_s3cret"
PAYMENT = {
    "id": "6b-1",
    "status": "pending",
    "amount": {"value": "1.00", "currency": "RUB"},
    "created_at": "2026-11-22T00:00:00.000Z",
}


@pytest.fixture
def training(tmp_path):
    return bank_in(tmp_path / "bank")


@pytest.fixture
def gateway(training, settings):
    with listening(training) as port:
        yield banks.from_settings(settings(bank_url=f"pretend:{port}"))


@pytest.fixture
def shop(settings):
    """A shop at the real bank, which is a port of this machine: `shop(port)`."""

    def make(port, notes="timeout=1", host="http://127.0.0.1"):
        address = f"{host.replace('://', f'://shop:{SECRET}@')}:{port}/v3?{notes}"
        return banks.from_settings(settings(bank_url=address))

    return make


def answering(status, body, *more):
    """One answer to each request."""

    def talk(line):
        line.recv(65536)
        head = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}", "Connection: close", *more]
        line.sendall("\r\n".join([*head, "", ""]).encode() + body)

    return talk


def test_a_payment_begins_and_is_asked_after(gateway):
    told = gateway.begin(ASKED)
    assert (told.key, told.state, told.amount_kop, told.currency) == ("order-1", "pending", 123456, "RUB")
    assert told.page == f"http://localhost/pretend-bank/pay/{told.id}"
    assert abs(told.created_at - clock.now()) < timedelta(seconds=5)
    assert gateway.ask(told.id) == told


def test_a_key_begins_one_payment(gateway, training):
    told = gateway.begin(ASKED)
    training.pay(told.id, "pays", "0004")
    assert gateway.begin(ASKED) == told
    with pytest.raises(OutcomeUnknown, match="HTTP 400"):
        gateway.begin(replace(ASKED, description="Другое"))
    assert gateway.begin(asked("order-2")).id != told.id


def test_a_day_later_the_key_begins_another(gateway):
    told = gateway.begin(ASKED)
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        assert gateway.begin(ASKED).id != told.id


@pytest.mark.parametrize(
    ("does", "state", "reason"),
    [("pays", "succeeded", ""), ("funds", "canceled", "insufficient_funds"), ("late", "canceled", "issuer_unavailable"),
     ("slow", "pending", ""), ("code", "pending", "")],
)  # fmt: skip
def test_what_becomes_of_a_payment(gateway, training, does, state, reason):
    told = gateway.begin(ASKED)
    training.pay(told.id, does, "0004")
    after = gateway.ask(told.id)
    assert (after.state, after.reason, after.amount_kop) == (state, reason, 123456)
    assert bool(after.page) == (state == "pending")


def test_when_the_money_was_taken(gateway, training):
    told = gateway.begin(ASKED)
    assert told.paid_at is None
    training.pay(told.id, "pays", "0004")
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        after = gateway.ask(told.id).paid_at
        assert after is not None
        assert timedelta(hours=1, minutes=59) < clock.now() - after < timedelta(hours=2, minutes=1)


@pytest.mark.parametrize("does", ["slow", "late"])
def test_an_outcome_that_comes_later(gateway, training, does):
    told = gateway.begin(ASKED)
    training.pay(told.id, does, "0004")
    with time_machine.travel(clock.now() + timedelta(minutes=3)):
        assert gateway.ask(told.id).state == "succeeded"


def test_an_hour_without_the_payer_ends_a_payment(gateway):
    told = gateway.begin(ASKED)
    with time_machine.travel(clock.now() + timedelta(minutes=61)):
        assert (gateway.ask(told.id).state, gateway.ask(told.id).reason) == ("canceled", "expired_on_confirmation")


def test_the_fiscal_receipt_is_followed(gateway, training):
    told = gateway.begin(ASKED)
    assert told.fiscal == ""
    training.pay(told.id, "pays", "0004")
    assert (gateway.ask(told.id).fiscal, gateway.ask(told.id).fiscal_id) == ("pending", "")
    with time_machine.travel(clock.now() + timedelta(seconds=5)):
        after = gateway.ask(told.id)
        assert after.fiscal == "done"
        assert re.fullmatch("[0-9]{1,6}", after.fiscal_id)


def test_a_receipt_that_cannot_be_found_hides_no_payment(serve, shop):
    paid = json.dumps({**PAYMENT, "status": "succeeded", "receipt_registration": "succeeded"}).encode()

    def talk(line):
        answering(*((403, b"") if b"/receipts" in line.recv(65536, socket.MSG_PEEK) else (200, paid)))(line)

    told = shop(serve(talk)).ask("6b-1")
    assert (told.state, told.fiscal, told.fiscal_id) == ("succeeded", "done", "")


def test_money_is_given_back_once_a_key_and_never_more_than_was_paid(gateway, training):
    told = gateway.begin(ASKED)
    part = replace(REFUND, payment_id=told.id)
    with pytest.raises(Declined, match="invalid_request:payment_id"):
        gateway.refund(part)
    training.pay(told.id, "pays", "0004")
    given_back = gateway.refund(part)
    assert (given_back.state, given_back.amount_kop, given_back.payment_id) == ("succeeded", 3456, told.id)
    assert gateway.refund(part) == given_back == gateway.ask_refund(given_back.id)
    assert gateway.ask(told.id).refunded_kop == 3456
    rest = replace(part, key="refund-2", amount_kop=123456, items=(Item("Газ", 123456),))
    with pytest.raises(Declined, match="invalid_request:amount"):
        gateway.refund(rest)
    gateway.refund(replace(rest, key="refund-3", amount_kop=120000, items=(Item("Газ", 120000),)))
    assert gateway.ask(told.id).refunded_kop == 123456


def test_a_refund_that_the_payers_bank_does_not_take(gateway, training):
    told = gateway.begin(ASKED)
    training.pay(told.id, "keeps", "0053")
    given_back = gateway.refund(replace(REFUND, payment_id=told.id))
    assert (given_back.state, given_back.reason) == ("canceled", "general_decline")
    assert gateway.ask(told.id).refunded_kop == 0


def test_a_refund_that_takes_its_time(gateway, training):
    told = gateway.begin(ASKED)
    training.pay(told.id, "slow", "0038")
    with time_machine.travel(clock.now() + timedelta(minutes=2)) as later:
        given_back = gateway.refund(replace(REFUND, payment_id=told.id))
        assert given_back.state == "pending"
        later.shift(timedelta(minutes=2))
        assert gateway.ask_refund(given_back.id).state == "succeeded"


def test_the_register_is_read_to_its_end(gateway, training):
    begun = []
    for minute in range(105):
        with time_machine.travel(datetime(2026, 11, 20, 23, tzinfo=UTC) + timedelta(minutes=minute), tick=False):
            begun.append(training.begin(f"order-{minute}", words.payment(asked(f"order-{minute}", 100 + minute), words.Custom())))
    day = datetime(2026, 11, 20, 23, tzinfo=UTC)
    every = list(gateway.register(day, day + timedelta(hours=2)))
    assert [told.id for told in every] == [one["id"] for one in begun]
    assert [told.amount_kop for told in every] == list(range(100, 205))
    hour = gateway.register(day + timedelta(minutes=60), day + timedelta(minutes=62))
    assert [told.key for told in hour] == ["order-60", "order-61"]


def test_a_refusal_names_what_is_wrong(gateway):
    with pytest.raises(Declined) as declined:
        gateway.begin(replace(ASKED, payee=replace(PAYEE, inn="1")))
    assert declined.value.reason == "invalid_request:inn"


def test_an_unknown_payment_is_not_a_refused_one(gateway):
    with pytest.raises(OutcomeUnknown, match="not_found"):
        gateway.ask("6b000000-0000-5000-0000-000000000000")
    with pytest.raises(OutcomeUnknown):
        gateway.ask("../refunds")


@pytest.mark.parametrize(
    "talk",
    [silent, reset, nonsense, dripping(b""), dripping(b"HTTP/1.1 200 OK\r\n\r\n"), answering(200, b""), answering(200, b"[]"),
     answering(200, b"[" * 100_000), answering(200, b'{"id": "x"}'), answering(500, b'{"type": "error", "code": "x"}'),
     answering(502, b"<h1>Bad gateway</h1>"), answering(302, b"", "Location: http://127.0.0.1:9/"),
     answering(404, b"<h1>Not here</h1>"), answering(400, b'{"code": "invalid_request"}'), answering(200, b" " * 5_000_000)],
)  # fmt: skip
def test_what_is_no_answer_leaves_the_outcome_unknown(serve, shop, talk):
    gateway = shop(serve(talk))
    begun = time.monotonic()
    for question in (lambda: gateway.begin(ASKED), lambda: gateway.ask("6b-1"), lambda: gateway.refund(REFUND)):
        with pytest.raises(OutcomeUnknown) as unknown:
            question()
        assert SECRET not in str(unknown.value) + repr(unknown.value.__cause__)
    assert time.monotonic() - begun < 7


@pytest.mark.parametrize("status", [401, 403, 408, 409, 429])
def test_a_refusal_of_us_or_of_the_moment_is_never_final(serve, shop, status):
    gateway = shop(serve(answering(status, b'{"type": "error", "code": "too_many_requests"}')))
    with pytest.raises(OutcomeUnknown, match=f"HTTP {status}"):
        gateway.begin(ASKED)


def test_an_endless_register_is_left(serve, shop, monkeypatch):
    monkeypatch.setattr("mygas.gateways.yookassa._PAGES", 3)
    gateway = shop(serve(answering(200, b'{"type": "list", "items": [], "next_cursor": "1"}')))
    with pytest.raises(OutcomeUnknown, match="no end"):
        list(gateway.register(clock.now(), clock.now()))


def test_nobody_there(shop, closed_port):
    with pytest.raises(OutcomeUnknown, match="ConnectionRefusedError"):
        shop(closed_port).begin(ASKED)


def test_a_wrong_secret_is_told_to_nobody(training, shop):
    with listening(training) as port, pytest.raises(OutcomeUnknown, match="HTTP 401") as unknown:
        shop(port).begin(ASKED)
    assert SECRET not in str(unknown.value)


def test_only_a_trusted_certificate_will_do(training, shop, certificate, strange_certificate):
    trust = [(certificate, "", "not trusted"), (certificate, f"ca={certificate}", "HTTP 401")]
    for file, notes, message in (*trust, (strange_certificate, f"ca={strange_certificate}", "not trusted")):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(file)
        with listening(training, context) as port, pytest.raises(OutcomeUnknown, match=message):
            shop(port, notes, "https://localhost").begin(ASKED)


@given(st.integers(1, 10**12))
def test_a_sum_is_written_to_the_kopeck(kopecks):
    value = words.amount(kopecks)["value"]
    assert re.fullmatch(r"[0-9]+\.[0-9]{2}", value)
    assert int(value.replace(".", "")) == kopecks


@pytest.mark.parametrize("kopecks", [0, -1])
def test_nobody_pays_nothing(kopecks):
    with pytest.raises(ValueError, match="positive"):
        words.amount(kopecks)


def test_what_is_sent_for_utilities():
    sent = words.payment(ASKED, words.Custom(vat=12, tax=2))
    assert sent["amount"] == {"value": "1234.56", "currency": "RUB"}
    assert (sent["capture"], sent["metadata"]) == (True, {"order": "order-1"})
    assert "payment_method_data" not in sent
    order = sent["payment_order"]
    assert (order["type"], order["payment_period"], order["account_number"]) == (
        "utilities",
        {"month": 10, "year": 2026},
        "59000001",
    )
    assert order["recipient"]["bank"] == {
        "name": PAYEE.bank_name, "bic": PAYEE.bic, "account": PAYEE.account, "correspondent_account": PAYEE.corr_account
    }  # fmt: skip
    receipt = sent["receipt"]
    assert (receipt["customer"], receipt["tax_system_code"]) == ({"phone": "79123456789"}, 2)
    assert receipt["items"][1] == {
        "description": "Комиссия", "quantity": "1", "amount": {"value": "34.56", "currency": "RUB"}, "vat_code": 12,
        "payment_mode": "full_payment", "payment_subject": "service",
    }  # fmt: skip
    assert words.refund(REFUND, words.Custom())["receipt"]["customer"] == {"email": "anna@example.ru"}
    bare = words.payment(ASKED, words.Custom(receipt=False, order=False))
    assert not {"receipt", "payment_order"} & bare.keys()


def test_long_words_are_cut_to_what_is_taken():
    long = replace(ASKED, description="я" * 300, items=(Item("ю" * 200, 123456),), payee=replace(PAYEE, bank_name="Б" * 46))
    sent = words.payment(long, words.Custom())
    assert (len(sent["description"]), len(sent["payment_order"]["payment_purpose"])) == (128, 210)
    assert len(sent["payment_order"]["recipient"]["bank"]["name"]) == 45
    assert len(sent["receipt"]["items"][0]["description"]) == 128


@pytest.mark.parametrize(
    ("status", "state"),
    [("pending", "pending"), ("waiting_for_capture", "pending"), ("succeeded", "succeeded"), ("canceled", "canceled")],
)
def test_the_table_of_states(status, state):
    assert words.told_payment({**PAYMENT, "status": status}, "", secure=True).state == state


@pytest.mark.parametrize(
    ("told", "fiscal"), [({}, ""), *(({"receipt_registration": theirs}, ours) for theirs, ours in
                                     (("pending", "pending"), ("succeeded", "done"), ("canceled", "failed")))],
)  # fmt: skip
def test_the_table_of_fiscal_receipts(told, fiscal):
    assert words.told_payment({**PAYMENT, **told}, "", secure=True).fiscal == fiscal


@pytest.mark.parametrize(
    "change",
    [{"id": "../x"}, {"id": 7}, {"status": "paid"}, {"status": []}, {"amount": None}, {"created_at": "soon"}, {"metadata": "x"},
     {"amount": {"value": "1.234", "currency": "RUB"}}, {"amount": {"value": "-1.00", "currency": "RUB"}},
     {"amount": {"value": 1.0, "currency": "RUB"}}, {"refunded_amount": {"value": "?"}}, {"receipt_registration": "?"},
     {"confirmation": [1]}, {"confirmation": {"confirmation_url": "javascript:alert(1)"}},
     {"confirmation": {"confirmation_url": "http://yoomoney.ru/"}}, {"captured_at": "soon"},
     {"confirmation": {"confirmation_url": "https://yoomoney.ru/" + "x" * 1_981}}],
)  # fmt: skip
def test_an_answer_that_is_not_a_payment(change):
    with pytest.raises(OutcomeUnknown, match="not its own"):
        words.told_payment({**PAYMENT, **change}, "", secure=True)


@pytest.fixture
def yookassa(shop):
    return shop(443)


def notification(event="payment.succeeded", **thing):
    return json.dumps({"type": "notification", "event": event, "object": {"id": "6b-1", **thing}}).encode()


@pytest.mark.parametrize("event", ["payment.succeeded", "payment.waiting_for_capture", "payment.canceled"])
@pytest.mark.parametrize("ip", ["185.71.76.1", "77.75.156.35", "2a02:5180:0:1509::7", "::ffff:77.75.154.200"])
def test_a_notification_is_heard(yookassa, event, ip):
    heard = yookassa.hear(notification(event), ip, {})
    assert (heard.source_id, heard.payment_id, heard.event) == (f"{event}:6b-1", "6b-1", event)


def test_a_notification_of_a_refund_names_the_payment(yookassa):
    heard = yookassa.hear(notification("refund.succeeded", id="r-1", payment_id="6b-1"), "185.71.76.1", {})
    assert (heard.source_id, heard.payment_id) == ("refund.succeeded:r-1", "6b-1")


@pytest.mark.parametrize("ip", ["127.0.0.1", "185.71.76.33", "77.75.156.12", "2a02:5181::1", "", "nonsense"])
def test_a_notification_from_elsewhere_is_forged(yookassa, ip):
    with pytest.raises(Forged, match="strange network"):
        yookassa.hear(notification(), ip, {"X-Forwarded-For": "185.71.76.1"})


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff", b"[]", b"7", b"{}", b"[" * 60_000, notification("payment.paid"), notification(id="../x"), notification(id=7),
     notification("refund.succeeded"), notification() + b" " * 65536, b'{"event": [], "object": {"id": "6b-1"}}'],
)  # fmt: skip
def test_a_notification_that_cannot_be_one_is_forged(yookassa, body):
    with pytest.raises(Forged):
        yookassa.hear(body, "185.71.76.1", {})


def test_the_networks_are_a_setting(shop):
    narrow = shop(443, "networks=10.0.0.0/8,192.0.2.7")
    assert narrow.hear(notification(), "192.0.2.7", {}).payment_id == "6b-1"
    with pytest.raises(Forged):
        narrow.hear(notification(), "185.71.76.1", {})


def test_the_training_bank_speaks_from_this_machine(gateway):
    assert gateway.name == "pretend"
    assert gateway.pages == ("http://localhost:8000",)
    assert gateway.hear(notification(), "127.0.0.1", {}).payment_id == "6b-1"
    with pytest.raises(Forged):
        gateway.hear(notification(), "192.168.0.1", {})


def test_a_real_shop(settings):
    real = banks.from_settings(settings(bank_url=f"https://54401:{SECRET}%40@api.yookassa.ru/v3?vat=12&tax=1&receipt=off"))
    assert (real.name, real.host.name, real.host.port, real.path) == ("yookassa", "api.yookassa.ru", None, "/v3")
    assert real.host.context.verify_mode == ssl.CERT_REQUIRED
    assert real.pages == ("https://yoomoney.ru", "https://yookassa.ru")
    assert real.shop == f"54401:{SECRET}@"
    assert (real.custom.vat, real.custom.tax, real.custom.receipt, real.custom.order) == (12, 1, False, True)
    assert SECRET not in repr(real)


def test_no_bank_at_all(settings):
    assert banks.from_settings(settings(bank_url="off")) is None


@pytest.mark.parametrize(
    "url",
    [f"https://{SECRET}@api.yookassa.ru/v3", "https://api.yookassa.ru/v3", f"ftp://1:{SECRET}@api.yookassa.ru", SECRET,
     f"http://1:{SECRET}@api.yookassa.ru/v3", f"https://1:{SECRET}@api.yookassa.ru/v3#x", f"https://1:{SECRET}@api.yookassa.ru:x/v3",
     f"https://1:{SECRET}@api.yookassa.ru/v3?vat=13", f"https://1:{SECRET}@api.yookassa.ru/v3?tax=x", f"https://1:{SECRET}@h/v3?colour=red",
     f"https://1:{SECRET}@h/v3?networks=everywhere", f"https://1:{SECRET}@h/v3?timeout=60", f"https://1:{SECRET}@h/v3?receipt=no",
     f"https://1:{SECRET}@h/v3?ca=/nowhere", "pretend:x"],
)  # fmt: skip
def test_a_wrong_setting_stops_the_start_and_keeps_the_secret(settings, url):
    with pytest.raises(BadSettings) as bad:
        banks.from_settings(settings(bank_url=url))
    assert "MYGAS_BANK_URL" in str(bad.value)
    assert SECRET not in str(bad.value)


def test_the_environment(tmp_path):
    demo = {"MYGAS_MODE": "demo", "MYGAS_DATA": str(tmp_path)}
    assert from_environment(demo).bank_url == "pretend:"
    assert from_environment({**demo, "MYGAS_BANK_URL": "off"}).bank_url == "off"
    (tmp_path / "bank").write_text(f"https://1:{SECRET}@api.yookassa.ru/v3\n")
    with_file = from_environment({**demo, "MYGAS_BANK_URL_FILE": str(tmp_path / "bank")})
    assert with_file.bank_url == f"https://1:{SECRET}@api.yookassa.ru/v3"
    assert SECRET not in repr(with_file)
    real = {
        "MYGAS_DATA": str(tmp_path), "PUBLIC_URL": "https://gas.example.ru", "MYGAS_MAIL_FROM": "gas@example.ru",
        "MYGAS_MAIL_URL": "smtp://mail.example.ru", "MYGAS_SMS_URL": "https://sms.example.ru/",
    }  # fmt: skip
    assert from_environment(real).bank_url == "off"
    with pytest.raises(BadSettings, match="MYGAS_BANK_URL must name a real bank"):
        from_environment({**real, "MYGAS_BANK_URL": "pretend:"})
