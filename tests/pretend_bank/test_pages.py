"""The pages of the training bank, as a payer without scripts walks them."""

import pytest

from mygas.gateways import yookassa_words as words
from mygas.pretend_bank import MOUNT, cards
from tests.pretend_bank.town import ASKED, asked

NUMBERS = {card.does: card.number for card in cards.CARDS}


def pay(payer, payment_id, does, **typed):
    payer.get(f"{MOUNT}/pay/{payment_id}").click("Банковской картой")
    return payer.submit("ОК", **{"number": NUMBERS[does], "expiry": "12/30", "cvc": "123", **typed})


def state(training, payment_id):
    shown = training.find(payment_id)["shown"]
    return shown["status"], shown.get("cancellation_details", {}).get("reason", "")


def test_every_page_says_that_no_money_is_taken(payer, begun):
    payer.get(f"{MOUNT}/pay/{begun}")
    assert payer.h1 == "Как оплатить"
    assert payer.page.header.text.strip() == "Учебный банк. Деньги не списываются."
    assert "1 234,56 ₽" in payer.text
    assert ASKED.description in payer.text
    payer.click("Банковской картой")
    assert all(cards.grouped(card.number) in payer.text for card in cards.CARDS)


@pytest.mark.parametrize("does", ["pays", "keeps"])
def test_a_paid_payment_leads_back_at_once(payer, training, begun, does):
    pay(payer, begun, does)
    assert payer.path == "/payments/1"
    assert state(training, begun) == ("succeeded", "")
    payer.get(f"{MOUNT}/pay/{begun}")
    assert payer.h1 == "Платёж принят"
    assert f"Карта оканчивается на {NUMBERS[does][-4:]}" in payer.text


@pytest.mark.parametrize(
    ("does", "h1", "text", "reason"),
    [("funds", "Платёж не прошёл", "На карте не хватает денег", "insufficient_funds"),
     ("late", "Платёж не прошёл", "не ответил", "issuer_unavailable"),
     ("slow", "Банк ещё не ответил", "Второй раз платить не нужно", "")],
)  # fmt: skip
def test_what_did_not_go_well_is_told(payer, training, begun, does, h1, text, reason):
    pay(payer, begun, does)
    assert payer.h1 == h1
    assert text in payer.text
    assert state(training, begun)[1] == reason
    assert payer.page.find("a", string="Вернуться в «Мой газ»")["href"] == ASKED.return_url


def test_a_code_is_asked_for(payer, training, begun):
    pay(payer, begun, "code")
    assert payer.h1 == "Код подтверждения"
    payer.submit("ОК", code="000")
    assert (payer.status, payer.title) == (422, "Ошибка: Код подтверждения — Учебный банк")
    payer.submit("ОК", code=payer.page.select_one(".code").text)
    assert payer.path == "/payments/1"
    assert state(training, begun) == ("succeeded", "")


def test_three_wrong_codes_end_the_payment(payer, training, begun):
    pay(payer, begun, "code")
    for _ in range(3):
        payer.submit("ОК", code="000")
    assert payer.h1 == "Платёж не прошёл"
    assert state(training, begun) == ("canceled", "3d_secure_failed")


def test_sbp(payer, training, begun):
    payer.get(f"{MOUNT}/pay/{begun}").click("Через СБП").submit("ОК")
    assert payer.path == "/payments/1"
    assert state(training, begun) == ("succeeded", "")


def test_the_payer_may_refuse(payer, training, begun):
    payer.get(f"{MOUNT}/pay/{begun}").submit("Отказаться от оплаты")
    assert payer.path == "/payments/1"
    assert state(training, begun) == ("canceled", "expired_on_confirmation")


def test_wrong_fields_are_named_and_what_was_typed_stays_but_the_cvc(payer, begun):
    pay(payer, begun, "pays", number="2200 0000 0000 0005", cvc="1")
    assert (payer.status, payer.title) == (422, "Ошибка: Данные карты — Учебный банк")
    assert payer.page.find(id="number")["value"] == "2200 0000 0000 0005"
    assert payer.page.find(id="number")["aria-describedby"] == "number-hint number-error"
    assert payer.page.find(id="expiry")["value"] == "12/30"
    assert payer.page.find(id="cvc")["value"] == ""


def test_of_a_card_only_four_digits_are_kept(payer, training, begun):
    pay(payer, begun, "pays")
    kept = "".join(file.read_text() for file in training.drawers.folder.rglob("*") if file.is_file())
    assert '"0004"' in kept
    assert NUMBERS["pays"] not in kept
    assert "2200" not in kept.replace(begun, "")


@pytest.mark.parametrize("step", ["", "/card", "/code", "/sbp"])
def test_a_step_that_is_not_its_turn_leads_to_the_one_that_is(payer, training, begun, step):
    training.pay(begun, "funds", "0020")
    payer.get(f"{MOUNT}/pay/{begun}{step}")
    assert payer.h1 == "Платёж не прошёл"


def test_a_form_of_another_payment_changes_nothing(payer, training, begun):
    other = training.begin("order-2", words.payment(asked("order-2"), words.Custom()))["id"]
    payer.get(f"{MOUNT}/pay/{other}")
    token = payer.page.find("input", {"name": "csrf_token"})["value"]
    assert payer.client.post(f"{MOUNT}/pay/{begun}/refuse", data={"csrf_token": token}).status_code == 303
    assert payer.client.post(f"{MOUNT}/pay/{begun}/sbp", data={}).status_code == 303
    assert state(training, begun) == ("pending", "")


NOWHERE = ("6b000000-0000-5000-0000-000000000000", "nothing", "..", "6b000000-..", "-" * 36, "6b" * 200, "%00")


@pytest.mark.parametrize("strange", NOWHERE)
def test_no_such_payment(payer, begun, strange):
    payer.get(f"{MOUNT}/pay/{strange}")
    assert (payer.status, payer.h1) == (404, "Такого платежа нет")


@pytest.mark.parametrize("path", ["/v3/payments", "/v3/refunds", f"{MOUNT}/v3/payments", f"{MOUNT}/v3/receipts"])
def test_the_api_is_not_among_the_pages(payer, path):
    assert (
        payer.client.get(path).text == "the portal" if not path.startswith(MOUNT) else payer.client.get(path).status_code == 404
    )


def test_the_pages_load_nothing_and_lead_nowhere_else(payer, begun):
    payer.get(f"{MOUNT}/pay/{begun}")
    policy = payer.response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://localhost;" in policy
    assert not payer.page.find_all(["script", "img", "link"])
    assert payer.response.headers["Cache-Control"] == "no-store"
    assert len(payer.response.data) < 5000
