"""«Согласия»: what was consented to, its text and paper, withdrawal, a new edition (product.md §3.11, §5.1 item 12)."""

import shutil

import pytest

from mygas.domain import consents, paying
from mygas.domain.paying import Till
from mygas.domain.visitors import Visitor
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.models import AuditEntry, Connection, Consent, Order, Outgoing, User
from mygas.words import Refused
from tests.browser import Browser
from tests.documents.reading import text
from tests.domain.test_races import together
from tests.walks import PASSWORD, PHONE

FIRST = "2026-11-01"


@pytest.fixture
def new_edition(monkeypatch, tmp_path):
    """Lay another edition beside the first."""
    folder = tmp_path / "texts"
    shutil.copytree(consents._TEXTS, folder)
    monkeypatch.setattr(consents, "_TEXTS", folder)

    def lay() -> None:
        (folder / "personal-data.2027-03-01.txt").write_text("Согласие, вторая редакция\n\nНовый текст.")
        consents.current.cache_clear()

    yield lay
    monkeypatch.undo()
    consents.current.cache_clear()


def kept(app) -> list[Consent]:
    with app.app_context():
        return list(db.session.scalars(db.select(Consent).order_by(Consent.id)))


def audited(app, action: str) -> int:
    with app.app_context():
        return len(list(db.session.scalars(db.select(AuditEntry).filter_by(action=action))))


def withdraw(browser: Browser) -> Browser:
    browser.get("/settings/consents").click("Текст и как подписано: редакция 01.11.2026").click("Отозвать согласие")
    return browser.submit("Отозвать согласие")


def test_what_was_consented_to_is_read_and_printed(app, browser, joined):
    joined(browser).get("/settings/").click("Согласия")
    assert "Действует" in browser.text and "Отозвано" not in browser.text
    browser.click("Текст и как подписано: редакция 01.11.2026")
    (one,) = kept(app)
    for word in (PHONE, one.sha256, "контакт подтверждён кодом", "Я даю согласие оператору"):
        assert word in browser.text
    answer = browser.client.get(f"/settings/consents/{one.ref}/consent.pdf")
    printed = " ".join(text(answer.data).split())
    assert (
        answer.headers["Content-Disposition"].startswith("attachment") and answer.headers["Cache-Control"] == "no-store, no-cache"
    )
    for paragraph in consents.edition(FIRST).paragraphs:  # the whole of the text, however long a paragraph
        assert "".join(paragraph.split()) in "".join(printed.split())
    for word in (PHONE, one.sha256[:30], one.proof.partition(" ")[2], "московское время"):
        assert word in printed


def test_withdrawal_is_explained_first_and_undone_by_consenting_anew(app, browser, connected, post):
    connected(browser)
    home = browser.path
    with app.app_context(), unit_of_work():
        db.session.execute(db.update(Connection).values(remind=True, answer=True))
    browser.get("/settings/consents").click("Текст и как подписано: редакция 01.11.2026").click("Отозвать согласие")
    for effect in ("30 дней", "по договору", "платежи, которые уже в пути", "дайте согласие снова"):
        assert effect in browser.text
    assert kept(app)[0].withdrawn_at is None
    browser.submit("Отозвать согласие")
    assert browser.path.startswith("/settings/consents") and browser.h1 == "Нужно Ваше согласие"
    assert "отозвано" in post(PHONE)
    assert kept(app)[0].withdrawn_at is not None and audited(app, "consent.withdraw") == 1
    with app.app_context():
        assert not db.session.scalars(db.select(Connection).where(Connection.remind | Connection.answer)).all()
    browser.get(home)
    assert browser.h1 == "Нужно Ваше согласие"
    browser.submit("Подписать согласие")
    assert browser.status == 422 and "поставьте галочку" in browser.text
    browser.submit("Подписать согласие", agree=True)
    assert browser.path == home
    assert [one.proof.partition(" ")[0] for one in kept(app)] == ["confirmation", "sign-in"] and audited(app, "consent.give") == 2
    browser.get("/settings/consents")
    assert "Отозвано" in browser.text and "Действует" in browser.text


def test_a_new_edition_is_asked_for_at_the_next_page(app, browser, connected, new_edition):
    connected(browser)
    home, first = browser.path, kept(app)[0]
    browser.get(f"{home}readings/send")
    new_edition()
    browser.submit()  # what is sent meets the gate: nothing is done, and the way leads back
    assert browser.h1 == "Нужно Ваше согласие" and "Отправленное не принято" in browser.text
    assert "новая редакция" in browser.text and "Новый текст." in browser.text
    browser.submit("Подписать согласие", agree=True)
    assert browser.path == f"{home}readings/send"
    assert [one.version for one in kept(app)] == [FIRST, "2027-03-01"]
    browser.get(f"/settings/consents/{first.ref}")
    assert "Я даю согласие оператору" in browser.text and "Новый текст." not in browser.text
    assert "Я даю согласие" in text(browser.client.get(f"/settings/consents/{first.ref}/consent.pdf").data)
    browser.click("Отозвать согласие").submit("Отозвать согласие")
    assert all(one.withdrawn_at for one in kept(app)), "one withdrawal ends consents to all editions"


def test_nobody_consents_to_a_text_he_was_not_shown(browser, joined, new_edition):
    joined(browser)
    withdraw(browser)
    new_edition()
    browser.submit("Подписать согласие", agree=True)
    assert browser.status == 422 and "обновился" in browser.text


def test_signing_in_leads_to_consent_and_out_again(browser, joined):
    withdraw(joined(browser))
    browser.submit("Выйти")
    browser.get("/").submit(login=PHONE, password=PASSWORD)
    assert browser.h1 == "Нужно Ваше согласие"


def test_money_on_its_way_is_settled_after_withdrawal(app, browser, connected, bank):
    connected(browser)
    supplier = app.extensions["suppliers"]["perm"]
    till = Till(bank, app.extensions["suppliers"], "http://localhost")
    with app.app_context():
        mine = db.session.scalars(db.select(Connection)).one()
        visitor = Visitor("192.0.2.1", "", app.extensions["entry_rules"], mine.user)
        with unit_of_work():
            sum_ = {"amount_kop": 50_000, "split": [(supplier.billing.services[0], 50_000)]}
            order = paying.begin(visitor, mine, supplier, **sum_, request_key="k" * 22, acquirer_name=bank.name).order
        bank.pay(paying.submit(order.id, till).acquirer_id)
    withdraw(browser)
    with app.app_context():
        paying.refresh(order.id, till, "test")
        assert db.session.scalars(db.select(Order.state)).one() == "succeeded"


def test_two_clicks_give_and_withdraw_once(app, joined):
    joined(Browser(app.test_client()))

    def at_once(deed) -> int:
        """How many of those who did it at one moment did it."""

        def one(_turn: int) -> None:
            user = db.session.scalars(db.select(User)).one()
            deed(Visitor("192.0.2.1", "", app.extensions["entry_rules"], user), user)

        return sum(not isinstance(outcome, Refused) for outcome in together(app, one))

    assert at_once(consents.withdraw) == 1
    assert at_once(lambda visitor, user: consents.give(visitor, user, consents.current().sha256)) == 1
    with app.app_context():
        told = db.session.scalars(db.select(Outgoing.key).where(Outgoing.key.startswith("consent-withdrawn"))).all()
    assert len(told) == 1 and len(kept(app)) == 2
