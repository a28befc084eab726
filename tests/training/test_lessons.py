"""Every lesson is gone through by somebody who only reads the coach's line and does what it says."""

import re

import pytest

from mygas.training import coach
from tests.training.conftest import begin, join
from tests.training.pupil import learn, obey, read

SUBSCRIBERS = ("registration", "extended", "readings", "payment", "receipt", "settings")


def take(browser, slug):
    """Begin the lesson and go through it."""
    return learn(browser.get(f"/training/lessons/{slug}/").submit("Начать урок"))


@pytest.mark.parametrize("supplier", ["perm", "izhevsk", "sever-tyumen", "yug"])
def test_all_lessons_of_subscribers_in_their_order(school, htmx, supplier):
    browser = begin(school.browser(htmx=htmx), supplier)
    with school.app.app_context():
        lessons = [lesson for lesson in coach.lessons().values() if lesson.audience == "subscriber"]
    assert [lesson.slug for lesson in lessons] == list(SUBSCRIBERS)
    for lesson in lessons:
        assert f"Урок «{lesson.title}» пройден" in take(browser, lesson.slug)
    assert "Пройдено уроков: 6 из 7." in browser.get("/training/lessons/").text


@pytest.mark.parametrize("supplier", ["perm", "yug"])
def test_the_lesson_of_staff(school, htmx, supplier):
    browser = begin(school.browser(htmx=htmx), supplier)
    assert "Урок «Рабочее место оператора» пройден" in take(browser, "desk")
    assert "Рабочее место оператора" in browser.get("/training/certificate").text


def test_who_has_strayed_is_led_back_to_the_question_he_was_answering(pupil):
    pupil.get("/training/lessons/desk/").submit("Начать урок")
    while read(pupil).step < 12:
        obey(pupil, read(pupil))
    place = pupil.path
    assert pupil.get("/training/desk/").get(read(pupil).href).path == place
    obey(pupil, read(pupil))
    assert (read(pupil).step, read(pupil).href) == (13, "")  # the link would lead away from what stands in the field
    assert read(pupil.get("/training/desk/")).href == place


def test_lessons_in_english(pupil):
    """Somebody who reads no Russian does what the coach says, and finds each field and button under the name he is told."""
    pupil.get("/training/view").submit("Сохранить", language="en")
    for slug in (*SUBSCRIBERS, "desk"):
        last = learn(pupil.get(f"/training/lessons/{slug}/").submit("Start the lesson"))
        assert "completed" in last and not re.search(r"[а-яё]{3}", last)
    assert "Lessons completed: 7 of 7." in pupil.get("/training/lessons/").text
    told = pupil.get("/training/lessons/settings/").page.main
    assert not re.search(r"[а-яё]{3}", told.get_text().replace("Подключение ЛС", ""))


def test_a_lesson_is_left_and_gone_on_with(pupil):
    pupil.get("/training/lessons/registration/").submit("Начать урок")
    obey(pupil, read(pupil))
    assert read(pupil).step == 3
    pupil.get("/training/leave").submit("Остаться здесь, но без подсказок")
    assert read(pupil) is None and "здесь всё учебное" in pupil.text
    assert "пройдено шагов: 2 из 8" in pupil.text
    pupil.click("Регистрация и подключение счёта").submit("Продолжить урок")
    assert (read(pupil).step, pupil.path) == (3, "/training/join/code")


def test_what_is_done_out_of_order_is_noticed_and_holds_nobody_up(school, pupil):
    join(school, pupil)  # with no lesson begun, and without the wrong code that the lesson asks for
    pupil.get("/training/lessons/registration/")
    assert "✓ согласие подписано" in pupil.text and "пропущено: Ошибиться здесь не страшно" in pupil.text
    pupil.submit("Продолжить урок")
    assert read(pupil).step == 6
    learn(pupil)
    assert "✓ пройден" in pupil.get("/training/lessons/").text


def test_who_has_not_registered_is_told_so(pupil):
    pupil.get("/training/lessons/readings/")
    assert "Сначала лучше пройти урок «Расширенная версия»." in pupil.text
    pupil.submit("Начать урок")
    assert "Сначала нужно зарегистрироваться." in read(pupil).words
    assert pupil.h1 == "Регистрация и подключение счёта"


def test_who_is_signed_out_is_told_how_to_sign_in(school, pupil):
    take(pupil, "registration")
    pupil.submit("Выйти").get("/training/lessons/payment/").submit("Начать урок")
    assert f"Сначала войдите: логин {school.learner(pupil).phone}, пароль Uchus2026." in read(pupil).words
    pupil.submit(login=school.learner(pupil).phone, password="Uchus2026")
    assert read(pupil).press == "Оплатить"


def test_a_step_is_skipped_once_though_the_button_is_pressed_twice(pupil):
    pupil.get("/training/lessons/registration/").submit("Начать урок")
    page = pupil.get("/training/lessons/registration/")
    form = page.page.find("input", attrs={"name": "step"}).find_parent("form")
    token = form.select_one("[name=csrf_token]")["value"]
    for _ in range(2):
        pupil.client.post(form["action"], data={"csrf_token": token, "step": "2"}, buffered=True)
    assert read(pupil.get("/training/join/contact")).step == 3
    assert "пропущено: Введите логин" in pupil.get("/training/lessons/registration/").text


def test_a_lesson_over_again(pupil):
    take(pupil, "registration")
    take(pupil, "extended")
    take(pupil, "receipt")
    pupil.get("/training/lessons/receipt/").submit("Пройти ещё раз")
    assert read(pupil).step == 2, "he was led to the page that the first step asks for"
    learn(pupil)
    assert "Урок «Квитанция» пройден" in pupil.text


def test_registration_over_again_is_somebody_new_with_the_marks_of_other_lessons(school, pupil):
    take(pupil, "desk")
    take(pupil, "registration")
    before = school.learner(pupil)
    pupil.get("/training/lessons/registration/").submit("Начать этот урок заново")
    after = school.learner(pupil)
    assert (before.number, before.phone) != (after.number, after.phone)
    assert pupil.path == "/training/" and read(pupil).step == 1
    learn(pupil)
    assert "Пройдено уроков: 2 из 7." in pupil.get("/training/lessons/").text


def test_two_learners_never_meet(school, htmx):
    """Each has accounts, messages, requests and marks of his own; an operator who learns sees none of another's."""
    anna, boris = (begin(school.browser(htmx=htmx)) for _ in range(2))
    take(anna, "registration")
    take(anna, "desk")
    anna.get("/training/lessons/desk/")
    boris.get("/training/lessons/desk/").submit("Начать урок")
    obey(boris, read(boris))
    assert boris.h1 == "Запросы на ПИН-код" and len(boris.page.select("main tbody tr")) == 3
    theirs = {str(a["href"]) for a in boris.page.select("main tbody a")}
    anna.get("/training/desk/?state=refused")
    hers = {str(a["href"]) for a in anna.page.select("main tbody a")}
    assert len(hers) == 2 and not hers & theirs
    for address in hers:
        assert boris.get(address).status == 404
    for address in theirs:
        assert anna.get(address).status == 404
    (question,) = boris.get("/training/desk/tickets/").page.select("main tbody a")
    assert boris.get(question["href"]).h1.startswith("Обращение №") and anna.get(question["href"]).status == 404
    assert "perm." not in boris.text, "the desk's supplier is called by his name"
    assert school.learner(anna).number not in boris.get("/training/receipt").text
    assert "Сообщений ещё нет." in boris.get("/training/phone").text
    assert "✓ пройден" not in boris.get("/training/lessons/").text


def test_the_operator_of_a_desk_made_anew_is_the_only_one(pupil):
    take(pupil, "desk")
    pupil.get("/training/lessons/desk/").submit("Пройти ещё раз")
    assert read(pupil).step == 1 and pupil.path == "/training/desk/sign-in", "who sat at the old desk is out"
    learn(pupil)


def test_the_receipt_is_drawn_and_told(school, pupil):
    learner = school.learner(pupil)
    pupil.get("/training/receipt")
    for fact in (learner.number, learner.pin, learner.serial, learner.phone, str(learner.charge_kop)):
        assert fact in pupil.text
    for image in pupil.page.select("main img"):
        drawn = pupil.client.get(image["src"], buffered=True)
        assert drawn.mimetype == "image/svg+xml" and len(drawn.data) <= 2048
        assert (learner.number if "receipt" in image["src"] else learner.serial) in drawn.text


def test_the_certificate_holds_what_is_over_and_a_name_that_is_not_kept(school, pupil):
    assert "Пройдите хотя бы один урок" in pupil.get("/training/certificate").text
    take(pupil, "registration")
    pupil.get("/training/certificate").submit(name="Мария <Иванова>")
    assert "Мария <Иванова> Пройдено обучение" in pupil.text
    assert "Регистрация и подключение счёта" in pupil.text and "Оплата картой" not in pupil.text
    assert pupil.submit(name="М" * 101).status == 422
    kept = b"".join(path.read_bytes() for path in school.folder.iterdir() if path.is_file())
    assert "Иванова>".encode() not in kept


def test_a_page_that_polls_writes_nothing(school, pupil):
    take(pupil, "registration")
    database = school.folder / "mygas.db"
    wal = database.with_name("mygas.db-wal")
    before = (database.read_bytes(), wal.read_bytes() if wal.exists() else b"")
    for _ in range(3):
        pupil.get("/training/lessons/")
    assert (database.read_bytes(), wal.read_bytes() if wal.exists() else b"") == before
