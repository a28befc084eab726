"""A browser for tests: it can do only what the page in front of it offers, and it checks every page it is given.

`Browser(client)` posts plain pages; `Browser(client, htmx=True)` behaves as a browser in which boot.js has brought htmx in.
"""

import re
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import html5lib
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

REDIRECTS = (301, 302, 303, 307, 308)
CONTROLS = "input:not([type=hidden]), select, textarea"
LOADERS = (("script, img, source, audio, iframe", "src"), ("link", "href"), ("form", "action"), ("form", "data-hx-post"))


class Browser:
    """One visitor. After each step `page`, `status`, `path`, `title`, `h1` and `text` describe what is on the screen."""

    def __init__(self, client: FlaskClient, htmx: bool = False) -> None:
        self.client = client
        self.htmx = htmx
        self.page = BeautifulSoup("", "html5lib")
        self.response: TestResponse | None = None
        self.path = "/"

    @property
    def status(self) -> int:
        assert self.response is not None, "nothing has been opened yet"
        return self.response.status_code

    @property
    def title(self) -> str:
        return _words(self.page.title)

    @property
    def h1(self) -> str:
        return _words(self.page.h1)

    @property
    def text(self) -> str:
        """The words of main, as a person reads them: spaces of any kind are one plain space."""
        return _words(self.page.find(id="main"))

    def get(self, path: str) -> "Browser":
        """Open an address, as typed or by a link: always a whole page."""
        return self._go("GET", path, partial=False)

    def click(self, link_text: str) -> "Browser":
        """Follow the link with this text."""
        links = [a for a in self.page.find_all("a") if _words(a) == link_text]
        assert links, f"no link {link_text!r} on {self.path}; there are {[_words(a) for a in self.page.find_all('a')]}"
        return self.get(urljoin(self.path, str(links[0]["href"])))

    def submit(self, button_text: str | None = None, **fields: Any) -> "Browser":
        """Fill the form that holds these fields and press its button (the first one when no text is given).

        A value is text, True or False for a checkbox, the offered value for a choice, a `(stream, name)` pair for a file.
        """
        form, button = self._find_form(button_text, set(fields))
        data = _filled(form, fields)
        if button.get("name"):
            data.append((str(button["name"]), str(button.get("value", ""))))
        action = urljoin(self.path, str(form["action"]))
        if form.get("method") == "get":
            query = urlencode(data)
            return self._go("GET", f"{urlsplit(action).path}?{query}", partial=self.htmx and form.has_attr("data-hx-get"))
        return self._go("POST", action, partial=self.htmx and form.has_attr("data-hx-post"), data=_grouped(data))

    def _find_form(self, button_text: str | None, names: set[str]) -> tuple[Tag, Tag]:
        whole = self.page if button_text else self.page.find(id="main")
        assert isinstance(whole, Tag), f"{self.path} has no main"
        seen = []
        for form in whole.find_all("form"):
            offered = {str(control["name"]) for control in form.select(CONTROLS) if control.get("name")}
            buttons = form.select("button[type=submit]")
            seen.append(([_words(button) for button in buttons], offered))
            for button in buttons:
                if names <= offered and button_text in (None, _words(button)):
                    return form, button
        raise AssertionError(f"no form on {self.path} with the button {button_text!r} and the fields {names}; there are {seen}")

    def _go(self, method: str, path: str, partial: bool, data: dict[str, Any] | None = None) -> "Browser":
        """Ask, follow where the answer leads, check the page and put it on the screen."""
        for _ in range(10):
            address = urlsplit(path)
            if address.hostname not in (None, "localhost"):
                return self._leave(path)
            target = address._replace(scheme="", netloc="", fragment="").geturl()
            headers = {"HX-Request": "true", "HX-Target": "main"} if partial else {}
            answer = self.client.open(target, method=method, data=data, headers=headers, buffered=True)
            self.response = answer
            self.path = target
            if partial and "HX-Redirect" in answer.headers:
                path, partial = answer.headers["HX-Redirect"], False
            elif answer.status_code in REDIRECTS:
                path = urljoin(target, answer.headers["Location"])
            else:
                assert method == "GET" or answer.mimetype != "text/html" or answer.status_code >= 400, f"POST {path} drew a page"
                return self._show(answer, partial)
            method, data = "GET", None
        raise AssertionError(f"{path} is redirected without end")

    def _leave(self, address: str) -> "Browser":
        """The portal sent the browser elsewhere (to a bank): `path` is that whole address, the screen is empty."""
        self.path = address
        self.page = BeautifulSoup("", "html5lib")
        return self

    def _show(self, answer: TestResponse, partial: bool) -> "Browser":
        if answer.mimetype != "text/html":
            return self
        fresh = check_page(answer)
        if not partial or fresh.find("header"):
            self.page = fresh
            return self
        assert self.page.title is not None
        self.page.title.replace_with(fresh.title)
        self.page.find(id="main").replace_with(fresh.find(id="main"))
        _check_references(self.page)
        self.path = answer.headers.get("HX-Push-Url", self.path)
        return self


def check_page(response: TestResponse) -> BeautifulSoup:
    """The parsed page, once it has been found fit for every browser and every reader. Raises AssertionError, saying why."""
    html = response.get_data(as_text=True)
    whole = html.lstrip()[:9].lower() == "<!doctype"
    parser = html5lib.HTMLParser()
    parser.parse(html if whole else f"<!doctype html>{html}")
    assert not parser.errors, f"not well-formed HTML: {parser.errors} in {html}"
    page = BeautifulSoup(html, "html5lib")
    assert not whole or page.html.get("lang"), "the page does not name its language"
    _check_headings(page)
    _check_references(page)
    _check_controls(page)
    for form in page.find_all("form"):
        _check_form(form)
    _check_strict_policy(page, whole)
    _check_alive_without_scripts(page)
    return page


def _check_headings(page: BeautifulSoup) -> None:
    headings = page.find_all("h1")
    assert len(headings) == 1, f"{len(headings)} h1 on the page"
    assert len(page.select("main#main")) == 1, "a page has one main"
    title = re.sub("^(Ошибка|Error): ", "", _words(page.title))
    assert _words(headings[0]) and title.startswith(_words(headings[0])), f"the title {title!r} does not begin with the h1"


def _check_references(page: BeautifulSoup) -> None:
    ids = [str(tag["id"]) for tag in page.find_all(id=True)]
    assert len(ids) == len(set(ids)), f"ids are not unique: {sorted(ids)}"
    wanted = [word for tag in page.select("[aria-describedby]") for word in str(tag["aria-describedby"]).split()]
    wanted += [str(a["href"])[1:] for a in page.select("a[href^='#']")]
    missing = set(wanted) - set(ids)
    assert not missing, f"nothing has the id {missing}"


def _check_controls(page: BeautifulSoup) -> None:
    labelled = {label.get("for") for label in page.find_all("label") if _words(label)}
    for control in page.select(CONTROLS):
        assert control.get("id") in labelled, f"no label for {control}"
    for image in page.find_all("img"):
        assert image.has_attr("alt"), f"no alt on {image}"


def _check_form(form: Tag) -> None:
    assert form.get("action"), f"a form without an action: {form}"
    assert form.get("method") in ("get", "post"), f"a form without a method: {form}"
    verb = f"data-hx-{form['method']}"
    assert form.get(verb, form["action"]) == form["action"], f"{verb} differs from the action of {form}"
    if form["method"] == "post":
        tokens = form.select("input[type=hidden][name=csrf_token]")
        assert len(tokens) == 1 and tokens[0].get("value"), f"a POST form needs one token: {form}"
    buttons = form.find_all("button")
    assert buttons, f"a form without a button: {form}"
    main = [button for button in buttons if "main" in button.get("class", [])]
    assert not main or main == buttons[:1], f"Enter would not press the main button of {form}"


def _check_strict_policy(page: BeautifulSoup, whole: bool) -> None:
    for tag in page.find_all(True):
        risky = [name for name in tag.attrs if name == "style" or name.startswith("on")]
        assert not risky, f"{risky} on {tag.name} is barred by the content security policy"
    assert not [script for script in page.find_all("script") if not script.get("src")], "an inline script"
    assert len(page.find_all("style")) <= whole, "an inline stylesheet beside the page's own"
    for selector, name in LOADERS:
        for tag in page.select(f":is({selector})[{name}]"):
            assert not urlsplit(str(tag[name])).netloc, f"{tag[name]} belongs to another host"


def _check_alive_without_scripts(page: BeautifulSoup) -> None:
    dead = page.select(
        "button:not([type=submit]), input[type=button], [hidden], [autofocus], a:not([href]), a[href='#'], a[href='']"
    )
    dead += [a for a in page.select("a[href]") if str(a["href"]).lower().startswith("javascript:")]
    assert not dead, f"dead without scripts: {dead}"


def _filled(form: Tag, fields: dict[str, Any]) -> list[tuple[str, Any]]:
    """What the form would send: (name, value) pairs, hidden fields included."""
    sent: list[tuple[str, Any]] = []
    for control in form.select("input, select, textarea"):
        name, given = str(control.get("name", "")), fields.get(str(control.get("name", "")))
        if control.name == "select":
            offered = {str(option.get("value", option.text)) for option in control.find_all("option")}
            chosen = control.select_one("option[selected]") or control.find("option")
            value = str(given) if given is not None else str(chosen.get("value", chosen.text)) if chosen else ""
            assert value in offered, f"{name} does not offer {value!r}, only {offered}"
            sent.append((name, value))
        elif control.get("type") == "radio":
            offered = {str(one["value"]) for one in form.select(f"input[type=radio][name={name}]")}
            assert given is None or str(given) in offered, f"{name} does not offer {given!r}, only {offered}"
            if control.has_attr("checked") if given is None else str(given) == control["value"]:
                sent.append((name, control["value"]))
        elif control.get("type") == "checkbox":
            if control.has_attr("checked") if given is None else given:
                sent.append((name, control.get("value", "on")))
        elif given is not None:
            sent.append((name, given))
        elif control.get("type") != "file":
            sent.append((name, control.text if control.name == "textarea" else str(control.get("value", ""))))
    return sent


def _grouped(pairs: list[tuple[str, Any]]) -> dict[str, list[Any]]:
    return {name: [value for key, value in pairs if key == name] for name, _ in pairs}


def _words(tag: Tag | None) -> str:
    """The words of a tag; in main, blocks that touch in the source are kept apart as they are on the screen."""
    if tag is None:
        return ""
    text = re.sub(r"\s+", " ", tag.get_text(" " if tag.name == "main" else "")).strip()
    return re.sub(r" (?=[.,:;!?»)])", "", text)
