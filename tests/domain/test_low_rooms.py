"""Money, contacts, wizard, settings, keyring: any spelling in, one form out, and no nonsense."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mygas import contacts, money, settings
from mygas.extensions import keyring
from mygas.keyring import Unsealable
from mygas.wizard import Step, Wizard


@pytest.mark.parametrize(
    ("text", "kopecks"),
    [
        ("1234", 123400),
        ("1 234,5", 123450),
        ("1234.56", 123456),
        ("1\u00a0234,56", 123456),
        ("0,01", 1),
        ("-5,00", -500),
        (" 7 ", 700),
        ("1 234 567,89", 123456789),
    ],
)
def test_money_is_parsed(text, kopecks):
    assert money.parse(text) == kopecks


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1,234",
        "1.2.3",
        "1e3",
        "١٢",
        "12 руб",
        "--1",
        "1\n2x",
        "9" * 14,
        "1 2",
        "5 00,00",
        "12 34,00",
        "1234 567",
        "1  234",
        "1 234 ,5",
    ],
)
def test_what_is_no_money(text):
    with pytest.raises(ValueError, match="not a sum"):
        money.parse(text)


@given(st.integers(min_value=0, max_value=10**14))
def test_money_round_trip(kopecks):
    assert money.parse(money.rubles(kopecks).removesuffix("₽")) == kopecks
    assert money.parse(money.plain(-kopecks)) == -kopecks


def test_money_is_written():
    assert [money.plain(kopecks) for kopecks in (-123456, -5, 0, 100)] == ["-1234,56", "-0,05", "0,00", "1,00"]
    assert money.rubles(-123456) == "\u22121\u00a0234,56\u00a0₽"


@pytest.mark.parametrize(
    "text",
    [
        "89123456789",
        "+7 912 345-67-89",
        "9123456789",
        "8 (912) 345-67-89",
        "7-912-345-67-89",
        " +7(912)3456789 ",
        "8\u2013912\u2013345\u201167\u201189",
    ],
)
def test_one_phone(text):
    assert contacts.parse(text) == contacts.Contact("phone", "+79123456789")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "912345678",
        "+7 812 345 67 89",
        "8912345678900",
        "+8 912 345 67 89",
        "tel:89123456789",
        "٨٩١٢٣٤٥٦٧٨٩",
        "a@",
        "@b.ru",
        "a b@c.ru",
    ],
)
def test_no_contact(text):
    with pytest.raises(ValueError, match="not a"):
        contacts.parse(text)


def test_mail_case_and_idn():
    assert contacts.parse("Maria@EXAMPLE.ru").value == "maria@example.ru"
    assert contacts.parse("support@СМОРОДИНА.онлайн").value == "support@смородина.онлайн"
    assert contacts.parse("support@xn--80aaahfdtfyzew.xn--80asehdb").channel == "email"


@given(st.text(max_size=40))
def test_contacts_never_break(text):
    try:
        contact = contacts.parse(text)
    except ValueError:
        return
    assert contacts.parse(contact.value) == contact, "canonical is canonical"
    assert contact.value not in contact.masked


def steps() -> Wizard:
    def step(slug: str, **more: bool) -> Step:
        return Step(slug, slug, dict, dict, lambda answers: answers.get(slug), **more)

    return Wizard("test", (step("one"), step("two", reopen=False), step("three")))


def test_wizard_computes_its_step():
    wizard = steps()
    assert wizard.current({}).slug == "one"
    assert wizard.current({"one": 1, "three": 1}).slug == "two"
    assert wizard.current({"one": 1, "two": 1, "three": 1}) is None


def test_a_sealed_step_is_passed_by():
    wizard = steps()
    one, two, three = wizard.steps
    assert wizard.may_open(one, {"one": 1, "two": 1})
    assert not wizard.may_open(two, {"one": 1, "two": 1})
    assert not wizard.may_open(three, {"one": 1})
    assert wizard.back(two, {"one": 1}) is one
    assert wizard.back(three, {"one": 1, "two": 1}) is None
    assert wizard.place(three) == (3, 3)


PRODUCTION = {
    "PUBLIC_URL": "https://gas.example.ru",
    "MYGAS_MAIL_FROM": "Smorodina <noreply@gas.example.ru>",
    "MYGAS_MAIL_URL": "smtp://localhost",
    "MYGAS_SMS_URL": "https://sms.example.ru",
}


@pytest.fixture
def env(tmp_path):
    folder = tmp_path / "keys"
    settings._keys(folder, make=True)
    return {**PRODUCTION, "MYGAS_DATA": str(tmp_path / "data"), "MYGAS_KEYS": str(folder)}


def test_production_starts_with_all_it_needs(env):
    assert settings.from_environment(env).secure


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"PUBLIC_URL": ""}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "http://gas.example.ru"}, "https://"),
        ({"MYGAS_MAIL_URL": ""}, "MYGAS_MAIL_URL"),
        ({"MYGAS_SMS_URL": "screen:"}, "MYGAS_SMS_URL"),
        ({"MYGAS_MODE": "debug"}, "MYGAS_MODE"),
        ({"PORT": "http"}, "PORT"),
        ({"PORT": "99999"}, "PORT"),
        ({"MYGAS_PROXIES": "-1"}, "MYGAS_PROXIES"),
        ({"MYGAS_DATA": "/proc/nowhere"}, "MYGAS_DATA"),
        ({"MYGAS_MAIL_FROM": ""}, "MYGAS_MAIL_FROM"),
        ({"DATABASE_URL_FILE": "/nowhere"}, "DATABASE_URL_FILE"),
        ({"MYGAS_CAPTCHA": "maybe"}, "MYGAS_CAPTCHA"),
        ({"MYGAS_PASSWORD_POLICY": "none"}, "MYGAS_PASSWORD_POLICY"),
        ({"MYGAS_KEYS": "/nowhere"}, "openssl rand"),
    ],
)
def test_production_refuses_to_start(env, change, says):
    with pytest.raises(settings.BadSettings, match=says):
        settings.from_environment({**env, **change})


def test_a_key_that_others_can_read_is_refused(env, tmp_path):
    (tmp_path / "keys" / "pepper").chmod(0o644)
    with pytest.raises(settings.BadSettings, match="chmod 400"):
        settings.from_environment(env)


def test_a_sample_key_is_refused(env, tmp_path):
    (tmp_path / "keys" / "pepper").write_text("00" * 32)
    with pytest.raises(settings.BadSettings, match="not random"):
        settings.from_environment(env)


def test_no_secret_in_the_settings_words(env):
    words = repr(settings.from_environment({**env, "MYGAS_MAIL_URL": "smtp://user:hush@localhost"}))
    assert "hush" not in words
    assert "Keys" not in words


def test_sealed_bytes_open_for_their_purpose_only(app):
    with app.app_context():
        sealed = keyring.seal(b"secret", "one")
        assert keyring.unseal(sealed, "one") == b"secret"
        for broken, purpose in (
            (sealed, "two"),
            (sealed[:-1], "one"),
            (b"", "one"),
            (sealed[:-1] + bytes([sealed[-1] ^ 1]), "one"),
        ):
            with pytest.raises(Unsealable):
                keyring.unseal(broken, purpose)


def test_codes_are_derived(app):
    with app.app_context():
        assert keyring.code("1", "nonce", "1") == keyring.code("1", "nonce", "1")
        codes = {keyring.code("1", "nonce", str(generation)) for generation in range(500)}
        assert len(codes) > 495
        assert all(len(code) == 6 and code.isdecimal() for code in codes)
