"""«Настройки»: the rooms of one's own cabinet. Their first page is here; each room hangs its pages on the same blueprint."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from mygas.domain import present_password
from mygas.web import access, addresses
from mygas.web.access import open_to
from mygas.web.forms import Form
from mygas.web.layout import name_the_page, notify
from mygas.words import N_, Refused

bp = Blueprint("settings", __name__, url_prefix="/settings")
bp.after_request(name_the_page)


@dataclass(frozen=True)
class Room:
    """A room of the settings: the endpoint of its first page, its name, what is done there, the key of its hint."""

    endpoint: str
    title: str
    about: str
    hint: str = ""


ROOMS: tuple[Room, ...] = (
    Room(
        "settings.accounts",
        N_("Лицевые счета"),
        N_("Подключить и отключить, назвать по-своему, кто ещё подключён."),
        "own-accounts",
    ),
    Room("settings.profile", N_("Профиль"), N_("ФИО, логин, второй контакт."), "profile"),
    Room("settings.notices", N_("Уведомления"), N_("О чём Вам писать и куда."), "messages"),
    Room("settings.messages", N_("Сообщения"), N_("Всё, что портал отправил Вам за год: по СМС и эл. почте.")),
    Room("settings.password", N_("Сменить пароль"), N_("Остальные сеансы при этом завершатся."), "password"),
    Room("settings.sessions", N_("Сеансы"), N_("Где Вы вошли в кабинет; завершить вход на другом устройстве."), "safety"),
    Room("settings.journal", N_("Журнал"), N_("Кто и когда входил в кабинет, что менял, смотрел и отправлял.")),
    Room("settings.consents", N_("Согласия"), N_("На что Вы согласились и когда; тексты, отзыв."), "consent"),
    Room("settings.my_data", N_("Мои данные"), N_("Скачать всё, что портал хранит о Вас.")),
    Room("settings.close", N_("Закрыть кабинет"), N_("Что удалится, что останется, и как это сделать."), "close-cabinet"),
)


@bp.get("/")
@open_to("user")
def index() -> str:
    rows = [(gettext(room.title), url_for(room.endpoint), gettext(room.about), room.hint) for room in ROOMS]
    if lessons := current_app.extensions["settings"].lessons:
        rows.append((gettext("Режим обучения"), lessons, gettext("Краткое обучение работе с личным кабинетом."), "lessons"))
    return render_template("settings/index.html", rooms=rows)


def form_page(template: str, form: Form, deed: Callable[[], Response], **context: object) -> Response:
    """One page with one form: shown, or its answer taken by `deed`. Ends in 200, in 422 with the same page, or as `deed` does."""
    if request.method == "POST" and form.validate():
        try:
            return deed()
        except Refused as refusal:
            form.refuse(refusal)
    form.before_page()
    page = render_template(template, form=form, action=addresses.here(), **context)
    return make_response(page, 422 if request.method == "POST" else 200)


def prove(answer: dict[str, Any]) -> dict[str, Any]:
    """The same answer with the `proof` of the present password in its place; a wizard step prepares itself by it."""
    rest = {name: value for name, value in answer.items() if name != "present"}
    return {**rest, "proof": present_password.check(access.visitor(), answer["present"])}


def late() -> Response:
    """For a wizard of the settings: another tab, or the link of the letter, was faster."""
    notify("info", gettext("Этот шаг уже пройден в другом окне."))
    return redirect(url_for("settings.profile"), 303)
