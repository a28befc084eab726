"""Every route and who may do what there: the matrix that tests/rules/test_views.py keeps. A route without a row fails.

A row: "METHOD endpoint": (audience, address, then what is answered to each of PEOPLE). Addresses speak of one account, its owner
and his open request for a PIN: {home} is the owner's page of the account, {request} and {scan} are refs of the request and its
scan, {account} is the account's id, {holder} the ref of the owner's connection. IN and DESK are redirections to a sign-in; any
other redirection is 303. A POST carries its token and the fields of POSTED.
"""

PEOPLE = ("anonymous", "owner, basic", "owner, extended", "another user", "operator of another supplier", "operator")
IN, DESK = "to the sign-in", "to the sign-in of operators"
POSTED = {"document": "passport", "reason": "old", "deed": "reduce"}

ROUTES: dict[str, tuple[object, ...]] = {
    "GET static": (None, "/static/app.css", 200, 200, 200, 200, 200, 200),
    "GET start.sign_in": ("anyone", "/", 200, 303, 303, 303, 200, 200),
    "POST start.sign_in": ("anyone", "/", 422, 422, 422, 422, 422, 422),
    "GET start.entry": ("anyone", "/s/perm/", 200, 303, 303, 303, 200, 200),
    "POST start.entry": ("anyone", "/s/perm/", 422, 422, 422, 422, 422, 422),
    "POST start.sign_out": ("anyone", "/sign-out", IN, IN, IN, IN, IN, IN),
    "GET start.help_page": ("anyone", "/help/", 200, 200, 200, 200, 200, 200),
    "GET join.step": ("anyone", "/join/contact", 200, 200, 200, 200, 200, 200),
    "POST join.step": ("anyone", "/join/contact", 422, 422, 422, 422, 422, 422),
    "POST join.again": ("anyone", "/join/code/again", 404, 404, 404, 404, 404, 404),
    "GET join.consent_text": ("anyone", "/consent", 200, 200, 200, 200, 200, 200),
    "GET confirm.link": ("anyone", "/confirm/nothing", 410, 410, 410, 410, 410, 410),
    "POST confirm.use": ("anyone", "/confirm/nothing", 410, 410, 410, 410, 410, 410),
    "GET recover.step": ("anyone", "/recover/contact", 200, 200, 200, 200, 200, 200),
    "POST recover.step": ("anyone", "/recover/contact", 422, 422, 422, 422, 422, 422),
    "POST recover.again": ("anyone", "/recover/code/again", 404, 404, 404, 404, 404, 404),
    "GET connect.step": ("user", "/connect/supplier", IN, 200, 200, 200, IN, IN),
    "POST connect.step": ("user", "/connect/supplier", IN, 303, 303, 422, IN, IN),
    "GET connect.pin_request": ("user", "/connect/pin-request", IN, 200, 200, 303, IN, IN),
    "POST connect.pin_request": ("user", "/connect/pin-request", IN, 303, 303, 303, IN, IN),
    "GET extended.begin": ("user", "{home}extend", IN, 200, 303, 404, IN, IN),
    "POST extended.begin": ("user", "{home}extend", IN, 422, 303, 404, IN, IN),
    "GET extended.pin_request": ("user", "{home}pin-request", IN, 200, 303, 404, IN, IN),
    "POST extended.pin_request": ("user", "{home}pin-request", IN, 422, 303, 404, IN, IN),
    "GET extended.pin": ("user", "{home}pin", IN, 303, 200, 404, IN, IN),
    "POST extended.show_pin": ("user", "{home}pin/show", IN, 404, 303, 404, IN, IN),
    "POST extended.change_pin": ("user", "{home}pin/change", IN, 404, 303, 404, IN, IN),
    "GET accounts.index": ("user", "/accounts/", IN, 200, 200, 303, IN, IN),
    "GET accounts.home": ("user", "{home}", IN, 200, 200, 404, IN, IN),
    "GET sections.settlements": ("user", "{home}settlements", IN, 403, 200, 404, IN, IN),
    "GET sections.settlements_month": ("user", "{home}settlements/202610", IN, 403, 200, 404, IN, IN),
    "GET sections.settlements_file": ("user", "{home}settlements.csv", IN, 403, 200, 404, IN, IN),
    "GET sections.payments": ("user", "{home}payments", IN, 200, 200, 404, IN, IN),
    "GET meters.readings": ("user", "{home}readings", IN, 200, 200, 404, IN, IN),
    "GET sections.subscriber": ("user", "{home}subscriber", IN, 403, 200, 404, IN, IN),
    "GET sections.contracts": ("user", "{home}contracts", IN, 403, 200, 404, IN, IN),
    "GET sections.acts": ("user", "{home}acts", IN, 403, 200, 404, IN, IN),
    "GET riddles.picture": ("anyone", "/riddle/nothing.png", 404, 404, 404, 404, 404, 404),
    "GET riddles.speech": ("anyone", "/riddle/nothing.wav", 404, 404, 404, 404, 404, 404),
    "GET health.alive": ("anyone", "/healthz", 200, 200, 200, 200, 200, 200),
    "GET health.ready": ("anyone", "/readyz", 200, 200, 200, 200, 200, 200),
    "GET demo.messages": ("anyone", "/demo/messages", 200, 200, 200, 200, 200, 200),
    "GET desk.sign_in": ("anyone", "/desk/sign-in", 200, 200, 200, 200, 303, 303),
    "POST desk.sign_in": ("anyone", "/desk/sign-in", 422, 422, 422, 422, 422, 422),
    "POST desk.sign_out": ("anyone", "/desk/sign-out", DESK, DESK, DESK, DESK, DESK, DESK),
    "GET desk.queue": ("operator", "/desk/", DESK, DESK, DESK, DESK, 200, 200),
    "GET desk.one_request": ("operator", "/desk/requests/{request}", DESK, DESK, DESK, DESK, 404, 200),
    "POST desk.approve": ("operator", "/desk/requests/{request}/approve", DESK, DESK, DESK, DESK, 404, 303),
    "POST desk.refuse": ("operator", "/desk/requests/{request}/refuse", DESK, DESK, DESK, DESK, 404, 303),
    "POST desk.send_again": ("operator", "/desk/requests/{request}/again", DESK, DESK, DESK, DESK, 404, 303),
    "GET desk.scan": ("operator", "/desk/scans/{scan}", DESK, DESK, DESK, DESK, 404, 200),
    "GET desk.find": ("operator", "/desk/accounts/", DESK, DESK, DESK, DESK, 200, 200),
    "POST desk.find": ("operator", "/desk/accounts/", DESK, DESK, DESK, DESK, 422, 422),
    "GET desk.one_account": ("operator", "/desk/accounts/{account}/", DESK, DESK, DESK, DESK, 404, 200),
    "POST desk.hand_over": ("operator", "/desk/accounts/{account}/pin", DESK, DESK, DESK, DESK, 404, 303),
    "GET desk.slip": ("operator", "/desk/accounts/{account}/slip", DESK, DESK, DESK, DESK, 404, 303),
    "POST desk.take_back": ("operator", "/desk/accounts/{account}/holders/{holder}", DESK, DESK, DESK, DESK, 404, 303),
    "POST desk.revoke_pin": ("operator", "/desk/accounts/{account}/revoke-pin", DESK, DESK, DESK, DESK, 404, 303),
}
