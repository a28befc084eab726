"""The copy of a question on its whole way: from the form, through a real SMTP server, to a mailbox in a Russian domain."""

from dataclasses import replace

import pytest

from mygas.gateways import mail
from mygas.jobs import relay
from tests.browser import Browser
from tests.gateways.test_smtp import office  # noqa: F401 - a fixture
from tests.journeys.test_support import TEXT, as_guest


@pytest.fixture
def htmx():
    return False


@pytest.mark.settings(support_copy=True)
def test_it_leaves_with_its_domain_in_ascii_and_no_header_of_the_askers(app, office):  # noqa: F811
    post = office(enable_SMTPUTF8=False)
    smtp = mail.from_settings(replace(app.extensions["settings"], mail_url=f"smtp://127.0.0.1:{post.port}"))
    app.extensions["gateways"] = replace(app.extensions["gateways"], mail=smtp)
    as_guest(Browser(app.test_client()), "8 912 345-67-89", subject="Тема\nBcc: all@example.ru", text=f"{TEXT}\nTo: x@example.ru")
    with app.app_context():
        relay.round_of(app)
    assert post.envelopes[0].rcpt_tos == ["support@xn--80ahmohdapg.xn--80asehdb"]
    letter = post.letter()
    assert (letter["To"], letter["Bcc"]) == ("support@xn--80ahmohdapg.xn--80asehdb", None)
    assert letter["Subject"] == "Обращение № 1" and f"{TEXT}\nTo: x@example.ru" in letter.get_content().replace("\r\n", "\n")
