"""A person finds his supplier by whatever he types first."""

from pathlib import Path

import pytest

import mygas.suppliers
from mygas.suppliers import Catalogue, load

CATALOGUE = load(Path(mygas.suppliers.__file__).parent / "catalogue")
SEVER = ["sever-tyumen", "sever-hmao", "sever-yanao"]


def test_the_order_is_alphabetical_whatever_the_order_of_files() -> None:
    names = [supplier.name for supplier in Catalogue(list(CATALOGUE.values())[::-1]).values()]
    assert names == sorted(names)
    assert len(names) == len(CATALOGUE) == 7


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("Пермь", ["perm"]),
        ("пер", ["perm"]),
        ("ПЕРМСКИЙ", ["perm"]),
        ("Perm", ["perm"]),
        ("gthvm", ["perm"]),  # Пермь, typed in the Latin layout
        ("GTHVM", ["perm"]),
        ("зукь", ["perm"]),  # Perm, typed in the Russian layout
        ("b;tdcr", ["izhevsk"]),
        ("[vfj", ["sever-hmao"]),
        ("{fyns-Vfyc", ["sever-hmao"]),
        ("Ханты-Мансийск", ["sever-hmao"]),
        ("север", SEVER),
        ("север (янао)", ["sever-yanao"]),
        ("  тюмен   север ", ["sever-tyumen"]),
        ("Межрегионгаз  Юг", ["yug"]),  # its whole name, though Югра begins so too
        ("Юг Краснодар", ["yug"]),
        ("Межрегионгаз gthvm", ["perm"]),
        ("Межрегионгаз — Пермь,", ["perm"]),
        ("север пермь", []),
        ("ермь", []),  # only beginnings of words
        ("нет такого", []),
    ],
)
def test_search(text: str, slugs: list[str]) -> None:
    assert [supplier.slug for supplier in CATALOGUE.search(text)] == slugs


@pytest.mark.parametrize("text", ["", "   ", "\u00a0"])
def test_an_empty_text_finds_all(text: str) -> None:
    assert CATALOGUE.search(text) == tuple(CATALOGUE.values())


def test_yo_and_ye_are_one_letter(tmp_path: Path) -> None:
    perm = (Path(mygas.suppliers.__file__).parent / "catalogue" / "perm.toml").read_text(encoding="utf-8")
    (tmp_path / "orel.toml").write_text(perm.replace("Пермский край", "Орёл"), encoding="utf-8")
    orel = load(tmp_path)
    assert [[supplier.slug for supplier in orel.search(text)] for text in ("орел", "Орёл", "jh`k", "jhtk")] == [["orel"]] * 4


def test_a_catalogue_is_a_mapping_that_cannot_be_changed() -> None:
    assert CATALOGUE["perm"].name == "Межрегионгаз Пермь"
    assert "perm" in CATALOGUE
    assert CATALOGUE.get("moskva") is None
    with pytest.raises(TypeError):
        CATALOGUE["moskva"] = CATALOGUE["perm"]  # type: ignore[index]


def test_two_suppliers_cannot_share_a_slug() -> None:
    with pytest.raises(ValueError, match="share a slug"):
        Catalogue([CATALOGUE["perm"], CATALOGUE["perm"]])
