"""Where a page's forms may lead: nowhere but here, unless its view names a bank."""

from flask import Flask

from mygas.web import access, headers
from tests.browser import Browser


def test_forms_lead_to_the_bank_only_where_a_view_says_so(app: Flask) -> None:
    @app.get("/to-the-bank")
    @access.open_to("anyone")
    def to_the_bank() -> str:
        headers.let_forms_lead_to(("https://yoomoney.ru", "https://yookassa.ru"))
        return "pay"

    browser = Browser(app.test_client())
    policies = [browser.client.get(path).headers["Content-Security-Policy"] for path in ("/to-the-bank", "/")]
    assert "; form-action 'self' https://yoomoney.ru https://yookassa.ru; " in policies[0]
    assert "; form-action 'self'; " in policies[1]
