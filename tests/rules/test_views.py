"""Every view says who may enter, and every route keeps the frame's promises. A new route without a row here fails."""

import pytest

from mygas.extensions import db
from tests.browser import Browser, check_page
from tests.walks import EMAIL, PHONE

# endpoint: (audience, address to try, status for anyone, status for the owner, status for another user)
ROUTES = {
    "static": (None, "/static/app.css", 200, 200, 200),
    "start.sign_in": ("anyone", "/", 200, 303, 303),
    "start.entry": ("anyone", "/s/perm/", 200, 303, 303),
    "start.sign_out": ("anyone", "/sign-out", 405, 405, 405),
    "start.help_page": ("anyone", "/help/", 200, 200, 200),
    "join.step": ("anyone", "/join/contact", 200, 200, 200),
    "join.again": ("anyone", "/join/code/again", 405, 405, 405),
    "join.consent_text": ("anyone", "/consent", 200, 200, 200),
    "confirm.link": ("anyone", "/confirm/nothing", 410, 410, 410),
    "confirm.use": ("anyone", "/confirm/nothing", 410, 410, 410),
    "recover.step": ("anyone", "/recover/contact", 200, 200, 200),
    "recover.again": ("anyone", "/recover/code/again", 405, 405, 405),
    "connect.step": ("user", "/connect/supplier", 303, 200, 200),
    "connect.pin_request": ("user", "/connect/pin-request", 303, 303, 303),
    "extended.begin": ("user", "{home}extend", 303, 200, 404),
    "extended.pin_request": ("user", "{home}pin-request", 303, 200, 404),
    "extended.pin": ("user", "{home}pin", 303, 303, 404),
    "extended.show_pin": ("user", "{home}pin/show", 405, 405, 405),
    "extended.change_pin": ("user", "{home}pin/change", 405, 405, 405),
    "accounts.index": ("user", "/accounts/", 303, 303, 200),
    "accounts.home": ("user", "{home}", 303, 200, 404),
    "sections.settlements": ("user", "{home}settlements", 303, 403, 404),
    "sections.settlements_month": ("user", "{home}settlements/202610", 303, 403, 404),
    "sections.settlements_file": ("user", "{home}settlements.csv", 303, 403, 404),
    "sections.payments": ("user", "{home}payments", 303, 200, 404),
    "sections.readings": ("user", "{home}readings", 303, 200, 404),
    "sections.subscriber": ("user", "{home}subscriber", 303, 403, 404),
    "sections.contracts": ("user", "{home}contracts", 303, 403, 404),
    "sections.acts": ("user", "{home}acts", 303, 403, 404),
    "riddles.picture": ("anyone", "/riddle/nothing.png", 404, 404, 404),
    "riddles.speech": ("anyone", "/riddle/nothing.wav", 404, 404, 404),
    "health.alive": ("anyone", "/healthz", 200, 200, 200),
    "health.ready": ("anyone", "/readyz", 200, 200, 200),
    "demo.messages": ("anyone", "/demo/messages", 200, 200, 200),
}


@pytest.fixture
def htmx():
    return False


def test_table_is_complete(app):
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == ROUTES.keys()
    for endpoint, (audience, *_) in ROUTES.items():
        assert getattr(app.view_functions[endpoint], "audience", None) == audience


def test_a_view_that_says_nothing_answers_nobody(app):
    app.add_url_rule("/forgotten", view_func=lambda: "secret", endpoint="forgotten")
    assert app.test_client().get("/forgotten").status_code == 404


def test_who_may_enter(app, browser, connected, joined):
    connected(browser)
    home = browser.path
    other = Browser(app.test_client())
    joined(other, EMAIL)
    for client, column in ((app.test_client(), 2), (browser.client, 3), (other.client, 4)):
        for endpoint, row in ROUTES.items():
            status = client.get(row[1].format(home=home)).status_code
            assert status == row[column], f"{endpoint} answered {status} to {column}"


def dump(app) -> dict[str, list]:
    with app.app_context():
        return {
            table.name: sorted(map(repr, db.session.execute(table.select().with_only_columns(
                *[column for column in table.columns if column.name != "seen_at"]))))
            for table in db.metadata.sorted_tables
        }  # fmt: skip


def test_no_get_changes_anything(app, browser, connected):
    connected(browser)
    home = browser.path
    before = dump(app)
    for client in (browser.client, app.test_client()):
        for _, address, *_ in ROUTES.values():
            client.get(address.format(home=home))
            client.head(address.format(home=home))
    assert dump(app) == before


def test_every_post_needs_its_token(app, browser, connected, region):
    connected(browser)
    ref = browser.path.strip("/").rpartition("/")[2]
    region("sever-tyumen", "018000001")  # connecting is under way, so that the request for a PIN in its midst is open too
    browser.get("/connect/supplier").submit(supplier="sever-tyumen").submit(number="018000001")
    before = dump(app)
    posts = [rule for rule in app.url_map.iter_rules() if "POST" in rule.methods]
    assert len(posts) > 5
    for rule in posts:
        address = rule.rule.replace("<slug>", "contact" if "join" in rule.rule or "recover" in rule.rule else "supplier")
        address = address.replace("<token>", "nothing").replace("/s/supplier/", "/s/perm/").replace("<ref>", ref)
        answer = browser.client.post(address, data={"login": PHONE, "password": "x", "supplier": "perm", "agree": "y"})
        assert answer.status_code in (400, 422), f"{rule.rule} answered {answer.status_code} without a token"
    assert dump(app) == before


def test_headers_on_every_answer(app, browser, connected):
    connected(browser)
    home = browser.path
    for _, address, *_ in [*ROUTES.values(), (None, "/nowhere"), (None, "/static/nothing.js")]:
        answer = browser.client.get(address.format(home=home))
        policy = answer.headers["Content-Security-Policy"]
        for part in (
            "default-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "object-src 'none'",
            "form-action 'self'",
        ):
            assert part in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.mimetype != "text/html" or answer.headers["Content-Type"] == "text/html; charset=utf-8"
        static = address.startswith("/static") and answer.status_code == 200
        assert ("no-store" in answer.headers["Cache-Control"]) is not static
        assert static or "HX-Request" in answer.headers["Vary"]


@pytest.mark.parametrize(
    "address", ["/", "/s/perm/", "/join/contact", "/help/", "/consent", "/recover/contact", "/demo/messages", "/nowhere"]
)
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "fragment"])
def test_frame(app, address, headers):
    check_page(app.test_client().get(address, headers=headers))


def test_cookies_over_tls(make_app):
    app = make_app(public_url="https://localhost")
    client = app.test_client()
    answer = client.get("/", base_url="https://localhost")
    cookies = answer.headers.getlist("Set-Cookie")
    form = next(cookie for cookie in cookies if cookie.startswith("__Host-form="))
    for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in form
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_foreign_host_names_are_not_answered(make_app):
    app = make_app(demo=False, public_url="https://gas.example.ru", mail_url="screen:", sms_url="screen:")
    client = app.test_client()
    assert client.get("/", base_url="https://gas.example.ru").status_code == 200
    for host in ("evil.example", "gas.example.ru.evil.example", "127.0.0.1"):
        assert client.get("/", base_url=f"https://{host}").status_code == 400


def test_ready_is_for_this_machine_only(app):
    assert app.test_client().get("/readyz").get_json()["ready"] is True
    assert app.test_client().get("/readyz", environ_base={"REMOTE_ADDR": "192.0.2.1"}).status_code == 404


def test_requests_are_limited_by_address(make_app):
    app = make_app(requests="5 per minute")
    client = app.test_client()
    assert [client.get("/help/").status_code for _ in range(6)] == [200] * 5 + [429]
    assert client.get("/healthz").status_code == 200
    assert client.get("/help/", environ_base={"REMOTE_ADDR": "192.0.2.1"}).status_code == 200


def test_a_broken_page_shows_no_trace(app, monkeypatch):
    monkeypatch.setattr("mygas.web.start.render_template", lambda *_args, **_more: 1 / 0)
    answer = app.test_client().get("/help/")
    assert answer.status_code == 500
    assert "ZeroDivisionError" not in answer.text
    check_page(answer)


def test_a_database_that_is_away_is_said_so(make_app, tmp_path):
    app = make_app(database_url=f"sqlite:///{tmp_path / 'nowhere' / 'mygas.db'}")
    answer = app.test_client().get("/", headers={"Cookie": "sid=anything"})
    assert answer.status_code == 503
    check_page(answer)
