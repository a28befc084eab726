"""What people send as scans, and what they must not be able to send (promises.md T20)."""

import io
import struct
import subprocess
import sys
import threading
import zipfile
import zlib

import pytest
from PIL import Image

from mygas.documents import scan
from mygas.documents.scan import BadScan, clean

PDF = b"%%PDF-1.4\n1 0 obj\n<</Type /Catalog /Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type /Pages /Kids [%b] /Count %d>>\nendobj\n"
END = b"trailer\n<</Root 1 0 R%b>>\nstartxref\n9\n%%%%EOF\n"


def pdf(pages=1, trailer=b"", body=b""):
    kids = b"".join(b"%d 0 obj\n<</Type /Page /Parent 2 0 R>>\nendobj\n" % (3 + page) for page in range(pages))
    return PDF % (b"3 0 R", pages) + kids + body + END % trailer


def png(width, height, *, colour=0, depth=1):
    """A PNG of zeros, made without any memory of that size. Colour 0 is grey, 2 RGB, 6 RGBA."""

    def part(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    row = b"\0" + b"\0" * (-(-width * depth * {0: 1, 2: 3, 6: 4}[colour] // 8))
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", rows) + part(b"IEND", b"")


def photo(size=(640, 480), *, kind="JPEG", mode="RGB", colour="gray", **more):
    file = io.BytesIO()
    Image.new(mode, size, colour).save(file, kind, **more)
    return file.getvalue()


def archive():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("run.js", "alert(1)")
    return file.getvalue()


def refusal(data, name="passport.jpg"):
    with pytest.raises(BadScan) as refused:
        clean(io.BytesIO(data) if isinstance(data, bytes) else data, name)
    assert refused.value.field == "scan"
    return refused.value.sentence


def opened(data):
    result = clean(io.BytesIO(data), "x")
    assert result.media_type == "image/jpeg"
    return Image.open(io.BytesIO(result.data))


def test_a_photograph_is_drawn_anew_and_holds_nothing_else():
    exif = Image.Exif()
    exif[0x010F] = "SecretPhone"
    exif.get_ifd(0x8825)[2] = (58.0, 0.0, 36.0)  # where the photographer stood
    raw = photo((4000, 3000), exif=exif, comment=b"a remark")
    image = opened(raw)
    assert image.size == (2500, 1875)
    assert not image.getexif() and "comment" not in image.info
    assert b"SecretPhone" in raw and b"SecretPhone" not in clean(io.BytesIO(raw)).data


def test_a_photograph_lying_on_its_side_is_put_upright():
    raw = Image.new("RGB", (300, 200), "white")
    raw.paste("red", (0, 0, 150, 200))
    for orientation, red in ((1, (10, 100)), (3, (290, 100)), (6, (100, 10)), (8, (100, 290))):
        exif, file = Image.Exif(), io.BytesIO()
        exif[0x0112] = orientation
        raw.save(file, "JPEG", exif=exif)
        image = opened(file.getvalue())
        assert image.size == ((300, 200) if orientation in (1, 3) else (200, 300))
        assert image.getpixel(red)[0] > 200 and image.getpixel(red)[1] < 60, orientation


@pytest.mark.parametrize(
    ("mode", "colour"), [("RGBA", (0, 0, 0, 0)), ("LA", (0, 0)), ("L", 255), ("P", 1), ("1", 1), ("I;16", 65535)]
)
def test_every_kind_of_png_comes_out_as_it_looks_on_white(mode, colour):
    image = Image.new("P", (40, 30), 1) if mode == "P" else Image.new(mode, (40, 30), colour)
    if mode == "P":
        image.putpalette([0, 0, 0, 255, 255, 255])
    file = io.BytesIO()
    image.save(file, "PNG")
    drawn = opened(file.getvalue())
    assert drawn.size == (40, 30) and min(drawn.convert("L").get_flattened_data()) > 250


def test_large_but_lawful_pictures():
    assert opened(png(8000, 5000, colour=6, depth=8)).size == (2500, 1563)
    assert opened(png(39_000, 1000, colour=2, depth=8)).size == (2500, 64)
    assert opened(photo((5000, 5000), progressive=True)).size == (2500, 2500)


def test_a_pdf_is_kept_as_it_is():
    assert clean(io.BytesIO(pdf(10)), "x.pdf") == scan.CleanScan("application/pdf", pdf(10))


def test_a_bomb_of_88_megapixels():
    bomb = png(11_000, 8000)
    assert len(bomb) < 12_000
    assert "40 миллионов точек" in refusal(bomb)
    assert "40 миллионов точек" in refusal(png(20_000, 10_000))  # where the library itself would stop
    assert "40 миллионов точек" in refusal(png(6400, 6400))


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>",
        b"GIF89a" + b"\0" * 100,
        b"BM" + b"\0" * 100,
        b"%!PS-Adobe-3.0",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100,
        b" %PDF-1.4",
        archive(),
        b"\0",
    ],
)
@pytest.mark.parametrize("name", ["passport.png", "passport.jpg", "passport.pdf", "../../etc/passwd", ""])
def test_its_bytes_say_what_it_is_and_not_its_name(data, name):
    assert "JPEG или PNG" in refusal(data, name)


def test_formats_of_telephones_get_advice():
    assert "HEIC" in refusal(b"\0\0\0\x18ftypheic" + b"\0" * 100)
    assert "WebP" in refusal(b"RIFF\x10\0\0\0WEBPVP8 ")


@pytest.mark.parametrize(
    "data",
    [
        photo() + archive(),
        photo(comment=pdf()),
        photo(comment=b"<script>alert(1)</script>"),
        photo(comment=b"<?PHP system($_GET[0]);"),
        pdf() + archive(),
        b"%PDF-1.4\n<HTML><body>" + pdf(),
    ],
    ids=["JPEG+ZIP", "JPEG+PDF", "JPEG+script", "JPEG+PHP", "PDF+ZIP", "PDF+HTML"],
)
def test_polyglots(data):
    assert "что-то кроме снимка" in refusal(data) or "обрывается" in refusal(data)


def test_what_hides_deeper_does_not_outlive_the_drawing():
    raw = photo((2000, 2000), comment=b" " * 2000 + b"<script>alert(1)</script>")
    assert b"<script>" in raw and b"<script>" not in clean(io.BytesIO(raw)).data


def test_pdfs_that_are_refused():
    assert "паролем" in refusal(pdf(trailer=b"/Encrypt 5 0 R"))
    assert "паролем" in refusal(pdf(trailer=b"/Encrypt<</Filter /Standard>>"))
    assert "обрывается" in refusal(pdf()[:-30])
    assert "страниц" in refusal(pdf(pages=11))
    assert "программа" in refusal(pdf(body=b"9 0 obj\n<</S /JavaScript /JS (app.alert\\(1\\))>>\nendobj\n"))
    assert "вложение" in refusal(pdf(body=b"9 0 obj\n<</Names <</EmbeddedFiles 5 0 R>>>>\nendobj\n"))


def test_empty_and_broken_files():
    assert "пустой" in refusal(b"")
    whole = photo((2000, 1500), colour="red")
    for broken in (whole[:3], whole[:200], whole[: len(whole) // 2], png(50, 50)[:40], whole[:300] + bytes(range(256)) * 9):
        assert "не открывается" in refusal(broken)


class Endless:
    """A stream of a gigabyte, made as it is read."""

    def __init__(self):
        self.given = 0

    def read(self, size):
        assert size > 0, "the whole stream was asked for at once"
        piece = b"\xff\xd8\xff" if self.given == 0 else b"\0" * min(size, 2**30 - self.given)
        self.given += len(piece)
        return piece


def test_a_gigabyte_is_not_read_to_its_end():
    stream = Endless()
    assert "больше" in refusal(stream)
    assert stream.given == scan.LIMIT + 1


def test_the_largest_file_is_read():
    assert "не открывается" in refusal(b"\xff\xd8\xff" + b"\0" * (scan.LIMIT - 3))
    assert "больше" in refusal(b"\xff\xd8\xff" + b"\0" * (scan.LIMIT - 2))


def test_the_child_is_confined():
    """What it can do besides drawing: nothing large, nothing long, no file, no secret."""
    probe = (
        f"import runpy, resource, os; child = runpy.run_path({str(scan._CHILD)!r}); child['_confine']();"
        "print(os.environ.get('SECRET'), *(resource.getrlimit(getattr(resource, name))[1] for name in"
        " ('RLIMIT_AS', 'RLIMIT_CPU', 'RLIMIT_FSIZE', 'RLIMIT_CORE')))"
    )
    done = subprocess.run([sys.executable, "-I", "-c", probe], env={}, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["None", str(512 * 2**20), "15", "0", "0"]


def test_a_child_that_does_not_end_is_ended(monkeypatch, tmp_path):
    sleeper = tmp_path / "sleeper.py"
    sleeper.write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr(scan, "_CHILD", sleeper)
    monkeypatch.setattr(scan, "SECONDS", 0.3)
    assert "не открывается" in refusal(photo())


def test_two_are_drawn_at_once_and_the_third_waits(monkeypatch, tmp_path):
    slow = tmp_path / "slow.py"
    slow.write_text("import sys, time\nsys.stdin.buffer.read()\ntime.sleep(0.6)\nsys.stdout.write('drawn')\n")
    monkeypatch.setattr(scan, "_CHILD", slow)
    outcomes = []

    def send():
        try:
            outcomes.append(clean(io.BytesIO(photo())).data)
        except BadScan as refused:
            outcomes.append(refused.sentence)

    def send_at_once():
        outcomes.clear()
        threads = [threading.Thread(target=send) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    send_at_once()
    assert outcomes == [b"drawn"] * 3, "the third waits for its turn"
    monkeypatch.setattr(scan, "_WAIT", 0.1)
    send_at_once()
    assert sorted(map(str, outcomes))[:2] == ["b'drawn'"] * 2 and "много снимков" in str(outcomes)
