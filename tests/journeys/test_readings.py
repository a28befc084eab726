"""The monthly errand: from sign-in to «Показания приняты», and all that may go otherwise on the way."""

import gzip
from dataclasses import replace

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from mygas import clock
from mygas.domain.work import unit_of_work
from mygas.extensions import db
from mygas.models import AuditEntry, Connection, Dispatch, MeterCard, ReadingVerdict, SentReading, User
from tests.billing import card, hang, reading, tell
from tests.browser import Browser
from tests.walks import PASSWORD, PHONE

NUMBER = "59000001"


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel("2026-11-20T09:00:00+00:00", tick=True) as traveller:
        yield traveller


@pytest.fixture
def home(app, browser, connected) -> Browser:
    """At the account's first page, in the basic version of Пермь: one meter, last read at 2000 m³."""
    connected(browser)
    tell(app, NUMBER, reading("2025-10-20", 1000), reading("2025-11-20", 1100), reading("2026-10-20", 2000, "inspector"))
    return browser.get(browser.path)


def field_of(browser: Browser, place: int = 0) -> str:
    """The name of the form's field for a meter."""
    return [str(one["name"]) for one in browser.page.select("input[name^=reading_]")][place]


def kept(app) -> list[SentReading]:
    with app.app_context():
        return list(db.session.scalars(db.select(SentReading).order_by(SentReading.id)))


def change(app, **columns: object) -> None:
    """Change the only connection."""
    with app.app_context(), unit_of_work():
        connection = db.session.scalars(db.select(Connection)).one()
        for name, value in columns.items():
            setattr(connection, name, value)


def test_three_pages_from_sign_in_to_taken(app, home):
    """The sign-in, the account's first page, «Показания приняты»."""
    home.submit("Выйти")
    pages = [home.h1]
    home.submit(login=PHONE, password=PASSWORD)
    pages.append(home.h1)
    assert "Прежнее: 2 000 м³ от 20.10.2026 (контролёр). Цифр до запятой — 5." in home.text
    assert "Войдёт в начисления за ноябрь 2026. Передать и исправить можно до 28.11.2026: ещё 8 дней." in home.text
    home.submit("Отправить показания", **{field_of(home): "2128,4"})
    pages.append(home.h1)
    assert pages == ["Вход в личный кабинет", f"Счёт {NUMBER}", "Показания приняты"]
    (row,) = kept(app)
    assert (row.value_milli, row.consumed_milli, row.period) == (2_128_400, 128_400, 202611)
    for words in (
        f"Показание № {row.id} 2 128,4 м³", "Расход 128,4 м³ ≈ 987,40 ₽", "Войдёт в начисления за ноябрь 2026",
        "Принято порталом 20.11.2026 14:00", "Передано поставщику ещё нет", "Решение поставщика ещё нет",
        "Исправить можно до 28.11.2026",
    ):  # fmt: skip
        assert words in home.text
    assert home.path.endswith("/readings/sent")


def test_what_was_typed_stays_when_it_is_no_reading(app, home):
    name = field_of(home)
    for typed in ("сто двадцать", "1e5", "-5", "176,4123", "٣٤", "½", "0" * 5000, "<script>"):
        home.submit("Отправить показания", **{name: typed})
        assert home.status == 422
        assert home.page.select_one(f"#{name}")["value"] == typed
        assert "Введите показание цифрами" in home.page.select_one(f"#{name}-error").text
        assert home.title.startswith("Ошибка: Передать показания")
    assert not kept(app)


@pytest.mark.parametrize("typed", ["2128", " 2 128 ", "2\u00a0128,0", "02128.000", "2128 м³"])
def test_any_spelling_of_one_number(app, home, typed):
    home.submit("Отправить показания", **{field_of(home): typed})
    assert home.h1 == "Показания приняты"
    assert kept(app)[0].value_milli == 2_128_000


def test_nothing_typed_is_a_sentence(app, home):
    home.submit("Отправить показания")
    assert home.status == 422
    assert "Введите показание хотя бы одного прибора." in home.text
    assert not kept(app)


def test_a_smaller_value_is_refused_with_the_one_before(app, home):
    """Пермь does not know of counters that went through zero: no tick is offered."""
    name = field_of(home)
    home.submit("Отправить показания", **{name: "1999"})
    assert home.status == 422
    assert "Показание меньше прежнего: было 2 000 м³ от 20.10.2026. Проверьте цифры." in home.text
    assert not home.page.select("input[name^=through_zero]")
    home.submit("Отправить показания", **{name: "2128"})
    assert home.h1 == "Показания приняты"


def test_through_zero_where_the_supplier_allows_it(app, browser, joined, region):
    """Product.md §5.1, check 5: 99998 → 00003 with the tick is 5 m³, without it refused."""
    region("sever-tyumen", "018000001")
    tell(app, "018000001", reading("2026-10-20", 99_998), supplier="sever-tyumen")
    joined(browser)
    browser.submit(supplier="sever-tyumen").submit(number="018000001").submit("Подключить расширенную версию позже")
    change(app, access="extended")
    browser.get(browser.path)
    name = field_of(browser)
    browser.submit("Отправить показания", **{name: "00003"})
    assert "было 99 998 м³" in browser.text and not kept(app)
    tick = str(browser.page.select_one("input[name^=through_zero]")["name"])
    browser.submit("Отправить показания", **{tick: True})
    assert browser.h1 == "Показания приняты"
    assert "Расход 5 м³" in browser.text
    assert (kept(app)[0].rolled_over, kept(app)[0].consumed_milli) == (True, 5_000)


def test_a_doubtful_value_is_asked_about_in_gas_and_money(app, home):
    name = field_of(home)
    home.submit("Отправить показания", **{name: "2400"})
    assert (home.status, home.h1) == (422, "Проверьте показание")
    assert "Показание 2 400 м³. Расход с 20.10.2026: 400 м³ ≈ 3 076,00 ₽." in home.text
    assert "Расход 400 м³ — больше чем втрое против того же месяца прошлого года (100 м³)." in home.text
    assert not kept(app)
    home.submit("Всё верно, отправить", **{name: "2410"})
    assert home.h1 == "Проверьте показание", "what was confirmed is 2400"
    home.submit("Всё верно, отправить")
    assert home.h1 == "Показания приняты"
    assert [row.value_milli for row in kept(app)] == [2_410_000]


def test_notes_are_told_after_it(app, home):
    with_card = {"model": "BK-G4T", "digits": 5, "verified_until": clock.now().date().replace(year=2025)}
    tell(app, NUMBER, MeterCard(**with_card))
    home.get(home.path).submit("Отправить показания", **{field_of(home): "2128"})
    assert home.h1 == "Показания приняты"
    assert "Срок поверки прибора закончился 20.11.2025: поставщик может не принять показание к учёту" in home.text


def test_one_s_own_reading_is_corrected_till_the_window_closes(app, home, today):
    first_page = home.path
    home.submit("Отправить показания", **{field_of(home): "2182"})
    home.get(first_page)
    assert "За ноябрь 2026 переданы." in home.text and not home.page.select("input[name^=reading_]")
    home.click("Посмотреть или исправить").click("Исправить")
    assert "Уже передано 2 182 м³, новое его заменит." in home.text
    home.submit("Отправить показания", **{field_of(home): "2128"})
    assert "2 128 м³" in home.text and "2 182" not in home.text
    standing = [row for row in kept(app) if row.replaced_at is None]
    assert len(kept(app)) == 2 and [row.value_milli for row in standing] == [2_128_000]
    today.move_to("2026-11-29T09:00:00+00:00")
    home.get("/").submit(login=PHONE, password=PASSWORD).get(f"{first_page}readings/sent")
    assert home.h1 == "Передать показания", "the next month's form"
    assert "Приём показаний за ноябрь 2026 закончился. Переданное сейчас войдёт в начисления за декабрь 2026." in home.text
    assert "За ноябрь 2026, если показания не было, начислят по среднему расходу." in home.text


def test_the_same_sent_twice_is_one(app, home):
    home.submit("Отправить показания", **{field_of(home): "2128"})
    home.click("Исправить").submit("Отправить показания", **{field_of(home): "2128"})
    assert home.h1 == "Показания приняты"
    assert "Это показание уже принято 20.11.2026 14:00. Второй раз оно не записано." in home.text
    assert len(kept(app)) == 1


def test_two_browsers_of_one_account(app, home):
    """The second one opened its form before the first one sent."""
    second = Browser(app.test_client(), htmx=home.htmx)
    second.get("/").submit(login=PHONE, password=PASSWORD)
    name = field_of(home)
    home.submit("Отправить показания", **{name: "2128"})
    second.submit("Отправить показания", **{name: "2131"})
    assert second.h1 == "Проверьте показание"
    assert "в другом окне передано другое показание: 2 128 м³, 20.11.2026 14:00. Ваше его заменит." in second.text
    second.submit("Всё верно, отправить")
    assert second.h1 == "Показания приняты"
    assert [(row.value_milli, row.replaced_at is None) for row in kept(app)] == [(2_128_000, False), (2_131_000, True)]


def test_all_meters_on_one_page_and_an_empty_one_is_not_sent(app, home):
    hang(app, NUMBER, "777", place="баня")
    hang(app, NUMBER, "888", place="гараж", state="снят")
    home.get(home.path)
    assert [label.text for label in home.page.select("label[for^=reading_]")] == [
        "Показание прибора BK-G4T", "Показание прибора BK-G4T, баня",
    ]  # fmt: skip
    first_page, bath = home.path, field_of(home, 1)
    home.submit("Отправить показания", **{bath: "17"})
    assert home.h1 == "Показания приняты" and "BK-G4T, баня" in home.text and "посчитает поставщик" in home.text
    assert [row.value_milli for row in kept(app)] == [17_000]
    home.get(first_page)
    assert "За ноябрь 2026 переданы не по всем приборам." in home.text
    home.click("Передать остальные").submit("Отправить показания", **{field_of(home): "100000", bath: ""})
    assert "Слишком много цифр: на этом приборе до запятой их 5." in home.text
    home.submit("Отправить показания", **{field_of(home): "2128"})
    assert len(home.page.select("section.panel")) == 2
    assert "За ноябрь 2026 переданы. " in home.get(first_page).text


def test_meters_of_one_model_are_told_apart_without_giving_the_serial_away(app, home):
    hang(app, NUMBER, "777")
    labels = [label.text for label in home.get(home.path).page.select("label[for^=reading_]")]
    assert labels == ["Показание прибора BK-G4T (1)", "Показание прибора BK-G4T (2)"]
    change(app, access="extended")
    labels = [label.text for label in home.get(home.path).page.select("label[for^=reading_]")]
    assert labels == ["Показание прибора BK-G4T № 0123456", "Показание прибора BK-G4T № 777"]


def test_without_a_meter_there_is_nothing_to_send(app, browser, joined, region):
    region("perm", "59000003", meter=None)
    joined(browser)
    browser.submit(supplier="Пермь").submit(number="59000003").submit("Подключить расширенную версию позже")
    assert "передавать показания не нужно" in browser.text and not browser.page.select("input[name^=reading_]")
    browser.get(browser.path + "readings/send")
    assert browser.status == 200
    assert "Показания передавать не нужно" in browser.text and "по нормативу" in browser.text


def test_a_closed_account_takes_nothing(app, home):
    tell(app, NUMBER, card(closed=True))
    home.get(home.path)
    assert not home.page.select("input[name^=reading_]")
    home.get(home.path + "readings/send")
    assert "Поставщик закрыл этот счёт" in home.text and home.h1 == "Передать показания"


def test_where_late_ones_are_rejected(app, browser, joined, region, today):
    """«Юг» takes them from the 11th to the 20th only."""
    today.move_to("2026-11-20T20:30:00+00:00")
    number = app.extensions["suppliers"]["yug"].account.generate(1)
    region("yug", number)
    joined(browser)
    browser.submit(supplier="yug").submit(number=number).submit("Подключить расширенную версию позже")
    assert "Сегодня последний день" in browser.text
    name, first_page = field_of(browser), browser.path
    for typed in ("5", ""):
        today.move_to("2026-11-20T20:50:00+00:00")
        browser.get(first_page)
        today.move_to("2026-11-20T21:10:00+00:00")
        browser.submit("Отправить показания", **{name: typed})
        assert browser.status == 422
        assert "Сейчас поставщик показания не принимает." in browser.text
    for address in (first_page, first_page + "readings/send"):
        assert not browser.get(address).page.select("input[name^=reading_]")
        assert "Передайте их с 11.12.2026 по 20.12.2026: они войдут в начисления за декабрь 2026." in browser.text
        assert "За ноябрь 2026, если показания не было, начислят по среднему расходу." in browser.text
    assert not kept(app)


def test_locked_in_the_basic_version_where_the_supplier_says_so(app, browser, joined, region):
    number = app.extensions["suppliers"]["izhevsk"].account.generate(1)
    region("izhevsk", number)
    joined(browser)
    browser.submit(supplier="izhevsk").submit(number=number).submit("Подключить расширенную версию позже")
    assert not browser.page.select("input[name^=reading_]")
    browser.get(browser.path + "readings/send")
    assert browser.status == 403
    assert "Нужна расширенная версия" in browser.text


def test_the_basic_version_gives_no_answer_to_the_control_question(app, browser, joined, region):
    """Decision 0009: where the last charge is one, neither the page nor refusals tell the reading before, gas or money."""
    region("sever-tyumen", "018000001")
    tell(app, "018000001", reading("2025-10-20", 1000), reading("2025-11-20", 1100), reading("2026-10-20", 2345),
         supplier="sever-tyumen")  # fmt: skip
    joined(browser)
    browser.submit(supplier="sever-tyumen").submit(number="018000001").submit("Подключить расширенную версию позже")
    first_page, name = browser.path, field_of(browser)
    seen = [browser.text]
    for typed in ("2344", "11000", "3000"):
        browser.get(first_page).submit("Отправить показания", **{name: typed})
        assert browser.status == 422
        seen.append(browser.text)
    assert "Показание меньше прежнего. Проверьте цифры." in seen[1]
    assert "Столько газа через этот прибор пройти не могло." in seen[2]
    assert "Расход намного больше, чем в том же месяце прошлого года." in seen[3]
    browser.submit("Всё верно, отправить")
    assert browser.h1 == "Показания приняты" and "посчитает поставщик" in browser.text
    for text in [*seen, browser.text]:
        assert not any(secret in text for secret in ("2 345", "655", "5 036")), text


def test_messages_are_chosen_where_readings_are_taken(app, home):
    home.submit("Отправить показания", **{field_of(home): "2128"})
    assert "Придут на +7" in home.text
    home.submit("Сохранить", answer=True, remind=True)
    assert home.h1 == "Приборы учёта" and "Сохранено." in home.text
    assert [box.has_attr("checked") for box in home.page.select("input[type=checkbox]")] == [True, True]
    home.submit("Сохранить", remind=False)
    with app.app_context():
        connection = db.session.scalars(db.select(Connection)).one()
        assert (connection.answer, connection.remind) == (True, False)
        deeds = db.session.scalars(db.select(AuditEntry.action).order_by(AuditEntry.id)).all()
        assert deeds[-3:] == ["reading.send", "reading.messages", "reading.messages"]


def test_the_path_of_a_reading(app, home):
    home.submit("Отправить показания", **{field_of(home): "2128"})
    (row,) = kept(app)
    with app.app_context(), unit_of_work():
        left = Dispatch(supplier="perm", kind="readings", number=1, rows=1, total=1, digest="x" * 64, made_at=clock.now())
        db.session.add(left)
        db.session.flush()
        db.session.get_one(SentReading, row.id).dispatch_id = left.id
    assert "Передано поставщику 20.11.2026" in home.get(home.path).text
    tell(app, NUMBER, ReadingVerdict(number=row.id, verdict="rejected", reason="сорвана пломба"))
    assert "Решение поставщика отклонено поставщиком: сорвана пломба" in home.get(home.path).text
    tell(app, NUMBER, ReadingVerdict(number=row.id, verdict="accepted"))
    assert "Решение поставщика учтено поставщиком" in home.get(home.path).text
    assert home.h1 == "Показания приняты"


def test_a_rejected_reading_is_asked_for_again(app, home):
    first_page = home.path
    home.submit("Отправить показания", **{field_of(home): "2128"})
    (row,) = kept(app)
    tell(app, NUMBER, ReadingVerdict(number=row.id, verdict="rejected", reason="сорвана пломба"))
    home.get(home.path)
    assert home.h1 == "Показание отклонено поставщиком"
    assert "Показание 2 128 м³ отклонено поставщиком: сорвана пломба. Передайте его ещё раз." in home.text
    home.click("Передать ещё раз")
    assert "Показание 2 128 м³ поставщик отклонил, передайте ещё раз." in home.text
    home.get(first_page)
    assert "переданы" not in home.text and "отклонено поставщиком: сорвана пломба. Передайте его ещё раз." in home.text
    home.submit("Отправить показания", **{field_of(home): "2128"})
    assert home.h1 == "Показания приняты" and "уже принято" not in home.text
    assert [(one.value_milli, one.replaced_at is None) for one in kept(app)] == [(2_128_000, False), (2_128_000, True)]
    assert "За ноябрь 2026 переданы." in home.get(first_page).text


def test_of_two_meters_one_is_rejected(app, home):
    hang(app, NUMBER, "777", place="баня")
    first_page = home.path
    home.get(first_page).submit("Отправить показания", **{field_of(home): "2128", field_of(home, 1): "17"})
    assert home.h1 == "Показания приняты"
    sent = [row.id for row in kept(app)]
    tell(app, NUMBER, ReadingVerdict(number=sent[1], verdict="rejected"))
    home.get(home.path)
    assert home.h1 == "Приняты не все показания"
    assert "Показание 17 м³ отклонено поставщиком: причину поставщик не назвал. Передайте его ещё раз." in home.text
    assert "переданы не по всем приборам" in home.get(first_page).text
    tell(app, NUMBER, ReadingVerdict(number=sent[0], verdict="rejected"))
    assert home.get(f"{first_page}readings/sent").h1 == "Показания отклонены поставщиком"


def test_what_another_user_sent_is_told_and_replaced_knowingly(app, home):
    first_page = home.path
    home.submit("Отправить показания", **{field_of(home): "2128"})
    with app.app_context(), unit_of_work():
        other = User(login="b@example.ru", channel="email", password_hash="x", entry="", created_at=clock.now())
        db.session.add(other)
        db.session.flush()
        db.session.scalars(db.select(SentReading)).one().user_id = other.id
    home.get(f"{first_page}readings/sent")
    assert "Передал другой пользователь счёта." in home.text
    assert "принято порталом; передал другой пользователь счёта" in home.get(f"{first_page}readings").text
    home.get(f"{first_page}readings/send")
    assert "Другой пользователь счёта уже передал 2 128 м³, новое его заменит." in home.text
    home.submit("Отправить показания", **{field_of(home): "2131"})
    assert home.h1 == "Проверьте показание"
    assert "Другой пользователь счёта уже передал показание 2 128 м³, 20.11.2026 14:00. Ваше его заменит." in home.text
    assert home.submit("Всё верно, отправить").h1 == "Показания приняты"
    assert "другой пользователь" not in home.text
    change(app, access="basic")
    app.extensions["suppliers"] = {**app.extensions["suppliers"], "perm": app.extensions["suppliers"]["sever-tyumen"]}
    with app.app_context(), unit_of_work():
        db.session.execute(db.update(SentReading).values(user_id=other.id))
    home.get(f"{first_page}readings/send")
    assert "Показание уже передал другой пользователь счёта." in home.text and "2 131" not in home.text
    home.submit("Отправить показания", **{field_of(home): "2140"})
    assert (home.status, len(kept(app))) == (422, 2)
    assert "Исправить его можно в расширенной версии или у поставщика: " in home.text


def test_a_refused_reading_is_not_the_end(app, home):
    """Whoever reads right what is refused is told whom to call; who typed nothing, or mistyped, is not."""
    supplier = app.extensions["suppliers"]["perm"]
    call = f"Если на приборе именно эти цифры, позвоните поставщику: {supplier.support_phone}. Назовите номер счёта и показание."
    for typed, told in (("1999", True), ("99999", True), ("сто", False), ("", False), ("2400", False)):
        home.submit(
            "Отправить показания" if home.h1 != "Проверьте показание" else "Всё верно, отправить", **{field_of(home): typed}
        )
        assert home.status == 422 and (call in home.text) == told, typed


def test_less_than_an_estimate_is_asked_about(app, home):
    tell(app, NUMBER, reading("2026-11-10", 2300, "estimate"))
    home.get(home.path).submit("Отправить показания", **{field_of(home): "2128"})
    assert home.h1 == "Проверьте показание"
    assert "было 2 300 м³ от 10.11.2026. Но прежнее — расчётное: если цифры верны, поставщик пересчитает." in home.text
    home.submit("Всё верно, отправить")
    assert home.h1 == "Показания приняты" and "Расход посчитает поставщик" in home.text


def test_a_slip_where_the_counter_cannot_have_turned_offers_no_tick(app, home):
    with_turns = app.extensions["suppliers"]["perm"]
    with_turns = replace(with_turns, readings=replace(with_turns.readings, allow_rollover=True))
    app.extensions["suppliers"] = {**app.extensions["suppliers"], "perm": with_turns}
    home.submit("Отправить показания", **{field_of(home): "1992"})
    assert "Показание меньше прежнего" in home.text and not home.page.select("input[name^=through_zero]")
    name = field_of(home).replace("reading", "through_zero")
    address, token = (str(home.page.select_one(found)[key]) for found, key in
                      (("form[action$=send]", "action"), ("main [name=csrf_token]", "value")))  # fmt: skip
    answer = home.client.post(address, data={"csrf_token": token, field_of(home): "1992", name: "y"})
    assert answer.status_code == 422 and "99\u00a0992" not in answer.text and not kept(app)


def test_no_input_breaks_the_page(app, home):
    """Nothing but «принято» and a page with words, whatever is posted."""
    address = str(home.page.select_one("form[action$=send]")["action"])
    token = str(home.page.select_one("main [name=csrf_token]")["value"])
    meter_id = field_of(home).removeprefix("reading_")
    anything = st.text(st.characters(codec="utf-8"), max_size=60)
    number = st.from_regex(r"[0-9 ]{0,9}[.,]?[0-9]{0,4}", fullmatch=True)

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(typed=anything | number, zero=anything, shown=anything | number, confirmed=anything)
    def post(typed: str, zero: str, shown: str, confirmed: str) -> None:
        meter = {f"reading_{meter_id}": typed, f"through_zero_{meter_id}": zero, f"shown_{meter_id}": shown}
        answer = home.client.post(address, data={"csrf_token": token, "confirmed": confirmed, **meter})
        assert answer.status_code in (303, 422)

    post()


def test_pages_ask_the_database_little(app, home):
    """Five statements a page, and what is announced on the first; at most fourteen kilobytes; an errand is one transaction."""
    seen: list[str] = []
    with app.app_context():

        @event.listens_for(db.engine, "before_cursor_execute")
        def count(_connection, _cursor, statement, *_rest):
            if not statement.startswith(("PRAGMA", "BEGIN", "SAVEPOINT", "RELEASE")):
                seen.append(statement)

    first_page = home.path
    home.submit("Отправить показания", **{field_of(home): "2128"})
    assert len(seen) <= 18, seen
    for address in (first_page, first_page + "readings/send", first_page + "readings/sent"):
        seen.clear()
        home.get(address)
        assert home.status == 200 and 0 < len(seen) <= 5 + (address == first_page), f"{address}: {seen}"
        assert len(gzip.compress(home.response.data)) < 14_000
