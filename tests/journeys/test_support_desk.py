"""A subscriber asks, an operator answers: from the side of the desk."""

import io
from datetime import timedelta

import pyotp
import pytest
import time_machine

from mygas import clock
from mygas.domain import operators, passwords, reply_templates
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.jobs import scan_sweeping
from mygas.models import AuditEntry, Operator, ReplyTemplate, Ticket, TicketFile, TicketMessage
from tests.browser import Browser
from tests.documents.test_scan import photo
from tests.journeys.test_support import SUBJECT, TEXT, as_guest, ask, rows
from tests.walks import EMAIL, PASSWORD, PHONE

SECRET = "корова на крыше"


@pytest.fixture
def seated(app, htmx):
    """An operator at the desk, of Пермь or of the portal's own support."""

    def sit(login="anna", suppliers=("perm",), portal=False):
        with app.app_context(), unit_of_work():
            hashed = passwords.hashed(SECRET)
            address = operators.add(login, login.title(), suppliers, hashed, portal_support=portal)
        desk = Browser(app.test_client(), htmx=htmx).get("/desk/sign-in")
        return desk.submit(login=login, password=SECRET, code=pyotp.parse_uri(address).now())

    return sit


@pytest.fixture
def asked(app, browser, connected):
    """A user of Пермь has asked his supplier."""

    def to_supplier(login=EMAIL, **more):
        connected(browser, login)
        browser.get("/support/new")
        ref = browser.page.select("#account option")[1]["value"]
        browser.submit(subject=SUBJECT, text=TEXT, addressee="supplier", account=ref, **more)
        assert browser.h1 == "Обращение № 1", browser.text
        return browser

    return to_supplier


def opened(desk, number=1):
    desk.get("/desk/tickets/").submit("Найти", number=str(number))
    assert desk.h1 == f"Обращение № {number}", desk.text
    return desk


def test_the_whole_way_of_a_question(app, seated, asked, post):
    user = asked()
    desk = seated()
    assert "Обращения (1)" in desk.page.find("nav").text
    desk.get("/desk/tickets/")
    assert f"№ 1. {SUBJECT}" in desk.text and "m***@example.ru" in desk.text and "ждёт " in desk.text and "59000001" in desk.text
    desk.click(f"№ 1. {SUBJECT}")
    assert TEXT in desk.text and "никому не назначено" in desk.text and EMAIL not in desk.text
    desk.submit("Сохранить заметку", note="Проверил договор")
    assert "Проверил договор" in desk.text and "Заметка, Anna" in desk.text
    desk.submit("Отправить ответ", text="Это <i>ответ</i>")
    assert desk.path == "/desk/tickets/" and "отправляется" in desk.text and "Здесь пусто" in desk.text
    letter = post(EMAIL)
    assert "Это <i>ответ</i>" in letter and "Ответ на Ваше обращение № 1" in letter and "Проверил договор" not in letter
    user.get(user.path)
    assert "Это <i>ответ</i>" in user.text and "Есть ответ" in user.text
    assert "Проверил договор" not in user.text and "Заметка" not in user.text and "Anna" not in user.text
    desk.click("Мои")
    assert f"№ 1. {SUBJECT}" in desk.text and "Anna" in desk.text and "первый ответ через" in desk.text
    user.submit("Отправить", text="А ещё?")
    desk.click("Ждут нас")
    opened(desk).submit("Ответить и закрыть", text="И ещё")
    assert f"№ 1. {SUBJECT}" in desk.click("Закрытые").text
    opened(desk).submit("Открыть снова")
    assert "ждёт ответа" in desk.text
    desk.submit("Закрыть без ответа", reason="Уже ответили")
    assert "Открыть снова" in desk.text
    (ticket,) = rows(app, Ticket)
    done = [row for row in rows(app, AuditEntry) if row.actor == "operator" and row.action.startswith("ticket.")]
    assert [row.action for row in done] == ["ticket.note", "ticket.answer", "ticket.answer", "ticket.reopen", "ticket.close"]
    assert all((row.user_id, row.account_id) == (ticket.user_id, ticket.account_id) for row in done)


def test_whoever_is_left_without_an_answer_reads_why(app, seated, asked):
    user = asked()
    desk, slow = opened(seated()), opened(seated("olga"))
    for reason, refusal in ((" ", "Напишите причину"), ("щ" * 301, "не больше 300 знаков")):
        desk.submit("Закрыть без ответа", reason=reason)
        assert desk.status == 422 and refusal in desk.page.find(id="reason-error").text
        assert rows(app, Ticket)[0].state == "open" and len(rows(app, TicketMessage)) == 1
    assert desk.page.find(id="reason").text.strip() == "щ" * 301
    desk.submit("Закрыть без ответа", reason="Это <b>обращение</b> № 0")
    assert desk.status == 200 and "Обращение закрыто." in desk.text and "Закрыть без ответа" not in desk.text
    user.get(user.path)
    assert "Это <b>обращение</b> № 0" in user.text and "Закрыто" in user.text and "Anna" not in user.text
    slow.submit("Закрыть без ответа", reason="И я закрываю")
    assert "уже закрыто" in slow.text and [row.author for row in rows(app, TicketMessage)] == ["user", "operator"]
    assert rows(app, Ticket)[0].first_answered_at is None


def test_an_answer_to_what_was_closed_meanwhile_is_held_back(seated, asked):
    asked()
    desk, slow = opened(seated()), opened(seated("olga"))
    desk.submit("Закрыть без ответа", reason="Дубль")
    slow.submit("Отправить ответ", text="Ответ Ольги")
    assert slow.status == 422 and "появилось новое сообщение" in slow.text and "Дубль" in slow.text


def test_a_user_by_phone_is_told_that_there_is_an_answer(seated, asked, post):
    asked(PHONE)
    opened(seated()).submit("Отправить ответ", text="Секретный ответ")
    assert post(PHONE) == "Ответ на обращение № 1 — в кабинете «Мой газ»."


def test_a_guest_gets_the_answer_by_mail(seated, browser, post):
    as_guest(browser)
    desk = opened(seated(suppliers=(), portal=True))
    assert f"Мария, {EMAIL}" in desk.text and "без входа в кабинет" in desk.text
    desk.submit("Отправить ответ", text="Вот ответ")
    assert "Вот ответ" in post(EMAIL) and "Вот ответ" in browser.get(browser.path).text


def test_who_serves_the_portal_alone_has_nothing_else_at_the_desk(seated, browser):
    as_guest(browser)
    desk = seated(suppliers=(), portal=True)
    assert desk.path == "/desk/tickets/" and "Обращения (1)" in desk.page.find("nav").text
    assert "Платежи" not in desk.page.find("nav").text


def test_another_addressee_sees_nothing(seated, asked, browser, app):
    asked()
    as_guest(Browser(app.test_client(), htmx=browser.htmx))
    with app.app_context():
        of_perm, of_portal = db.session.scalars(db.select(Ticket.ref).order_by(Ticket.id))
    perm, portal, yug = seated("anna"), seated("pavel", (), portal=True), seated("yuri", ("yug",))
    for desk, seen in ((perm, {of_perm}), (portal, {of_portal}), (yug, set())):
        for ref in (of_perm, of_portal):
            assert desk.get(f"/desk/tickets/{ref}").status == (200 if ref in seen else 404)
        desk.get("/desk/tickets/").submit("Найти", number="1")
        assert desk.status == (200 if of_perm in seen else 422)
        assert desk.get("/desk/tickets/").text.count(SUBJECT) == len(seen)


def test_two_who_answer_at_once_both_are_heard_and_the_second_is_told(app, seated, asked):
    user = asked()
    first, second = opened(seated("anna")), opened(seated("olga"))
    first.submit("Отправить ответ", text="Ответ Анны")
    second.submit("Отправить ответ", text="Ответ Ольги")
    assert second.status == 422 and "появилось новое сообщение" in second.text
    assert "Ответ Анны" in second.text and second.page.select_one("#text").text.strip() == "Ответ Ольги"
    second.submit("Отправить ответ")
    assert second.path == "/desk/tickets/"
    text = user.get(user.path).text
    assert "Ответ Анны" in text and "Ответ Ольги" in text
    (ticket,) = rows(app, Ticket)
    with app.app_context():
        assert db.session.get_one(Operator, ticket.operator_id).login == "anna"


def test_an_answer_that_crosses_the_subscribers_words_is_held_too(seated, asked):
    user = asked()
    desk = opened(seated())
    user.submit("Отправить", text="Уже не нужно")
    desk.submit("Отправить ответ", text="Нужно сделать так")
    assert desk.status == 422 and "Уже не нужно" in desk.text


def test_a_template_is_put_after_what_is_typed(app, seated, asked):
    asked()
    with app.app_context(), unit_of_work():
        reply_templates.provide_samples(["", "perm"])
    desk = opened(seated())
    desk.submit("Отправить ответ", text=" ")
    assert desk.status == 422 and "Напишите текст" in desk.text
    choice = next(one["value"] for one in desk.page.select("#template option") if one.text == "Просим уточнить")
    desk.submit("Вставить", text="Мария!", template=choice)
    text = desk.page.select_one("#text").text.strip()
    assert text.startswith("Мария!") and "Напишите, пожалуйста, номер лицевого счёта" in text
    assert "Проверьте, что введено" not in desk.text
    desk.submit("Отправить ответ")
    assert [one.author for one in rows(app, TicketMessage)] == ["user", "operator"]


def test_templates_are_kept_by_their_addressee(app, seated):
    desk = seated().get("/desk/templates/")
    desk.submit(title="", text="")
    assert desk.status == 422 and "Введите название" in desk.text
    desk.submit(title="Приняли", text="Приняли.")
    assert "Шаблон сохранён" in desk.text
    desk.submit(title="Приняли", text="Иначе")
    assert desk.status == 422 and "с таким названием уже есть" in desk.text
    address = desk.get("/desk/templates/").click("Приняли").path
    desk.submit(title="Принято", text="Принято.")
    assert "Принято" in desk.text
    assert seated("yuri", ("yug",)).get(address).status == 404
    assert seated("pavel", (), portal=True).get("/desk/templates/").text.count("Принято") == 0
    desk.get(address).submit("Удалить")
    assert "Шаблон удалён" in desk.text and not rows(app, ReplyTemplate)
    assert [row.action for row in rows(app, AuditEntry) if row.action.startswith("template.")] == [
        "template.add", "template.edit", "template.remove"
    ]  # fmt: skip


def test_it_is_assigned_to_those_of_the_same_addressee_only(app, seated, asked):
    asked()
    seated("olga"), seated("yuri", ("yug",))
    desk = opened(seated("anna"))
    offered = {option.text: option["value"] for option in desk.page.select("#operator option")}
    assert set(offered) == {"Anna", "Olga"}
    assert desk.page.select_one("#operator option[selected]").text == "Anna"
    desk.submit("Назначить", operator=offered["Olga"])
    assert "Ответственный назначен" in desk.text and "Olga" in desk.text
    assert "Здесь пусто" in desk.get("/desk/tickets/?show=unassigned").text
    assert "Здесь пусто" in desk.get("/desk/tickets/?show=mine").text
    token = opened(desk).page.select_one("main [name=csrf_token]")["value"]
    with app.app_context():
        yuri = db.session.scalars(db.select(Operator.id).filter_by(login="yuri")).one()
    answer = desk.client.post(f"{desk.path}/assign", data={"csrf_token": token, "operator": yuri})
    assert answer.status_code == 422


def test_it_is_passed_on_and_back(app, seated, asked):
    user = asked()
    perm, portal = seated("anna"), seated("pavel", (), portal=True)
    opened(perm).submit("Передать", to="")
    assert perm.path == "/desk/tickets/" and "передано: Служба поддержки личного кабинета" in perm.text
    assert perm.get("/desk/tickets/").text.count(SUBJECT) == 0
    assert "Служба поддержки личного кабинета" in user.get(user.path).text and "Передано" not in user.text
    opened(portal)
    assert "Передано: Служба поддержки" in portal.text
    assert portal.page.select_one("#to option[selected]")["value"] == "perm", "the account's supplier is offered first"
    portal.submit("Передать")
    assert "Обращение № 1" in opened(perm).h1
    moves = [row.detail for row in rows(app, AuditEntry) if row.action == "ticket.pass-on"]
    assert [(move["before"], move["to"]) for move in moves] == [("perm", ""), ("", "perm")]


def test_a_file_is_shown_in_a_sandbox_and_each_look_is_written_down(app, seated, asked):
    asked(file1=(io.BytesIO(photo()), "a.jpg"))
    desk = opened(seated())
    link = next(a["href"] for a in desk.page.find_all("a") if a.text == "Открыть снимок")
    shown = desk.client.get(link)
    assert shown.mimetype == "image/jpeg" and shown.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert shown.headers["Content-Disposition"].startswith("inline") and shown.headers["Cache-Control"].startswith("no-store")
    assert seated("yuri", ("yug",)).client.get(link).status_code == 404
    assert [row.action for row in rows(app, AuditEntry)].count("ticket.file") == 1
    app.extensions["gateways"].vault.destroy(link.rpartition("/")[2])
    assert desk.get(link).status == 404


def test_the_pace_and_the_order_of_the_queue(app, seated, browser, joined):
    joined(browser, EMAIL)
    start = clock.now()
    for number in range(4):
        with time_machine.travel(start + timedelta(minutes=number)):
            ask(browser, text=TEXT * (number + 1))
    desk = seated(suppliers=(), portal=True)
    for number, hours in ((1, 2), (2, 4), (3, 6)):
        opened(desk, number)
        with app.app_context(), unit_of_work():  # an answer that came so late
            ticket = db.session.get_one(Ticket, number)
            ticket.created_at = ticket.created_at - timedelta(hours=hours)
        desk.submit("Отправить ответ", text="Ответ")
    with time_machine.travel(start + timedelta(minutes=10)):
        browser.get("/support/").click("№ 1. " + SUBJECT).submit("Отправить", text="Ещё")
    desk.get("/desk/tickets/")
    assert "4 часа" in desk.text, "the middle one of 2, 4 and 6"
    order = [a.text for a in desk.page.select("main th a")]
    assert order == [f"№ 4. {SUBJECT}", f"№ 1. {SUBJECT}"], "1 waits since it was written to again"


def test_the_queue_goes_on(app, seated, browser, joined, monkeypatch):
    monkeypatch.setattr("mygas.web.support_desk.A_PAGE", 2)
    joined(browser, EMAIL)
    for number in range(5):
        ask(browser, text=TEXT * (number + 1))
    desk = seated(suppliers=(), portal=True)
    seen = []
    for show in ("waiting", "closed"):
        desk.get(f"/desk/tickets/?show={show}")
        while True:
            seen += [a.text.partition(".")[0] for a in desk.page.select("main th a")]
            if "Следующие обращения" not in desk.text:
                break
            desk.click("Следующие обращения")
        with app.app_context(), unit_of_work():
            db.session.execute(db.update(Ticket).values(state="closed", closed_at=clock.now()))
    assert seen == [f"№ {number}" for number in (1, 2, 3, 4, 5, 5, 4, 3, 2, 1)]
    assert desk.get("/desk/tickets/?show=nothing").status == 404


def test_of_who_closed_his_cabinet_no_word_and_no_file_is_left(app, seated, asked):
    user = asked(file1=(io.BytesIO(photo()), "a.jpg"))
    desk = opened(seated()).submit("Сохранить заметку", note="Звонил Марии")
    link = next(a["href"] for a in desk.page.find_all("a") if a.text == "Открыть снимок")
    user.get("/settings/close")
    assert "обращения в поддержку с ответами и файлами" in user.text and "Мои данные" in user.text
    user.submit(present=PASSWORD)
    desk.submit("Отправить ответ", text="Поздний ответ")
    assert desk.status == 422 and "отвечать некому" in desk.text and TEXT not in desk.text
    assert desk.page.select_one("main [name=text]") is None and "Звонил" not in desk.text
    assert "Здесь пусто" in desk.get("/desk/tickets/").text
    desk.get("/desk/tickets/?show=closed")
    assert "№ 1. удалено вместе с кабинетом" in desk.text and "кабинет закрыт" in desk.text
    assert desk.client.get(link).status_code == 404
    (ticket,) = rows(app, Ticket)
    assert (ticket.subject, ticket.state, ticket.closed_at is None) == ("", "closed", False)
    assert {row.text for row in rows(app, TicketMessage)} == {""}
    with app.app_context():
        scan_sweeping.sweep(app)
    (file,) = rows(app, TicketFile)
    assert (file.sealed_key, file.deleted_at is None) == (None, False)
    assert list(app.extensions["gateways"].vault.older_than(clock.now() + timedelta(days=1))) == []
