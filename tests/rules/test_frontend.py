"""The weight and the age of what every page carries, the habits of the kit, and that the page checker really finds faults."""

import gzip
import hashlib
import re
from pathlib import Path

import pytest
from flask import Flask, render_template_string
from flask_babel import Babel
from flask_wtf import CSRFProtect, FlaskForm
from jinja2 import StrictUndefined, UndefinedError
from werkzeug.test import TestResponse
from wtforms import BooleanField, PasswordField, RadioField, StringField
from wtforms.validators import DataRequired, Optional

from mygas.contacts import mailto
from mygas.money import rubles
from mygas.web import languages, statics
from tests.browser import check_page

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
HTMX_1_9_12 = "449317ade7881e949510db614991e195c3a099c4c791c24dacec55f9f4a2a452"

FIRST_PAINT = 6144  # bytes with headers, out of the 14,480 that one round trip carries (pages.md, 4.1 and 4.5)
HEADERS = 700
BUDGET = {"app.css": 4096, "boot.js": 1536, "htmx-1.9.12.min.js": 16_000}
TOO_NEW_CSS = r"grid|\bgap:|var\(|--\w+:|sticky|:is\(|:has\(|:where\(|@import|@font-face|url\(|clamp\(|\binset:|@layer|@container"
TOO_NEW_JS = r"=>|\blet |\bconst |`|\bclass |\basync |\bawait |\.\.\.|\?\.|\?\?|\bfetch\(|\beval\(|innerHTML"


def gz(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9, mtime=0))


@pytest.mark.parametrize(("name", "limit"), BUDGET.items())
def test_weight_on_the_wire(name: str, limit: int) -> None:
    assert gz(STATIC / name) <= limit


def test_pictures_are_small() -> None:
    assert {picture.name for picture in STATIC.glob("*.svg") if picture.stat().st_size > 2048} == set()
    assert (STATIC / "icon-192.png").stat().st_size <= 3072


def test_htmx_is_the_stock_file() -> None:
    assert hashlib.sha256((STATIC / "htmx-1.9.12.min.js").read_bytes()).hexdigest() == HTMX_1_9_12


def test_gate_is_readable_by_the_oldest_engines() -> None:
    code = re.sub(r"/\*.*?\*/", "", (STATIC / "boot.js").read_text(encoding="utf-8"), flags=re.S)
    assert re.findall(TOO_NEW_JS, code) == []


def test_stylesheet_is_drawn_by_the_oldest_engines_and_asks_for_nothing() -> None:
    style = (STATIC / "app.css").read_text(encoding="utf-8")
    assert re.findall(TOO_NEW_CSS, re.sub(r"/\*.*?\*/", "", style, flags=re.S)) == []
    assert "</" not in style, "the stylesheet is also written inside a page"


def test_templates_hold_no_scripts_styles_or_hx_without_data() -> None:
    barred = re.compile(r"\son[a-z]+=|\sstyle=|<script(?![^>]* src=)|(?<!data-)\bhx-[a-z-]+=|\|\s*safe\b")
    found = {
        str(path.relative_to(ROOT)): hits
        for path in (ROOT / "templates").rglob("*.html")
        if (hits := barred.findall(path.read_text(encoding="utf-8")))
    }
    assert found == {}


class Sample(FlaskForm):
    login = StringField("Логин", [DataRequired("Введите логин")])
    password = PasswordField("Пароль")
    note = StringField("Примечание", [Optional()])
    agree = BooleanField("Согласен", [DataRequired("Отметьте")])
    method = RadioField("Чем подтвердить", [DataRequired("Выберите")], choices=["ПИН-код", "Счётчик"])


PAGE = """{% extends layout %}{% import "ui/kit.html" as kit with context %}
{% block title %}Проба{% endblock %}
{% block main %}{{ kit.errors(form) }}{{ kit.back("/") }}{{ kit.steps(2, 6) }}<h1>Проба</h1>
{% call kit.form(form, "/try") %}{{ kit.field(form.login, hint="до <b>10</b>", kind="login") }}{{ kit.field(form.password) }}
{{ kit.field(form.note, suffix="м³") }}{{ kit.field(form.agree) }}{{ kit.field(form.method, hint="одно") }}
{{ kit.button("Дальше") }}{{ kit.button("Позже", "later", "1", "second") }}{% endcall %}
{% call kit.form(none, "/drop") %}{{ kit.button("Отключить", kind="quiet") }}{% endcall %}
{% call kit.table("Платежи", ["Дата", "Сумма"], numeric=(1,)) %}
<tr><td>1</td><td class="n">{{ kit.money(123456) }}</td></tr>{% endcall %}
{{ kit.sum("К оплате", 123456) }}{{ kit.facts([("Адрес", "<i>")]) }}{{ kit.tel("8 (342) 200-00-00") }}
{{ kit.empty("Пусто") }}{% endblock %}"""


@pytest.fixture
def kit_app() -> Flask:
    """The templates alone, with the frame's variables in their plainest form."""
    app = Flask("kit", template_folder=str(ROOT / "templates"))
    app.config.update(SECRET_KEY="k" * 32, BABEL_DEFAULT_LOCALE="ru")
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.filters.update(rubles=rubles, mailto=mailto)
    Babel(app)
    app.jinja_env.globals["language"] = languages.language
    CSRFProtect(app)
    names = ["css", "icon", "touch_icon", "manifest", "boot", "htmx", "worker", "home", "sign_out"]
    frame = {
        **{f"{name}_href": "/x" for name in names},
        "inline_css": None,
        "notices": [("good", "Готово <")],
        "nav": [("Счета", "/", True)],
        "signed_in": True,
        "footer_links": [("Помощь", "/help")],
        "version": "1",
        "view_classes": "t1",
        "color_schemes": "light dark",
    }
    app.context_processor(lambda: frame)

    @app.post("/<layout>")
    def draw(layout: str) -> str:
        form = Sample()
        form.validate()
        return render_template_string(PAGE, layout=f"ui/{layout}.html", form=form)

    return app


@pytest.mark.parametrize("layout", ["page", "fragment"])
def test_kit_draws_a_sound_page(kit_app: Flask, layout: str) -> None:
    kit_app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    page = check_page(kit_app.test_client().post(f"/{layout}", data={"login": "", "password": "secret"}))
    login = page.find(id="login")
    assert login["aria-describedby"] == "login-hint login-error" and login["aria-invalid"] == "true"
    assert [a["href"] for a in page.select("#errors a")] == ["#login", "#agree", "#method-0"]
    assert page.find(id="login-error").text == page.find(id="err-login").text == "Введите логин"
    assert page.title.text == "Ошибка: Проба — Мой газ"
    assert "secret" not in str(page), "a password is never sent back"
    assert page.find(id="login-hint").text == "до <b>10</b>" and page.dd.text == "<i>", "everything is escaped"
    assert "Шаг 2 из 6" in page.main.text and "1\u00a0234,56\u00a0₽" in page.main.text
    assert page.select_one("main a.tel")["href"] == "tel:83422000000"
    assert bool(page.find("header")) == bool(page.select("a[href='tel:104']")) == (layout == "page")


def test_first_paint_fits_its_budget(kit_app: Flask) -> None:
    kit_app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    html = kit_app.test_client().post("/page").get_data()
    assert len(gzip.compress(html + statics.read(STATIC)["app.css"].body, 9)) + HEADERS <= FIRST_PAINT


def test_a_form_without_an_action_is_not_drawn(kit_app: Flask) -> None:
    source = '{% import "ui/kit.html" as kit with context %}{% call kit.form(none, "") %}{% endcall %}'
    with kit_app.test_request_context(), pytest.raises(UndefinedError):
        render_template_string(source)


@pytest.mark.parametrize("code", [500, 503])
def test_pages_of_failure_need_nothing_from_the_context(code: int) -> None:
    app = Flask("bare", template_folder=str(ROOT / "templates"))
    app.jinja_env.undefined = StrictUndefined
    Babel(app, default_locale="ru")
    app.jinja_env.globals["language"] = languages.language
    with app.test_request_context():
        html = app.jinja_env.get_template(f"errors/{code}.html").render()
    assert check_page(TestResponse([html.encode()], "200 OK", [("Content-Type", "text/html")], None)).h1.text


TOKEN = '<input type="hidden" name="csrf_token" value="t">'
SOUND = f"""<title>Код — Мой газ</title><main id="main"><h1>Код</h1>
<form method="post" action="/code" data-hx-post="/code">{TOKEN}<label for="code">Код</label><input id="code" name="code">
<button type="submit" class="button main">Да</button></form></main>"""


def response(html: str) -> TestResponse:
    return TestResponse([html.encode()], "200 OK", [("Content-Type", "text/html; charset=utf-8")], None)


def test_checker_passes_a_sound_page() -> None:
    assert check_page(response(SOUND)).h1.text == "Код"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<h1>Код</h1>", "<h2>Код</h2>"),
        ("<title>Код", "<title>Мой газ"),
        ('<label for="code">', '<label for="cod">'),
        ('<input id="code"', '<input id="code" aria-describedby="gone"'),
        ('<input id="code"', '<input id="main"'),
        ('action="/code" ', ""),
        ('action="/code" ', 'action="" '),
        ('data-hx-post="/code"', 'data-hx-post="/join"'),
        (TOKEN, ""),
        ("<button", '<button type="submit">Нет</button><button'),
        ("<button", '<button type="button">Показать</button><button'),
        ("<h1>", "<p hidden>Нет связи</p><h1>"),
        ("<h1>", '<a href="#">Показать</a><h1>'),
        ("<h1>", '<h1 style="color:red">'),
        ("<h1>", '<h1 onclick="go()">'),
        ("<h1>", "<script>go()</script><h1>"),
        ("<h1>", "<style>h1{color:red}</style><h1>"),
        ("<h1>", '<img alt="" src="//counter.example/pixel"><h1>'),
        ("<h1>", '<img src="/receipt.svg"><h1>'),
        ("<h1>", "<p><div>Блок внутри абзаца</div></p><h1>"),
        ("<title>", '<!doctype html><html><head><meta charset="utf-8"><title>'),
    ],
)
def test_checker_finds(old: str, new: str) -> None:
    assert old in SOUND
    with pytest.raises(AssertionError):
        check_page(response(SOUND.replace(old, new, 1)))
