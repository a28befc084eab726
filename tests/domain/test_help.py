"""Help: found by whatever is typed, written without faults, said in a supplier's own words where he has them."""

import re
from pathlib import Path

import pytest

import mygas.suppliers
from mygas.domain import help, help_files
from mygas.domain.help_files import Block
from mygas.suppliers import BadSupplier, load
from translations import messages

FOLDER = Path(mygas.suppliers.__file__).parent / "catalogue"
CATALOGUE = load(FOLDER)
ARTICLES = [one for listed in help.contents().values() for one in listed]
ENGLISH = [one for listed in help.contents(language="en").values() for one in listed]
EXAMPLES = ("gthvm", "+", "Home", "Summer house", "Mother", "Charged", "Text of the consent")
"""What stands in quotes and is on no page: what is typed, what a receipt says, the words of a link."""
GOOD = 'subject = "Вход"\n[login]\ntitle = "Логин"\nsummary = "Это почта."\ntext = "Да."\nkeywords = "имя"\nabout = ["вход"]\n'


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("пароль", "forgotten-password"),
        ("ПАРОЛЬ", "forgotten-password"),
        ("gfhjkm", "forgotten-password"),  # пароль, typed in the Latin layout
        ("паро", "forgotten-password"),
        ("придумать пароль", "password"),
        ("забыл пароль", "forgotten-password"),
        ("Я забыла свой пароль", "forgotten-password"),
        ("где мой платёж", "where-is-my-payment"),
        ("где мой платеж", "where-is-my-payment"),
        ("куда делся платёж", "where-is-my-payment"),
        ("квитанцию", "receipts"),  # another ending than in the text
        ("распечатать квитанции", "receipts"),
        ("показания после 25", "readings-late"),
        ("отключить счёт", "disconnect"),
        ("дом родителей", "parents-home"),
        ("почему так много начислили", "why-this-sum"),
        ("пин-код", "pin"),
        ("gby-rjl", "pin"),
        ("запах газа", "gas-smell"),
        ("капча", "captcha"),
        ("айфон", "mobile-app"),
        ("взаиморасчеты", "settlements"),
    ],
)
def test_search_finds_first(text, first):
    assert help.search(text)[0].slug == first


@pytest.mark.parametrize("text", ["", "  ", "что и как", "рецепт", "ароль", "%_", "<b>"])
def test_search_finds_nothing(text):
    assert help.search(text) == []


def test_search_prefers_every_word_and_falls_back_to_most():
    assert {one.slug for one in help.search("серийный номер")} >= {"question-serial"}
    assert help.search("рецепт квитанции")[0].slug == "receipts", "one unknown word does not hide the rest"


def test_search_ranks_title_then_keywords_then_text():
    found = help.search("поверка", limit=50)
    places = [next(n for n, part in enumerate((one.title, one.keywords, one.text + one.summary)) if "повер" in part.lower())
              for one in found]  # fmt: skip
    assert found[0].slug == "verification" and places == sorted(places) and len(set(places)) > 1
    assert len(help.search("счёт", limit=3)) == 3


def test_search_looks_at_the_suppliers_own_words():
    assert help.search("квитанции расшифровкой", CATALOGUE["perm"])[0].slug == "pin"
    assert help.hint("pin", CATALOGUE["perm"]) != help.hint("pin") == help.hint("pin", CATALOGUE["yug"])
    own = help.article("login", CATALOGUE["yug"])
    assert own and "телефон" not in own.summary + own.text and own.title == help.article("login").title


@pytest.mark.parametrize("one", ARTICLES, ids=lambda one: one.slug)
def test_every_article_is_whole(one):
    assert one.summary.endswith(".") and one.summary.count(". ") == 0, "a hint is one sentence"
    assert len(one.summary) <= 160 and not one.title.endswith(".")
    assert one.blocks and all(line for block in one.blocks for line in block.lines)
    assert help.related(one), "somebody who was not helped goes on from here"
    assert help.search(one.title)[0].slug == one.slug, "an article is found by its own title"


def test_there_are_articles_enough():
    assert len(ARTICLES) >= 25 and len({one.title for one in ARTICLES}) == len(ARTICLES)


def test_blocks():
    text = "Один\nи тот же.\n\nСписок:\n- раз\n  и ещё\n- два\n\n1. шаг\n2. шаг второй\n\n<b>5 - 3</b>"
    one = help_files.Article("a", "s", "t", "s.", text, "", ())
    assert one.blocks == (
        Block("p", ("Один и тот же.",)),
        Block("p", ("Список:",)),
        Block("ul", ("раз и ещё", "два")),
        Block("ol", ("шаг", "шаг второй")),
        Block("p", ("<b>5 - 3</b>",)),
    )


def test_an_unknown_hint_is_an_error():
    with pytest.raises(KeyError):
        help.hint("no-such-text")


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ('[help.pni]\nsummary = "Да."', "perm.toml: help.pni: is not an article of the help"),
        ('[help.pin]\nsumary = "Да."', "perm.toml: help.pin.sumary: is not a key of a supplier's file"),
        ('[help.pin]\ntext = ""', "perm.toml: help.pin.text: is empty"),
        ('[help]\npin = "Да."', "perm.toml: help.pin: must be a section of keys"),
        ("[[help]]\npin = 1", "perm.toml: help: must be a section of keys"),
    ],
)
def test_a_suppliers_words_for_nothing_stop_the_portal(tmp_path, section, message):
    text = (FOLDER / "perm.toml").read_text(encoding="utf-8").partition("[help.")[0]
    (tmp_path / "perm.toml").write_text(text + section, encoding="utf-8")
    with pytest.raises(BadSupplier) as refusal:
        help.fit(load(tmp_path))
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('subject = "Вход"\n', "", "x.toml: subject: is missing"),
        ('title = "Логин"\n', "", "x.toml: login.title: is missing"),
        ('"Это почта."', '""', "x.toml: login.summary: is not a key, or is not what it must be"),
        ("keywords", "keyword", "x.toml: login.keywords: is missing"),
        ("[login]", "[Login]", "x.toml: Login: must be a section named by small Latin letters and hyphens"),
        ('"Да."', "1", "x.toml: login.text: is not a key, or is not what it must be"),
        ('"имя"', '"имя', "x.toml: is not TOML in UTF-8"),
    ],
)
def test_a_bad_text_is_refused_with_file_key_and_reason(tmp_path, old, new, message):
    (tmp_path / "x.toml").write_text(GOOD, encoding="utf-8")
    assert help_files.read(tmp_path / "x.toml")[0].slug == "login"
    (tmp_path / "x.toml").write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(help_files.BadText, match=message.replace(".", r"\.")):
        help_files.read(tmp_path / "x.toml")


IN_ENGLISH = """subject = "Signing in"
[login]
title = "Login"
summary = "It is a mail."
text = "Yes."
keywords = "name"
links = ["In"]
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('subject = "Signing in"\n', "", "en/x.toml: subject: is missing"),
        ("[login]", "[logon]", "en/x.toml: logon: is not an article of the Russian file"),
        (IN_ENGLISH.partition("\n")[2], "", "en/x.toml: login: is missing: the article waits for its translation"),
        ('text = "Yes."\n', "", "en/x.toml: login.text: is missing"),
        ('"Yes."', '""', "en/x.toml: login.text: is not a key, or is not what it must be"),
        ("[login]", '[login]\nabout = ["in"]', "en/x.toml: login.about: is not a key, or is not what it must be"),
        ('links = ["In"]\n', "", "en/x.toml: login.links: must be words for 1 links"),
        ('["In"]', '["In", "Out"]', "en/x.toml: login.links: must be words for 1 links"),
        ('"name"', '"name', "en/x.toml: is not TOML in UTF-8"),
    ],
)
def test_a_translation_unlike_its_source_is_refused(tmp_path, old, new, message):
    source, english = tmp_path / "x.toml", tmp_path / "en" / "x.toml"
    source.write_text(GOOD + 'links = [["Вход", "/in"]]\n', encoding="utf-8")
    with pytest.raises(help_files.BadText, match=r"en/x\.toml: is missing"):
        help_files.translated(english, help_files.read(source))
    english.parent.mkdir()
    english.write_text(IN_ENGLISH, encoding="utf-8")
    (one,) = help_files.translated(english, help_files.read(source))
    assert (one.title, one.about, one.links) == ("Login", ("вход",), (("In", "/in"),))
    assert old in IN_ENGLISH
    english.write_text(IN_ENGLISH.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(help_files.BadText) as refusal:
        help_files.translated(english, help_files.read(source))
    assert str(refusal.value).startswith(message)


def test_a_help_not_whole_in_a_language_stops_the_portal():
    with pytest.raises(help_files.BadText, match=r"tt/1-entering\.toml: is missing"):
        help.fit(CATALOGUE, ["tt"])


@pytest.mark.parametrize("one", ENGLISH, ids=lambda one: one.slug)
def test_every_english_article_is_whole(one):
    russian = help.hinted(one.slug)
    shapes = [[(block.kind, len(block.lines)) for block in told.blocks] for told in (one, russian)]
    assert shapes[0] == shapes[1], "paragraph for paragraph, line for line"
    assert one.summary.endswith(".") and one.summary.count(". ") == 0 and len(one.summary) <= 160
    assert help.search(one.title, language="en")[0].slug == one.slug, "an article is found by its own title"
    alien = re.sub(r"«.+?»|ЕЛС", "", f"{one.subject}{one.title}{one.summary}{one.text}{one.keywords}{one.links}")
    assert not re.search(r"[А-Яа-яё]", alien), "Russian words stand in «»"


@pytest.mark.parametrize("one", ENGLISH, ids=lambda one: one.slug)
def test_english_articles_quote_what_english_pages_say(one):
    """What stands in “quotes” is a sentence of the catalogue, or the beginning of one."""
    said = [
        words
        for message in messages.read("en")
        for words in ([message.string] if isinstance(message.string, str) else message.string)
    ]
    quoted = re.findall(r"“(.+?)”", f"{one.title} {one.summary} {one.text}") + [words for words, _ in one.links]
    assert [words for words in quoted if words not in EXAMPLES and not any(one.startswith(words) for one in said)] == []


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("password", "forgotten-password"),
        ("forgot my password", "forgotten-password"),
        ("where is my payment", "where-is-my-payment"),
        ("receipts", "receipts"),
        ("print a receipt", "receipts"),
        ("readings after 25", "readings-late"),
        ("smell of gas", "gas-smell"),
        ("captcha", "captcha"),
        ("iPhone", "mobile-app"),
        ("PIN code", "pin"),
        ("why so much charged", "why-this-sum"),
        ("забыл пароль", "forgotten-password"),
        ("gfhjkm", "forgotten-password"),
        ("зфыыцщкв", "forgotten-password"),  # password, typed in the Russian layout
        ("квитанцию", "receipts"),
    ],
)
def test_english_search_finds_first(text, first):
    found = help.search(text, language="en")[0]
    assert (found.slug, found.title) == (first, help.hinted(first, language="en").title)


@pytest.mark.parametrize("text", ["", "what is the", "borscht", "рецепт", "%_"])
def test_english_search_finds_nothing(text):
    assert help.search(text, language="en") == []


def test_a_suppliers_own_words_are_russian_in_any_language():
    pin, login = (help.hinted(slug, CATALOGUE[supplier], "en") for slug, supplier in (("pin", "perm"), ("login", "yug")))
    assert pin.summary == help.hint("pin", CATALOGUE["perm"]) and pin.summary_in == "ru" and pin.title == "Where to get a PIN"
    assert help.search("расшифровкой", CATALOGUE["perm"], language="en")[0] == pin
    assert login.summary_in == "ru" and help.hinted("login", None, "en").summary_in == "en"
