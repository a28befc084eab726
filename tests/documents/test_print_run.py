"""A print run: every paper once and in its order, whatever is killed, and the fonts once."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from mygas.documents import print_run, receipt
from mygas.documents.print_run import OtherRun, PrintRun
from tests.documents.papers import another
from tests.documents.reading import codes, text


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(print_run, "CHUNK", 3)


def numbers(pdf: bytes) -> list[str]:
    return [line.split()[-1] for line in text(pdf).splitlines() if line.startswith("Лицевой счёт") and "," not in line]


def expected(count: int) -> list[str]:
    return [another(at).number for at in range(count)]


def test_a_run_that_is_killed_goes_on_where_it_was(tmp_path):
    folder, path = tmp_path / "run", tmp_path / "street.pdf"
    killed = PrintRun(folder, "a4")
    for at in range(8):
        killed.add(another(at))
    (folder / "000002.pages.part").write_bytes(b"half a file")
    run = PrintRun(folder, "a4")
    assert run.done == 6
    for at in range(run.done, 10):
        run.add(another(at))
    assert run.finish(path) == 10
    assert numbers(path.read_bytes()) == expected(10)
    assert list(tmp_path.iterdir()) == [path]


def test_a_run_killed_while_it_finishes_finishes_again(tmp_path, monkeypatch):
    folder, path = tmp_path / "run", tmp_path / "street.pdf"
    run = PrintRun(folder, "a4")
    for at in range(4):
        run.add(another(at))
    with monkeypatch.context() as broken:
        broken.setattr(print_run, "_settle", _killed)
        with pytest.raises(KeyboardInterrupt):
            run.finish(path)
    assert not path.exists()
    again = PrintRun(folder, "a4")
    for at in range(again.done, 4):
        again.add(another(at))
    assert again.finish(path) == 4
    assert numbers(path.read_bytes()) == expected(4)


def _killed(_file):
    raise KeyboardInterrupt


def test_pages_are_those_of_single_receipts(tmp_path):
    run = PrintRun(tmp_path / "run", "large")
    for at in range(4):
        run.add(another(at))
    run.finish(tmp_path / "run.pdf")
    drawn = (tmp_path / "run.pdf").read_bytes()
    singles = [receipt.draw(another(at), "large") for at in range(4)]
    assert text(drawn) == "\n".join(map(text, singles))
    assert codes(drawn) == [code for single in singles for code in codes(single)]
    assert drawn.count(b"/FontFile2") == 2


def test_file_is_sound_and_the_same_again(tmp_path):
    for name in ("one", "two"):
        run = PrintRun(tmp_path / name, "a4")
        for at in range(5):
            run.add(another(at))
        run.finish(tmp_path / f"{name}.pdf")
    one = (tmp_path / "one.pdf").read_bytes()
    assert one == (tmp_path / "two.pdf").read_bytes()
    reader = PdfReader(BytesIO(one), strict=True)
    assert len(reader.pages) == 5
    assert reader.metadata.title == "Квитанции за газ, октябрь 2026 года"


def test_a_folder_of_another_run_is_refused(tmp_path):
    PrintRun(tmp_path / "run", "a4")
    with pytest.raises(OtherRun):
        PrintRun(tmp_path / "run", "large")


def test_no_papers_no_file(tmp_path):
    with pytest.raises(ValueError, match="without papers"):
        PrintRun(tmp_path / "run", "a4").finish(tmp_path / "none.pdf")
    assert not (tmp_path / "none.pdf").exists()
