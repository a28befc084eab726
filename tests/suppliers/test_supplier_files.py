"""A bad file is refused at start-up with its name, the key and the reason; the document names every key."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

import mygas.suppliers
from mygas.suppliers import BadSupplier, Supplier, load
from mygas.suppliers.checks import bank_key_holds
from mygas.suppliers.rules import Access

CATALOGUE = Path(mygas.suppliers.__file__).parent / "catalogue"
GOOD = (CATALOGUE / "perm.toml").read_text(encoding="utf-8")
DOCUMENT = (Path(__file__).parents[2] / "docs" / "suppliers.md").read_text(encoding="utf-8")

# What is replaced in a good file, with what, and the key and (part of) the reason of the refusal.
BAD = [
    ('name = "Межрегионгаз Пермь"', "name = ", "", "is not TOML in UTF-8: Invalid value (at line 4"),
    ('region = "Пермский край"', "", "region", "is missing"),
    ("max_m3 = 10000\n", "", "readings.max_m3", "is missing"),
    ("[qr]", "[qrcode]", "qrcode", "is not a key of a supplier's file"),
    ("late =", "latte =", "readings.latte", "is not a key of a supplier's file"),
    ("[entry]", 'slug = "perm"\n[entry]', "offices.slug", "is not a key of a supplier's file"),
    ('region = "', 'slug = "perm"\nregion = "', "slug", "the name of the file is the slug"),
    ('region = "Пермский край"', "region = 59", "region", "must be text in quotes"),
    ('region = "Пермский край"', 'region = ""', "region", "is empty"),
    ("from_day = 18", 'from_day = "18"', "readings.from_day", "must be a whole number"),
    ("from_day = 18", "from_day = true", "readings.from_day", "must be a whole number"),
    ("serial = false", 'serial = "no"', "access.serial", "must be true or false"),
    ('aliases = ["Березники"', 'aliases = [59, "Березники"', "aliases", "must be text in quotes"),
    ('normalise = ["strip_spaces", "strip_hyphens"]', 'normalise = "strip_spaces"', "account.normalise", "must be a list"),
    ("[lite]", "[lite.more]", "lite.more", "is not a key of a supplier's file"),
    ('captcha = "risk"', 'captcha = "sometimes"', "entry.captcha", "must be one of 'off', 'risk', 'always'"),
    ('["phone", "email"]', '["phone", "fax"]', "entry.channels", "must be one of 'phone', 'email'"),
    ('["59012345", "59012345"]', '["59012345"]', "account.examples_valid", "must hold lists of 2 items"),
    ("Asia/Yekaterinburg", "Asia/Perm", "time_zone", "is not a time zone: 'Asia/Perm'"),
    ("Asia/Yekaterinburg", "../../etc/passwd", "time_zone", "is not a time zone"),
    ("Asia/Yekaterinburg", "Asia", "time_zone", "is not a time zone"),
    ('pattern = "[0-9]{8}"', 'pattern = "[0-9{8}"', "account.pattern", "is not a regular expression"),
    ('"strip_hyphens"', '"strip_dots"', "account.normalise", "may name strip_spaces"),
    ('"strip_hyphens"', '"pad_left:21"', "account.normalise", "may name strip_spaces"),
    ('inn = "0059000018"', 'inn = "0059000019"', "inn", "its check digit does not hold"),
    ('kpp = "005901001"', 'kpp = "00590100"', "kpp", "is not a KPP"),
    ('bic = "040000907"', 'bic = "40000907"', "bank.bic", "is not a BIC"),
    ('account = "40702810900000000007"', 'account = "40702810800000000007"', "bank.account", "check digit"),
    ('account = "40702810900000000007"', 'account = "4070281090000000000"', "bank.account", "20 digits"),
    ("30101810000000000907", "30101810100000000907", "bank.corr_account", "check digit"),
    ("БАНК «ОБРАЗЕЦ» Г. ПЕРМЬ", "ЗАПАДНО-СИБИРСКОЕ ОТДЕЛЕНИЕ №8647 ПАО СБЕРБАНК", "bank.name", "longer than the 45 characters"),
    ("БАНК «ОБРАЗЕЦ»", "БАНК|ОБРАЗЕЦ", "bank.name", "holds «|»"),
    ("ООО «Межрегионгаз", "ООО|Межрегионгаз", "legal_name", "holds «|»"),
    ("ООО «Межрегионгаз", "ООО «" + "Межрегионгаз" * 9, "legal_name", "206 bytes"),
    ('encoding = "ST00012"\n', 'encoding = "ST00011"\n', "qr.encoding", "lacks a letter"),
    ("help@perm.example", "help.perm.example", "support_email", "is not an e-mail address"),
    ("help@perm.example", "help@perm@example", "support_email", "is not an e-mail address"),
    ('"8 (800) 000-00-07"', '"по будням"', "support_phone", "is not a telephone number"),
    ('"104"', '"04"', "emergency_phone", "is not a telephone number"),
    ('"8 (342) 000-00-07"', '"-"', "offices", "has a phone that is not a telephone number"),
    ('["phone", "email"]', "[]", "entry.channels", "is empty or says a thing twice"),
    ('["code", "link"]', '["code", "code"]', "entry.confirm", "is empty or says a thing twice"),
    ('["code", "link"]', '["link"]', "entry.confirm", "lacks code, the only way by phone"),
    ('["phone", "email"]', '["phone"]', "entry.confirm", "has link, but entry.channels lacks email"),
    ("max_per_user = 3", "max_per_user = 0", "account.max_per_user", "must be 1 or more"),
    ("\npin = true", "\npin = false", "access.request", "needs access.pin"),
    ("\npin = true\nrequest = true", "\npin = false\nrequest = false", "access.pin_on_receipt", "needs access.pin"),
    (
        "request = true\nscan_required = false",
        "request = false\nscan_required = true",
        "access.scan_required",
        "needs access.request",
    ),
    ('pin_help = "Подайте', 'pin_help = ""  # "', "access.pin_help", "is empty, but access.pin sends people for a PIN"),
    ("from_day = 18", "from_day = 0", "readings.from_day", "1 to 31"),
    ("to_day = 28", "to_day = 17", "readings.to_day", "from readings.from_day to 31"),
    ("max_m3 = 10000", "max_m3 = 0", "readings.max_m3", "must be 1 or more"),
    ("due_day = 10", "due_day = 29", "billing.due_day", "1 to 28"),
    ('services = ["Газоснабжение природным газом", ', 'services = ["Пеня за газ", ', "billing.services", "says a thing twice"),
    ("min_kop = 1000", "min_kop = 0", "pay.min_kop", "is less than a ruble, the least that is taken"),
    ("max_kop = 3000000", "max_kop = 999", "pay.max_kop", "is less than pay.min_kop"),
    (
        '["5901 2345", "59012345"]',
        '["5901 2346", "59012345"]',
        "account.examples_valid",
        "comes out as '59012346', not '59012345'",
    ),
    ('["5901 2345", "59012345"]', '["5901 234", "5901234"]', "account.examples_valid", "has '5901 234', which is not accepted"),
    ('["5901 2345", "59012345"]', '["5901 2345", "5901 2345"]', "account.examples_valid", "'59012345', not '5901 2345'"),
    ('  ["5901 2345", "59012345"],\n  ["5901-2345", "59012345"],\n', "", "account.examples_valid", "has fewer than 3 examples"),
    ('"590123456", ', '"5901 2345", ', "account.examples_invalid", "has '5901 2345', which is accepted"),
    ('["5901234", "590123456", ', "[", "account.examples_invalid", "has fewer than 3 examples"),
    ('example = "59012345"', 'example = "5901234"', "account.example", "is not accepted"),
    ("590{:05d}", "590{}", "account.sample", "must hold one place for a number"),
    ("590{:05d}", "590{0.__class__}", "account.sample", "must hold one place for a number"),
    ("590{:05d}", "590{:06d}", "account.sample", "gives a number that is not accepted"),
    ("590{:05d}", "5901{:04d}", "account.sample", "gives a number that is not accepted, for 0 or 99999"),
]


def write(folder: Path, text: str, name: str = "perm.toml") -> None:
    (folder / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(("old", "new", "key", "reason"), BAD)
def test_a_bad_file_is_refused_with_file_key_and_reason(tmp_path: Path, old: str, new: str, key: str, reason: str) -> None:
    assert GOOD.count(old) >= 1, "the good file has changed: this row tests nothing"
    text = GOOD.replace(old, new, 1)
    if key == "qr.encoding":
        text = text.replace("ООО «Межрегионгаз Пермь»", "ООО «Межрегионгаз Перӧм»")
    write(tmp_path, text)
    with pytest.raises(BadSupplier) as refusal:
        load(tmp_path)
    assert (refusal.value.file, refusal.value.key) == ("perm.toml", key)
    assert reason in refusal.value.reason
    assert str(refusal.value) == ": ".join(filter(None, ("perm.toml", key, refusal.value.reason)))


def test_an_empty_list_of_offices_is_refused(tmp_path: Path) -> None:
    start, end = GOOD.index("[[offices]]"), GOOD.index("[entry]")
    write(tmp_path, GOOD[:start].replace("[bank]", "offices = []\n[bank]") + GOOD[end:])
    with pytest.raises(BadSupplier, match=r"perm\.toml: offices: is empty"):
        load(tmp_path)


def test_a_section_must_be_a_section(tmp_path: Path) -> None:
    start, end = GOOD.index("[qr]"), GOOD.index("[support]")
    write(tmp_path, GOOD[:start].replace("[bank]", 'qr = "ST00012"\n[bank]') + GOOD[end:])
    with pytest.raises(BadSupplier, match=r"perm\.toml: qr: must be a section of keys"):
        load(tmp_path)


@pytest.mark.parametrize("key", [field.name for field in fields(Access)])
def test_every_key_of_access_changes_something(key: str) -> None:
    portal = Path(mygas.__file__).parent
    readers = [*(portal / "domain").rglob("*.py"), *(portal / "web").rglob("*.py"), *portal.parent.glob("templates/**/*.html")]
    assert any(f"access.{key}" in path.read_text(encoding="utf-8") for path in readers)


@pytest.mark.parametrize("name", ["Perm.toml", "perm_krai.toml", "пермь.toml", "perm-.toml", "p" * 41 + ".toml"])
def test_a_file_name_that_is_no_slug_is_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path, GOOD, name)
    with pytest.raises(BadSupplier) as refusal:
        load(tmp_path)
    assert (refusal.value.file, refusal.value.key) == (name, "file name")


def test_two_suppliers_cannot_share_a_name(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    write(tmp_path, GOOD.replace("Межрегионгаз Пермь", "межрегионгаз ПЕРМЬ"), "perm-two.toml")
    with pytest.raises(BadSupplier, match=r"name: is the same as in perm-two\.toml"):
        load(tmp_path)


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "perm.toml").write_bytes(GOOD.replace("—", "-").encode("cp1251", errors="replace"))
    with pytest.raises(BadSupplier, match=r"perm\.toml: is not TOML in UTF-8"):
        load(tmp_path)


def test_a_folder_without_suppliers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSupplier, match="holds no supplier files"):
        load(tmp_path)


def test_a_file_saved_by_notepad_is_read(tmp_path: Path) -> None:
    (tmp_path / "perm.toml").write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert load(tmp_path)["perm"].account.max_per_user == 3


def test_what_the_instructions_ask_of_each_supplier() -> None:
    found = load(CATALOGUE)
    assert [found[slug].name for slug in ("sever-tyumen", "sever-hmao", "sever-yanao", "izhevsk", "perm")] == [
        "Межрегионгаз Север (Тюменская область)",
        "Межрегионгаз Север (ХМАО)",
        "Межрегионгаз Север (ЯНАО)",
        "Межрегионгаз Ижевск",
        "Межрегионгаз Пермь",
    ]
    assert (found["yug"].entry.channels, found["yug"].entry.confirm) == (("email",), ("link",))
    assert [slug for slug, supplier in found.items() if supplier.entry.captcha == "always"] == ["izhevsk"]
    ways = {slug: (s.access.serial, s.access.charge, s.access.pin, s.access.request) for slug, s in found.items()}
    assert ways["sever-tyumen"] == ways["volga"] == (True, True, True, True)
    assert ways["izhevsk"] == (True, False, True, True)
    assert ways["perm"] == (False, False, True, True)
    izhevsk = found["izhevsk"]
    assert (izhevsk.lite.pay, izhevsk.lite.payments, izhevsk.lite.readings) == (True, False, False)
    assert izhevsk.access.scan_required
    assert "в нижнем регистре" in izhevsk.access.pin_hint
    assert "secretary@udmurtgaz.ru" in izhevsk.access.pin_help
    assert len({(s.readings.from_day, s.readings.to_day) for s in found.values()}) == 7


def test_the_check_digit_of_bank_accounts_is_the_bank_of_russias() -> None:
    """Correspondent accounts that two large banks publish."""
    assert bank_key_holds("30101810400000000225", "025")
    assert bank_key_holds("30101810700000000187", "025")
    assert not bank_key_holds("30101810700000000225", "025")


def keys(kind: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every dotted key that a file may hold, with its annotation."""
    hints = get_type_hints(kind)
    for field in fields(kind):
        hint = hints[field.name]
        inner = hint if is_dataclass(hint) else next((part for part in get_args(hint) if is_dataclass(part)), None)
        if inner is not None:
            yield from keys(inner, f"{prefix}{field.name}.")
        elif field.name != "slug":
            yield prefix + field.name, hint


KEYS = dict(keys(Supplier))


@pytest.mark.parametrize("key", KEYS)
def test_the_document_names_every_key(key: str) -> None:
    assert f"`{key}`" in DOCUMENT


@pytest.mark.parametrize("key", KEYS)
def test_the_document_names_every_choice(key: str) -> None:
    row = next(line for line in DOCUMENT.splitlines() if line.startswith(f"| `{key}` |"))
    hint = KEYS[key]
    choices = get_args(hint) if get_origin(hint) is Literal else [word for part in get_args(hint) for word in get_args(part)]
    assert all(f'`"{choice}"`' in row for choice in choices if isinstance(choice, str))
