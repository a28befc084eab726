"""What goes over the wire: packings, addresses that never change their contents, and pages that must not be packed."""

import gzip
import re

import brotli
import pytest

CSS, HTMX = "/static/app.css", "/static/htmx-1.9.12.min.js"
UNPACK = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}
CROSS = {"Sec-Fetch-Site": "cross-site"}


def asked(app, address, encodings="gzip, deflate, br", **headers):
    return app.test_client().get(address, headers={"Accept-Encoding": encodings, **headers})


@pytest.mark.parametrize(
    ("encodings", "packing"),
    [("gzip, deflate, br, zstd", "br"), ("gzip, deflate", "gzip"), ("br;q=0, gzip", "gzip"), ("identity", ""), ("", "")],
)
@pytest.mark.parametrize("address", [CSS, HTMX, "/static/boot.js", "/static/icon.svg", "/help/"])
def test_packed_as_the_browser_asks(app, address, encodings, packing):
    answer, plain = asked(app, address, encodings), asked(app, address, "")
    assert answer.headers.get("Content-Encoding", "") == packing
    assert UNPACK[packing](answer.data) == plain.data
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert not packing or len(answer.data) < len(plain.data)
    assert answer.content_length == len(answer.data)


def test_addresses_of_files_name_their_edition_and_may_be_kept_for_ever(app):
    page = app.test_client().get("/").text
    addresses = set(re.findall(r'"(/static/[^"]+)"', page))
    assert len(addresses) >= 7
    for address in addresses:
        answer = app.test_client().get(address.replace("&amp;", "&"))
        assert re.search(r"[?&](amp;)?v=[0-9a-f]{8}\b", address), address
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("edition", ["", "?v=", "?v=00000000"])
def test_an_address_of_another_edition_is_kept_for_a_moment(app, edition):
    answer = asked(app, CSS + edition)
    assert answer.headers["Cache-Control"] == "public, max-age=600"
    assert asked(app, CSS, **{"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_files_have_their_kinds(app):
    kinds = {name: asked(app, f"/static/{name}").content_type for name in ("sw.js", "icon-192.png", "manifest.webmanifest")}
    assert kinds == {
        "sw.js": "text/javascript; charset=utf-8",
        "icon-192.png": "image/png",
        "manifest.webmanifest": "application/manifest+json; charset=utf-8",
    }
    assert asked(app, "/static/sw.js").headers["Service-Worker-Allowed"] == "/"
    assert asked(app, "/static/../wsgi.py").status_code == asked(app, "/static/").status_code == 404


@pytest.mark.parametrize("address", ["/?next=%2Fhelp%2F", "/nowhere", "/confirm/guess"])
def test_what_may_repeat_a_strangers_words_is_not_packed(app, address):
    """BREACH: a page with a secret and with words of a stranger's choice betrays the secret by its packed length."""
    for headers in (CROSS, {"Sec-Fetch-Site": "same-site"}, {}):
        assert "Content-Encoding" not in asked(app, address, **headers).headers
    for site in ("same-origin", "none"):
        assert asked(app, address, **{"Sec-Fetch-Site": site}).headers["Content-Encoding"] == "br"
    assert asked(app, "/help/", **CROSS).headers["Content-Encoding"] == "br", "nobody's words stand there"


def test_a_refusal_is_packed_for_our_own_page_only(app):
    for headers, packing in ((CROSS, None), ({"Sec-Fetch-Site": "same-origin"}, "br")):
        answer = app.test_client().post("/", data={"login": "guess"}, headers={"Accept-Encoding": "br", **headers})
        assert answer.status_code == 422
        assert answer.headers.get("Content-Encoding") == packing
