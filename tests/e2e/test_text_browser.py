"""Registration and a connected account in a text browser: what is true there is true everywhere."""

import shutil

import pytest

from tests.e2e.person import demo_account, new_login
from tests.e2e.portal import Portal
from tests.e2e.text_browser import CHECKBOX, ENTER, FIELD, PASSWORD, lynx
from tests.walks import code_in

pytestmark = pytest.mark.e2e


@pytest.fixture
def program() -> str:
    found = shutil.which("lynx")
    if found is None:
        pytest.skip("no lynx on this machine; .ci/run installs it")
    return found


def test_registration_by_phone_in_a_text_browser(program: str, portal: Portal) -> None:
    login, account = new_login("phone"), demo_account(portal, "debt")
    with lynx(program, f"{portal.url}/join/contact") as screen:
        screen.sees("Регистрация")
        screen.fill(FIELD, login)
        screen.fill(PASSWORD, "Gaz2026x")
        screen.fill(PASSWORD, "Gaz2026x")
        screen.push()
        screen.sees("Код подтверждения")
        screen.fill(FIELD, code_in(portal.last_message(login)))
        screen.push()
        screen.sees("Я прочитал текст")
        screen.move_to(CHECKBOX)
        screen.press(ENTER)
        screen.push()
        screen.sees("Какая региональная газовая компания")
        screen.fill(FIELD, "gthvm")
        screen.push()
        screen.sees("Номер лицевого счёта")
        screen.fill(FIELD, account["number"])
        screen.push()
        screen.sees("подключён")
        screen.go(f"{portal.url}/accounts/")
        screen.sees(f"Счёт {account['number']}")
        screen.sees("К оплате")
