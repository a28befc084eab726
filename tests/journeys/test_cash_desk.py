"""The desk's money: payments found, refunds by two operators, differences settled, registries handed out."""

import re
from datetime import timedelta

import pyotp
import pytest
import time_machine

from mygas import clock
from mygas.domain import ledger, operators, passwords, paying
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.jobs import cashier
from mygas.models import AuditEntry, Discrepancy, Order, Reconciliation, Refund
from tests.browser import Browser

SECRET = "корова на крыше"


@pytest.fixture
def seated(app, htmx):
    """An operator at the desk."""

    def sit(login="anna", suppliers=("perm",)):
        with app.app_context(), unit_of_work():
            address = operators.add(login, f"Оператор {login}", suppliers, passwords.hashed(SECRET))
        desk = Browser(app.test_client(), htmx=htmx).get("/desk/sign-in")
        return desk.submit(login=login, password=SECRET, code=pyotp.parse_uri(address).now())

    return sit


@pytest.fixture
def paid(app, browser, connected, bank):
    """A payment of 500,00 ₽ that has come through."""
    connected(browser)
    browser.home = browser.path
    browser.get(browser.home + "pay/sum").submit("Продолжить", choice="own", amount="500").submit("Перейти к оплате картой")
    with app.app_context():
        order = db.session.scalars(db.select(Order)).one()
        bank.pay(order.acquirer_id)
        return paying.refresh(order.id, cashier.till_of(app), "test")


def audited(app, action):
    with app.app_context():
        return list(db.session.scalars(db.select(AuditEntry).filter_by(action=action)))


def test_a_payment_is_found_by_its_number_or_its_account(seated, paid):
    desk = seated().click("Платежи")
    assert desk.path == "/desk/payments/" and f"№ {paid.id}" in desk.text and "59000001" in desk.text
    desk.submit("Найти", number=f"№ {paid.id}")
    assert desk.path == f"/desk/payments/{paid.ref}"
    for words in ("500,00 ₽", "59000001", paid.acquirer_id, "Где платёж сейчас", "ждёт оплаты", "оплачено"):
        assert words in desk.text
    desk.get("/desk/payments/").submit("Найти", number="5900 0001")
    assert re.fullmatch(r"/desk/accounts/[0-9]+/payments", desk.path) and f"№ {paid.id}" in desk.text
    desk.click("К счёту").click("Платежи по этому счёту")
    assert desk.h1 == "Платежи по счёту 59000001"


@pytest.mark.parametrize("number", ["999", "59009999", "", "абв"])
def test_what_is_not_there_is_said_so(seated, paid, number):
    desk = seated().get("/desk/payments/").submit("Найти", number=number)
    assert desk.status == 422 and desk.page.select("#errors")


def test_another_suppliers_operator_sees_nothing(app, seated, paid):
    desk = seated(suppliers=("yug",)).get("/desk/payments/")
    assert f"№ {paid.id}" not in desk.text
    assert desk.submit("Найти", number=str(paid.id)).status == 422
    assert desk.get(f"/desk/payments/{paid.ref}").status == 404


def test_money_is_given_back_by_two(app, seated, paid, bank, browser, world):
    first = seated().get(f"/desk/payments/{paid.ref}")
    assert first.submit("Запросить возврат").status == 422
    first.submit("Запросить возврат", words="Заплатил дважды в банке")
    assert "Деньги уйдут, когда его одобрит другой оператор" in first.text
    assert "одобрить его может только другой оператор" in first.text
    assert "Одобрить и вернуть" not in str(first.page) and bank.refunds == {}

    second = seated("boris").click("Возвраты (1)")
    assert "Заплатил дважды в банке" in second.text and "Оператор anna" in second.text
    second.click(f"№ {paid.id}").submit("Одобрить и вернуть 500,00 ₽")
    assert second.path == "/desk/refunds/" and "одобрен и передаётся банку" in second.text
    assert "Деньги возвращаются" in browser.get(f"/payments/{paid.ref}").text
    with app.app_context():
        cashier.round_of(app)
    assert [told.amount_kop for told in bank.refunds.values()] == [50000]
    assert "Деньги возвращены" in browser.get(f"/payments/{paid.ref}").text
    assert len(audited(app, "refund.ask")) == len(audited(app, "refund.approve")) == 1


def test_who_asked_cannot_approve_even_by_hand(app, seated, paid, bank):
    desk = seated().get(f"/desk/payments/{paid.ref}").submit("Запросить возврат", words="Ошибка")
    with app.app_context():
        refund = db.session.scalars(db.select(Refund)).one()
    token = desk.page.select_one("main [name=csrf_token]")["value"]
    desk.client.post(f"/desk/refunds/{refund.ref}/approve", data={"csrf_token": token})
    assert "не тот, кто его запросил" in desk.get("/desk/refunds/").text
    with app.app_context():
        assert db.session.scalars(db.select(Refund)).one().state == "asked"
    desk.get(f"/desk/payments/{paid.ref}").submit("Отклонить возврат", words="Передумали")
    assert "отклонён" in desk.text and bank.refunds == {}
    assert "Отклонён" in desk.get(f"/desk/payments/{paid.ref}").text and "Запросить возврат" in str(desk.page)


def test_a_refusal_needs_its_reason(seated, paid):
    seated().get(f"/desk/payments/{paid.ref}").submit("Запросить возврат", words="Ошибка")
    second = seated("boris").get(f"/desk/payments/{paid.ref}").submit("Отклонить возврат")
    assert second.status == 422 and "Напишите несколько слов" in second.text


def test_what_the_banks_word_left_open_is_decided_by_a_person(app, seated, browser, connected, bank):
    connected(browser)
    browser.get(browser.path + "pay/sum").submit("Продолжить").submit("Перейти к оплате картой")
    with app.app_context():
        order = db.session.scalars(db.select(Order)).one()
        bank.pay(order.acquirer_id, amount_kop=100)
        assert paying.refresh(order.id, cashier.till_of(app), "test").state == "review"
    assert "Платёж проверяет оператор" in browser.get(f"/payments/{order.ref}").text
    desk = seated().get("/desk/payments/").click("Ждут решения").click(f"№ {order.id}")
    assert "100 RUB instead of 124530 RUB" in desk.text
    assert desk.submit("Записать решение", words="Банк вернул").status == 422
    desk.submit("Записать решение", outcome="canceled", words="Банк вернул рубль")
    assert "Решение записано." in desk.text and "Платёж отменён" in desk.text and "Банк вернул рубль" in desk.text
    assert len(audited(app, "payment.settle")) == 1
    token = desk.page.select_one("[name=csrf_token]")["value"]
    again = {"csrf_token": token, "outcome": "succeeded", "words": "Ещё раз"}
    desk.client.post(f"/desk/payments/{order.ref}/settle", data=again)
    assert "уже разобран" in desk.get("/desk/payments/").text


def test_money_that_was_there_is_credited_by_a_person(app, seated, browser, connected, bank):
    connected(browser)
    browser.get(browser.path + "pay/sum").submit("Продолжить").submit("Перейти к оплате картой")
    with app.app_context():
        order = db.session.scalars(db.select(Order)).one()
        bank.pay(order.acquirer_id, currency="RUR")
        paying.refresh(order.id, cashier.till_of(app), "test")
    desk = seated().get(f"/desk/payments/{order.ref}")
    desk.submit("Записать решение", outcome="succeeded", words="Рубль он и есть рубль")
    assert "Зачислить нельзя" in desk.text
    with app.app_context():
        bank.pay(order.acquirer_id, currency="RUB")
    desk.submit("Записать решение", outcome="succeeded", words="Банк исправил")
    assert "Оплачено 1 245,30 ₽" in desk.text and "Вернуть деньги" in desk.text
    with app.app_context():
        assert ledger.invariants() == []


@pytest.fixture
def differs(app, paid):
    """The bank's register says otherwise of the payment."""
    now = clock.now()
    with app.app_context(), unit_of_work():
        report = Reconciliation(
            acquirer="fake", day=now.date(), compared=7, ours_kop=50000, theirs_kop=0, ran_at=now, done_at=now
        )
        db.session.add(report)
        db.session.flush()
        told = {"acquirer_id": "p1", "ours": "500,00 RUB", "theirs": "5,00 RUB", "found_at": now}
        rows = [("perm", "sum_differs", paid.id, "a"), ("yug", "missing_here", None, "b"), ("", "missing_here", None, "c")]
        for supplier, kind, order_id, key in rows:
            row = {"supplier": supplier, "kind": kind, "order_id": order_id, "key": key}
            db.session.add(Discrepancy(reconciliation_id=report.id, **row, **told))


def test_a_difference_is_a_task_until_it_is_settled(app, seated, paid, differs):
    desk = seated().click("Сверка (2)")
    assert "Неразобранных расхождений: 2" in desk.text, "one's own, and nobody's"
    desk.click("№ 1")
    assert "Суммы в банке и на портале разные" in desk.text and f"Платёж № {paid.id}" in desk.text
    assert desk.submit("Разобрано").status == 422
    desk.submit("Разобрано", words="Банк исправил")
    assert desk.path == "/desk/differences/" and "Неразобранных расхождений: 1" in desk.text
    assert len(audited(app, "discrepancy.settle")) == 1
    assert desk.get("/desk/differences/1").status == 404
    assert desk.get("/desk/differences/2").status == 404, "another supplier's"


def test_sums_of_all_suppliers_are_for_who_serves_them_all(app, seated, differs):
    part = seated().get("/desk/differences/")
    assert "₽" not in part.text and "Сверено платежей" not in part.text and "Не разобрано" in part.text
    whole = seated("boris", tuple(app.extensions["suppliers"])).get("/desk/differences/")
    assert "Сверено платежей: 7." in whole.text and "500,00 ₽" in whole.text


def test_many_differences_are_counted_and_turned_over(app, seated, differs, monkeypatch):
    monkeypatch.setattr("mygas.web.cash_desk.A_PAGE", 1)
    desk = seated().get("/desk/differences/")
    assert "Неразобранных расхождений: 2" in desk.text and "№ 3" not in desk.text
    desk.click("Следующие расхождения")
    assert "№ 3" in desk.text and "№ 1" not in desk.text and "Следующие расхождения" not in desk.text


def test_a_register_that_nobody_looks_into_is_told(app, paid):
    def late():
        return app.test_client().get("/readyz").get_json()["checks"]["reconciliation"]["state"] == "bad"

    now = clock.now()
    assert late() is False, "the first payment is of today"
    with time_machine.travel(now + timedelta(hours=27)):
        assert late() is True
        with app.app_context(), unit_of_work():
            db.session.add(Reconciliation(acquirer="fake", day=now.date(), ran_at=clock.now(), done_at=clock.now()))
        assert late() is False


def test_a_registry_is_made_and_comes_down_the_same(app, seated, paid):
    desk = seated().click("Реестры")
    assert "платежи: ждут передачи — 1" in desk.text
    desk.submit("Сформировать сейчас", kind="payments")
    assert "Реестр № 1 готов, строк: 1." in desk.text and "Платежи № 1" in desk.text and "500,00 ₽" in desk.text
    first, second = (desk.client.get("/desk/registries/perm/payments/1") for _ in range(2))
    assert first.data == second.data and str(paid.id).encode() in first.data
    assert "0059000018_payments_000001.csv" in first.headers["Content-Disposition"]
    desk.submit("Сформировать сейчас", kind="payments")
    assert "Передавать нечего" in desk.text
    assert len(audited(app, "dispatch.make")) == 1
    assert desk.client.get("/desk/registries/perm/other/1").status_code == 404
    assert seated("boris", ("yug",)).client.get("/desk/registries/perm/payments/1").status_code == 404


def test_a_registry_that_would_come_out_otherwise_does_not(app, seated, paid):
    desk = seated().get("/desk/registries/").submit("Сформировать сейчас", kind="payments")
    with app.app_context(), unit_of_work():
        db.session.get_one(Order, paid.id).acquirer_id = "another"
    answer = desk.client.get("/desk/registries/perm/payments/1")
    assert answer.status_code == 303
    assert "выдать его нельзя" in desk.get("/desk/registries/").text


def test_only_ones_own_suppliers_may_be_told(app, seated, paid):
    desk = seated(suppliers=("yug",)).get("/desk/registries/")
    token = desk.page.select_one("main [name=csrf_token]")["value"]
    answer = desk.client.post("/desk/registries/", data={"csrf_token": token, "supplier": "perm", "kind": "payments"})
    assert answer.status_code == 422
