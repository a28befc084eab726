"""A subscriber asks, an operator answers: from the side of those who ask."""

import io
import re
from datetime import timedelta

import pytest
import time_machine
from PIL import Image

from mygas import clock
from mygas.domain import tickets
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.jobs import housekeeping, relay
from mygas.models import AuditEntry, Connection, Outgoing, Ticket, TicketFile, TicketMessage
from tests.browser import Browser
from tests.documents.test_scan import archive, pdf, photo, png
from tests.walks import EMAIL, PASSWORD, PHONE

SUBJECT, TEXT = "Ызыз", "Щщщъ эээж."  # the help says nothing of this
NEW = "/support/new/question"


def ask(browser, subject=SUBJECT, text=TEXT, to="portal", **more):
    return browser.get(NEW).submit(subject=subject, text=text, addressee=to, **more)


def as_guest(browser, contact=EMAIL, **more):
    return ask(browser, name="Мария", contact=contact, **more)


def rows(app, model):
    with app.app_context():
        return list(db.session.scalars(db.select(model).order_by(model.id)))


def deliver(app):
    with app.app_context():
        relay.round_of(app)


def test_a_user_asks_adds_closes_and_opens_again(app, browser, connected, post):
    connected(browser, EMAIL)
    browser.click("Поддержка")
    assert browser.h1 == "Поддержка" and "Обращений пока нет" in browser.text
    browser.click("Задать вопрос")
    assert browser.path == NEW and f"Ответ придёт на {EMAIL}" in browser.text
    ref = next(option["value"] for option in browser.page.select("#account option") if "59000001" in option.text)
    browser.submit(subject=SUBJECT, text="Щщщъ\n<b>эээж</b> http://evil.example", addressee="supplier", account=ref)
    assert browser.h1 == "Обращение № 1" and "его номер — 1" in browser.text
    assert "Межрегионгаз" in browser.text or "Пермь" in browser.text
    assert "59000001" in browser.text and "Ответим не позднее " in browser.text
    assert "<b>эээж</b> http://evil.example" in browser.text and not browser.page.select("main b")
    assert not [a for a in browser.page.find_all("a") if "evil" in a["href"]]
    letter = post(EMAIL)
    assert "обращение № 1 принято" in letter and f"http://localhost{browser.path}" in letter and "Щщщъ" not in letter
    address = browser.path
    browser.submit("Отправить", text="Ещё вот что")
    assert browser.path == address and "Ещё вот что" in browser.text and "Сообщение отправлено" in browser.text
    browser.submit("Вопрос решён, закрыть")
    assert "Обращение закрыто" in browser.text and "Закрыто" in browser.text
    browser.submit("Отправить", text="Нет, не решён")
    assert "Ждёт ответа" in browser.text
    browser.click("Все обращения")
    assert f"№ 1. {SUBJECT}" in browser.text and "Ждёт ответа" in browser.text
    (ticket,) = rows(app, Ticket)
    assert (ticket.addressee, ticket.state, ticket.version, ticket.closed_at) == ("perm", "open", 3, None)
    actions = [row.action for row in rows(app, AuditEntry) if row.action.startswith("ticket.")]
    assert actions == ["ticket.send", "ticket.add", "ticket.close", "ticket.add"]
    assert all(row.account_id == ticket.account_id for row in rows(app, AuditEntry) if row.action.startswith("ticket."))


def chosen_account(browser):
    option = browser.page.select_one("#account option[selected]")
    return option.text if option else None


def test_the_only_account_is_chosen_already(app, browser, connected):
    connected(browser, EMAIL)
    browser.get(NEW)
    assert chosen_account(browser).startswith("59000001, ")
    browser.submit(subject=SUBJECT, text=TEXT, addressee="supplier")
    (ticket,) = rows(app, Ticket)
    assert ticket.addressee == "perm" and ticket.account_id is not None and "59000001" in browser.text


def test_that_the_question_is_about_no_account_is_not_forgotten(app, browser, connected):
    connected(browser, EMAIL)
    ask(browser, "Не приходит код подтверждения", "Жду код уже час", account="")
    assert browser.click("Изменить вопрос").path == NEW and chosen_account(browser) == "Вопрос не о счёте"
    browser.submit(addressee="supplier").submit("Отправить вопрос")
    (ticket,) = rows(app, Ticket)
    assert (ticket.addressee, ticket.account_id) == ("perm", None)


def test_of_several_accounts_none_is_chosen_unless_the_entrance_tells(app, browser, connected, region):
    connected(browser, EMAIL)
    more = region("izhevsk", "70000001")
    with app.app_context(), unit_of_work():
        mine = db.session.scalars(db.select(Connection)).one()
        by = {"user_id": mine.user_id, "supplier": "izhevsk", "created_at": clock.now()}
        db.session.add(Connection(**by, account_id=more, slot=1))
    assert chosen_account(browser.get(NEW)) == "Вопрос не о счёте"
    assert chosen_account(browser.get(f"{NEW}?entry=izhevsk")).startswith("70000001, ")
    assert chosen_account(browser.get(f"{NEW}?entry=yug")) == "Вопрос не о счёте"


def test_a_user_by_phone_gets_a_short_message(app, browser, joined, post):
    joined(browser)
    ask(browser)
    text = post(PHONE)
    assert text.startswith("Обращение № 1 принято, ответим до ") and len(text) <= 70


def test_the_help_is_offered_before_the_question_is_sent(app, browser, joined):
    joined(browser)
    ask(browser, "Не приходит код подтверждения", "Жду код уже час")
    assert browser.h1 == "Может быть, ответ уже есть" and not rows(app, Ticket)
    assert "Жду код уже час" in browser.text
    links = browser.page.select("main .sections a")
    assert 1 <= len(links) <= 3 and all(link["target"] == "_blank" for link in links)
    browser.click("Изменить вопрос")
    assert browser.page.select_one("#text").text.strip() == "Жду код уже час"
    browser.submit(text="Жду код уже два часа")
    browser.submit("Отправить вопрос")
    assert browser.h1 == "Обращение № 1" and "два часа" in browser.text
    assert len(rows(app, TicketMessage)) == 1


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(browser, joined):
    joined(browser)
    ask(browser, "", "", to="supplier")
    assert browser.status == 422
    for words in ("о чём вопрос", "Напишите текст", "Выберите ниже счёт или газовую компанию"):
        assert words in browser.text
    browser.submit(subject="т" * 121, text="а" * 4001)
    assert "не больше 120 знаков" in browser.text and "не больше 4000 знаков, а здесь 4001" in browser.text
    assert len(browser.page.select_one("#text").text.strip()) == 4001
    browser.submit(subject=SUBJECT, text="а\x00б\u202ew", company="perm")
    assert browser.h1 == "Обращение № 1" and "абw" in browser.text


def test_a_guest_asks_from_the_registration_page(app, browser, post):
    browser.get("/join/contact?entry=perm").click("Задать вопрос в техническую поддержку")
    assert browser.path == f"{NEW}?entry=perm" and browser.page.select_one("#company option[selected]")["value"] == "perm"
    assert not browser.page.select("input[type=file]")
    browser.submit(subject=SUBJECT, text=TEXT, addressee="supplier", name="", contact="кто-то")
    assert (
        browser.status == 422 and "как к Вам обращаться" in browser.text and "Введите номер мобильного телефона" in browser.text
    )
    browser.submit(name="Мария", contact="  MARIA@example.ru ")
    assert browser.h1 == "Обращение № 1" and "Сохраните адрес этой страницы" in browser.text
    assert EMAIL not in browser.text and "m***@example.ru" in browser.text
    letter = post(EMAIL)
    link = re.search(r"http://localhost(/support/tickets/\S+)", letter)[1]
    assert TEXT not in letter and SUBJECT not in letter and "Мария" not in letter and "кто-то ошибся адресом" in letter
    other = Browser(app.test_client(), htmx=browser.htmx).get(link)
    assert other.h1 == "Обращение № 1" and not other.page.select("input[type=file]")
    other.submit("Отправить", text="Дополняю")
    assert "Дополняю" in other.text
    (ticket,) = rows(app, Ticket)
    assert (ticket.user_id, ticket.guest_contact, ticket.addressee) == (None, EMAIL, "perm")


def test_a_guest_by_phone_is_told_nothing_by_message(app, browser, world):
    as_guest(browser, "8 912 345-67-89")
    assert "Вам перезвонят по номеру +7 912 ***-**-89" in browser.text
    assert not rows(app, Outgoing)


def test_a_guests_page_is_shut_a_month_after_closing(app, browser):
    as_guest(browser).submit("Вопрос решён, закрыть")
    address = browser.path
    with time_machine.travel(clock.now() + timedelta(days=29)):
        assert browser.get(address).h1 == "Обращение № 1"
    with time_machine.travel(clock.now() + timedelta(days=31)):
        assert browser.get(address).h1 == "Вход в личный кабинет"


def test_limits_of_guests(app, browser):
    for _ in range(2):
        assert as_guest(browser).h1.startswith("Обращение №")
    browser.get(NEW)
    assert "Я не робот" in browser.text
    browser.submit(subject=SUBJECT, text=TEXT, addressee="portal", name="М", contact=EMAIL)
    assert browser.status == 422 and "Поставьте галочку" in browser.text and len(rows(app, Ticket)) == 2
    assert browser.page.select_one("#text").text.strip() == TEXT


@pytest.mark.settings(captcha="off")
def test_three_a_day_of_a_contact_and_twenty_of_an_address(app, browser):
    for number in range(3):
        assert as_guest(browser, text=TEXT * (number + 1)).h1.startswith("Обращение №")
    as_guest(browser)
    assert browser.status == 422 and "не более 3 обращений" in browser.text
    for number in range(17):
        assert as_guest(browser, f"g{number}@example.ru").h1.startswith("Обращение №"), number
    as_guest(browser, "g99@example.ru")
    assert browser.status == 422 and "не более 20 обращений" in browser.text


def test_ten_a_day_of_a_user_and_thirty_messages_of_a_ticket(app, browser, joined):
    joined(browser)
    for number in range(10):
        ask(browser, text=TEXT * (number + 1))
    address = browser.path
    ask(browser)
    assert browser.status == 422 and "не более 10 обращений" in browser.text and TEXT in browser.page.select_one("#text").text
    browser.get(address)
    for number in range(30):
        browser.submit("Отправить", text=f"Ещё {number}")
    browser.submit("Отправить", text="И ещё")
    assert browser.status == 422 and "не более 30 сообщений" in browser.text
    assert browser.page.select_one("#text").text.strip() == "И ещё"


def test_the_button_pressed_twice_asks_once(app, browser, joined):
    joined(browser)
    for pressed in (NEW, NEW):
        browser.get(pressed)
    token, key = (browser.page.select_one(f"main [name={name}]")["value"] for name in ("csrf_token", "request_key"))
    form = {"csrf_token": token, "request_key": key, "addressee": "portal", "subject": SUBJECT, "text": TEXT}
    places = {browser.client.post(NEW, data={**form, "company": ""}).headers["Location"] for _ in range(2)}
    assert len(places) == 1 and len(rows(app, Ticket)) == 1 and len(rows(app, TicketMessage)) == 1
    answer = browser.client.post(NEW, data={**form, "company": "", "text": "Ъъъщ"})
    assert answer.status_code == 422 and "уже отправлено, его номер 1" in answer.text


def test_the_last_button_pressed_twice_leads_to_the_same_ticket(app, browser, htmx):
    as_guest(browser, subject="Не приходит код подтверждения")
    key, token = (browser.page.select_one(f"main [name={name}]")["value"] for name in ("request_key", "csrf_token"))
    held = browser.client.get_cookie("form").value
    browser.submit("Отправить вопрос")
    address = browser.path
    browser.client.set_cookie("form", held)  # the second press left before the first answer came
    answer = browser.client.post("/support/new/suggestions", data={"request_key": key, "csrf_token": token})
    assert answer.headers["Location"] == address and len(rows(app, Ticket)) == 1


def test_a_question_changed_in_another_tab_is_shown_before_it_is_sent(app, browser, joined):
    joined(browser)
    ask(browser, "Не приходит код подтверждения", "Первый")
    key, token = (browser.page.select_one(f"main [name={name}]")["value"] for name in ("request_key", "csrf_token"))
    browser.client.post(NEW, data={"csrf_token": token, "request_key": "k" * 22, "addressee": "portal", "company": "",
                                   "subject": "Не приходит код подтверждения", "text": "Второй"})  # fmt: skip
    answer = browser.client.post("/support/new/suggestions", data={"request_key": key, "csrf_token": token})
    assert answer.status_code == 422 and "изменён в другом окне" in answer.text and "Второй" in answer.text
    assert not rows(app, Ticket)


def test_words_pressed_twice_are_said_once(app, browser, joined):
    joined(browser)
    ask(browser)
    for _ in range(2):
        browser.submit("Отправить", text="Ещё вот что")
    assert len(rows(app, TicketMessage)) == 2


def lose_the_session(browser):
    browser.client.delete_cookie("sid")


def test_a_session_lost_while_the_question_is_typed_loses_nothing(app, browser, joined):
    joined(browser)
    browser.get(NEW)
    lose_the_session(browser)
    browser.submit(subject=SUBJECT, text=TEXT, addressee="portal")
    assert browser.status == 422 and "Вход закончился, пока Вы писали" in browser.text
    assert browser.page.select_one("#text").text.strip() == TEXT
    browser.submit(name="Мария", contact=EMAIL)
    assert browser.h1 == "Обращение № 1"


def test_a_session_lost_before_the_last_button_loses_nothing(app, browser, joined):
    joined(browser)
    ask(browser, "Не приходит код подтверждения")
    lose_the_session(browser)
    browser.submit("Отправить вопрос")
    assert browser.h1 == "Вход в личный кабинет" and not rows(app, Ticket)
    browser.submit(login=PHONE, password=PASSWORD)
    assert browser.h1 == "Может быть, ответ уже есть" and TEXT in browser.text
    browser.submit("Отправить вопрос")
    assert browser.h1 == "Обращение № 1"


def test_a_session_lost_while_adding_loses_nothing(app, browser, joined):
    joined(browser)
    ask(browser)
    lose_the_session(browser)
    browser.submit("Отправить", text="Ещё вот что")
    assert browser.status == 422 and browser.h1 == "Вход закончился"
    assert browser.page.select_one("#text").text.strip() == "Ещё вот что" and SUBJECT not in browser.text
    fresh = Browser(browser.client).get("/").submit(login=PHONE, password=PASSWORD)
    assert fresh.path == "/accounts/" or "/connect/" in fresh.path
    browser.submit("Отправить")
    assert browser.status == 422 and browser.page.select_one("#text").text.strip() == "Ещё вот что", "its token was stale"
    browser.submit("Отправить")
    assert browser.h1 == "Обращение № 1" and "Ещё вот что" in browser.text


def test_a_ticket_is_its_users_only(app, browser, joined):
    joined(browser)
    ask(browser)
    other = Browser(app.test_client(), htmx=browser.htmx)
    assert other.get(browser.path).h1 == "Вход в личный кабинет"
    joined(other, EMAIL)
    assert other.get(browser.path).status == 404
    assert SUBJECT not in other.get("/support/").text


def test_files_are_cleaned_sealed_and_destroyed_in_time(app, browser, joined):
    joined(browser)
    exif = Image.Exif()
    exif[0x010F] = "SecretPhone"
    ask(browser, file1=(io.BytesIO(photo(exif=exif)), "a.jpg"), file3=(io.BytesIO(pdf()), "b.pdf"))
    assert browser.h1 == "Обращение № 1" and "Снимок · Файл PDF" in browser.text
    picture, document = rows(app, TicketFile)
    assert (picture.media_type, document.media_type) == ("image/jpeg", "application/pdf")
    folder = app.extensions["gateways"].vault.folder
    assert {path.name for path in folder.iterdir()} == {picture.ref, document.ref}
    assert all(mark not in path.read_bytes() for path in folder.iterdir() for mark in (b"SecretPhone", b"%PDF", b"\xff\xd8\xff"))
    browser.submit("Вопрос решён, закрыть")
    for days, left in ((29, 2), (31, 0)):
        with time_machine.travel(clock.now() + timedelta(days=days)):
            sweep(app)
        assert len(list(folder.iterdir())) == left
    assert all(file.deleted_at and file.sealed_key is None for file in rows(app, TicketFile))
    assert "удалён по сроку" in browser.get(browser.path).text or browser.h1 != "Обращение № 1"


def sweep(app):
    with app.app_context():
        housekeeping.round_of(app)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (png(9000, 9000), "больше 40 миллионов точек"),
        (b"<html><script>alert(1)</script>", "Подойдёт только снимок"),
        (photo() + archive(), "что-то кроме снимка"),
        (pdf(body=b"/JavaScript "), "программа или вложение"),
        (b"", "Файл пустой"),
        (b"\xff\xd8\xff" + b"0" * (10 * 1024 * 1024), "Файл больше 10 МБ"),
    ],
)
def test_hostile_files_are_refused_at_their_field(app, browser, joined, data, says):
    joined(browser)
    ask(browser, file2=(io.BytesIO(data), "passport.jpg"))
    assert browser.status == 422 and says in browser.page.select_one("#file2-error").text
    assert browser.page.select_one("#text").text.strip() == TEXT and "выбрать ещё раз" in browser.text
    assert not rows(app, Ticket)


def test_files_chosen_before_the_suggestions_come_along(app, browser, joined):
    joined(browser)
    ask(browser, "Не приходит код подтверждения", file1=(io.BytesIO(photo()), "a.jpg"))
    browser.click("Изменить вопрос")
    assert "Уже приложено файлов: 1" in browser.text
    browser.submit(text="Другие слова").submit("Отправить вопрос")
    assert browser.h1 == "Обращение № 1" and len(rows(app, TicketFile)) == 1


def test_files_of_a_user_a_day_and_of_a_ticket_are_limited(app, browser, joined, monkeypatch):
    joined(browser)
    monkeypatch.setattr("mygas.domain.ticket_files.MOST_A_DAY", 1)
    ask(browser, file1=(io.BytesIO(photo()), "a.jpg"), file2=(io.BytesIO(photo()), "b.jpg"))
    assert browser.status == 422 and "не более 1 файлов" in browser.text
    monkeypatch.setattr("mygas.domain.ticket_files.MOST_A_DAY", 9)
    monkeypatch.setattr("mygas.domain.ticket_files.MOST_BYTES", 10)
    browser.submit(file1=(io.BytesIO(photo()), "a.jpg"))
    assert browser.status == 422 and "не больше 0 МБ" in browser.page.select_one("#file1-error").text
    assert not rows(app, Ticket) and not rows(app, TicketMessage)


@pytest.mark.settings(support_copy=True)
def test_a_copy_goes_to_the_supports_mailbox(app, browser, world):
    as_guest(browser, subject="Тема\r\nBcc: all@example.ru")
    deliver(app)
    copy = world.last("support@смородина.онлайн")
    assert copy["subject"] == "Обращение № 1" and TEXT in copy["text"] and "Bcc" in copy["text"].split("\n\n")[0]


def test_the_address_is_written_as_people_write_it_and_linked_as_machines_do(browser, joined):
    joined(browser).get("/support/")
    link = next(a for a in browser.page.find_all("a") if a.text == "support@смородина.онлайн")
    assert link["href"] == "mailto:support@xn--80ahmohdapg.xn--80asehdb"


def test_what_was_answered_and_left_is_closed_in_a_fortnight(app, browser, joined):
    joined(browser)
    ask(browser)
    with app.app_context(), unit_of_work():
        ticket = db.session.scalars(db.select(Ticket)).one()
        tickets.change(ticket, state="answered", answered_at=clock.now())
    with time_machine.travel(clock.now() + timedelta(days=15)):
        sweep(app)
    assert [ticket.state for ticket in rows(app, Ticket)] == ["closed"]


def test_the_list_goes_on(browser, joined, monkeypatch):
    monkeypatch.setattr("mygas.web.support.A_PAGE", 2)
    joined(browser)
    for number in range(3):
        ask(browser, text=TEXT * (number + 1))
    browser.get("/support/")
    assert "№ 3" in browser.text and "№ 1." not in browser.text
    assert "№ 1." in browser.click("Более ранние обращения").text and "№ 2." not in browser.text
