"""Help: found by whatever is typed, written without faults, said in a supplier's own words where he has them."""

from pathlib import Path

import pytest

import mygas.suppliers
from mygas.domain import help
from mygas.domain.help import Block
from mygas.suppliers import BadSupplier, load

FOLDER = Path(mygas.suppliers.__file__).parent / "catalogue"
CATALOGUE = load(FOLDER)
ARTICLES = [one for listed in help.contents().values() for one in listed]
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
    one = help.Article("a", "s", "t", "s.", text, "", ())
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
    assert help.read(tmp_path / "x.toml")[0].slug == "login"
    (tmp_path / "x.toml").write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(help.BadText, match=message.replace(".", r"\.")):
        help.read(tmp_path / "x.toml")
