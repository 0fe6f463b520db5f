"""Contact forms: what visitors write reaches a mailbox, and nothing else can be done with them."""
import http.client
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from conftest import Maker
from harness import mail
from harness.server import Roost

SITE = "https://www.example.org"
FORM = f"name=contact to=alice@example.org origin={SITE},https://shop.example.org"


def post(roost: Roost, fields: Any, name: str = "contact", method: str = "POST",
         **headers: str) -> tuple[int, dict[str, str], str]:
    """Send a form as a browser does; status, header fields and body of the answer. Words in names
    of headers are joined by underscores."""
    sent = {"Content-Type": "application/x-www-form-urlencoded",
            **{k.replace("_", "-"): v for k, v in headers.items()}}
    body = fields if isinstance(fields, (bytes, str)) else urlencode(fields)
    c = http.client.HTTPConnection("127.0.0.1", roost.ports["http"], timeout=30)
    try:
        c.request(method, f"/form/{name}", body=body, headers=sent)
        answer = c.getresponse()
        return (answer.status, {k.lower(): v for k, v in answer.getheaders()},
                answer.read().decode())
    finally:
        c.close()


def test_a_message(make_roost: Maker) -> None:
    roost = make_roost(FORMS=f'{FORM} subject="From the web"').start()
    status, fields, page = post(roost, {
        "name": "Jörg <b>", "email": "joerg@example.net",
        "message": "one\r\nname: forged\r\n.\r\n", "website": "", "empty": ""}, Origin=SITE)
    assert status == 200 and fields["content-type"] == "text/html; charset=utf-8"
    assert "Thank you" in page and "<script" not in page
    assert fields["access-control-allow-origin"] == SITE and "Origin" in fields["vary"]
    (raw,) = mail.inbox(roost)
    message = mail.parse(raw)
    assert message["From"] == "Web form <postmaster@example.org>"
    assert message["To"] == "alice@example.org" and message["Subject"] == "From the web"
    assert message["Reply-To"] == "joerg@example.net" and message["X-Roost-Form"] == "contact"
    assert message.get_content_type() == "text/plain"
    text = message.get_payload(decode=True).decode().replace("\r\n", "\n")
    assert text.startswith("name: Jörg <b>\nemail: joerg@example.net\n"
                           "message:\n    one\n    name: forged\n    .\n")
    assert "empty" not in text and "website" not in text and f"of {SITE}" in text
    assert raw.startswith(b"Return-Path: <postmaster@example.org>\r\nReceived: from form ([127.")


def test_redirect_and_json(make_roost: Maker) -> None:
    roost = make_roost(FORMS=f"{FORM} redirect={SITE}/thanks").start()
    status, fields, _ = post(roost, {"m": "x"}, Origin=SITE)
    assert (status, fields["location"]) == (303, f"{SITE}/thanks")
    body = json.dumps({"m": "x", "email": "no address"})
    status, fields, answer = post(roost, body, Origin=SITE, Content_Type="application/json")
    assert (status, json.loads(answer)) == (200, {"ok": True})
    status, _, answer = post(roost, {"m": "x"}, Accept="application/json")
    assert (status, json.loads(answer)) == (200, {"ok": True})
    messages = [mail.parse(m) for m in mail.inbox(roost)]
    assert len(messages) == 3 and all(m["Reply-To"] is None for m in messages)


def test_whose_page(make_roost: Maker) -> None:
    roost = make_roost(FORMS=f"{FORM}\nname=own to=bob@example.org").start()
    port = roost.ports["http"]
    for origin, name, want in ((SITE, "contact", 200), ("https://shop.example.org", "contact", 200),
                               ("https://evil.example", "contact", 403), ("null", "contact", 403),
                               (SITE + ".evil.example", "contact", 403),
                               (f"http://127.0.0.1:{port}", "own", 200), (SITE, "own", 403)):
        status, fields, _ = post(roost, {"m": "x"}, name, Origin=origin)
        assert status == want, origin
        assert fields.get("access-control-allow-origin") == (origin if want == 200 else None)
        status, fields, _ = post(roost, b"", name, "OPTIONS", Origin=origin,
                                 Access_Control_Request_Method="POST")
        assert status == (204 if want == 200 else 403), origin
        assert ("access-control-allow-methods" in fields) == (want == 200)
    assert len(mail.inbox(roost)) == 2 and len(mail.inbox(roost, "bob")) == 1


def test_machines_learn_nothing(make_roost: Maker) -> None:
    roost = make_roost(FORMS=FORM).start()
    fine = post(roost, {"m": "x"}, Origin=SITE)
    trapped = post(roost, {"m": "x", "website": "http://spam"}, Origin=SITE)
    assert fine[0] == trapped[0] == 200 and fine[2] == trapped[2]
    assert len(mail.inbox(roost)) == 1
    for _ in range(18):
        assert post(roost, {"m": "x"}, Origin=SITE)[0] == 200
    status, fields, _ = post(roost, {"m": "x"}, Origin=SITE)
    assert status == 429 and fields["retry-after"] == "3600"
    assert len(mail.inbox(roost)) == 19


@pytest.mark.parametrize("fields, status, headers", [
    ({}, 400, {}), ({"website": ""}, 400, {}), (b"x" * 70000, 413, {}),
    ([(f"f{n}", "x") for n in range(101)], 400, {}), ({"a\r\nb": "x"}, 400, {}),
    (b"--x", 400, {"Content_Type": "multipart/form-data; boundary=x"}),
    (b"[]", 400, {"Content_Type": "application/json"}),
    (b'{"a": 1}', 400, {"Content_Type": "application/json"}),
    (b'{"a": "b"', 400, {"Content_Type": "application/json"}),
])
def test_what_is_refused(make_roost: Maker, fields: Any, status: int,
                         headers: dict[str, str]) -> None:
    roost = make_roost(FORMS=FORM).start()
    assert post(roost, fields, Origin=SITE, **headers)[0] == status
    assert post(roost, {"m": "x"}, "other", Origin=SITE)[0] == 404
    assert mail.inbox(roost) == []


def test_injection(make_roost: Maker) -> None:
    """What a visitor writes is text, wherever he writes it."""
    roost = make_roost(FORMS=FORM).start()
    evil = "x@example.net\r\nBcc: bob@example.org"
    assert post(roost, {"email": evil, "m": "<script>\0</script>", "Subject": "a\nb"},
                Origin=SITE)[0] == 200
    (raw,) = mail.inbox(roost)
    message = mail.parse(raw)
    assert message["Reply-To"] is None and message["Bcc"] is None
    assert message["Subject"] == "A message from the web site"
    assert mail.inbox(roost, "bob") == []
    _, _, page = post(roost, b"[]", Origin=SITE, Content_Type="application/json")
    assert "<" not in page


def test_the_setting(make_roost: Maker) -> None:
    roost = make_roost(FORMS="name=x to=alice@elsewhere.example").start()
    assert post(roost, {"m": "x"}, "x")[0] == 503
    assert roost.log
    roost.log.wait(r" form_failed .*not at a domain of this server", 10)
    for bad in ("to=alice@example.org", "name=x", "name=x to=alice", "name=a/b to=a@example.org",
                "name=x to=a@example.org origin=www.example.org", "name=x to=a@b.c redirect=x",
                "name=x to=a@b.c\nname=X to=a@b.c"):
        done = roost.run("settings", "set", "FORMS", bad)
        assert done.returncode != 0 and "ROOST_FORMS" in done.stderr, done
