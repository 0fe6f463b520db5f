"""Mail programs that set themselves up: what Thunderbird, Outlook and Apple's devices ask for,
with an address and without."""
import http.client
import imaplib
import json
import plistlib
import smtplib
import xml.etree.ElementTree as xml
from typing import Iterator

import pytest

from harness.peer import trusting
from harness.ports import free_port
from harness.server import DOMAIN, HOSTNAME, PASSWORDS, Roost, address

OUTLOOK = "{http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a}"


@pytest.fixture(name="server")
def fixture_server(make_roost) -> Iterator[Roost]:
    """One whose ports are known from its settings, as in life."""
    names = ("SUBMISSION", "SUBMISSIONS", "IMAP", "IMAPS", "POP3", "POP3S")
    yield make_roost(**{f"LISTEN_{n}": f"127.0.0.1:{free_port()}" for n in names}).start()


def ask(server: Roost, path: str, method: str = "GET", body: str | None = None,
        host: str = HOSTNAME) -> tuple[int, str, bytes]:
    """Status, content type, body."""
    connection = http.client.HTTPConnection("127.0.0.1", server.ports["http"], timeout=10)
    connection.request(method, path, body=body, headers={"Host": host})
    answer = connection.getresponse()
    got = answer.status, answer.getheader("Content-Type") or "", answer.read()
    connection.close()
    return got


# --- Thunderbird ---

@pytest.mark.parametrize("path, host", [
    (f"/mail/config-v1.1.xml?emailaddress=alice@{DOMAIN}", f"autoconfig.{DOMAIN}"),
    ("/mail/config-v1.1.xml", f"autoconfig.{DOMAIN}"),
    ("/mail/config-v1.1.xml", f"autoconfig.{DOMAIN}:8080"),
    ("/.well-known/autoconfig/mail/config-v1.1.xml", DOMAIN),
])
def test_autoconfig(server: Roost, path: str, host: str) -> None:
    status, kind, body = ask(server, path, host=host)
    assert status == 200 and kind.startswith("text/xml")
    provider = xml.fromstring(body).find("emailProvider")
    assert provider is not None and provider.get("id") == DOMAIN
    assert provider.findtext("domain") == DOMAIN
    servers = [(s.tag, s.get("type"), s.findtext("hostname"), int(s.findtext("port") or 0),
                s.findtext("socketType"), s.findtext("username"))
               for s in provider if s.tag.endswith("Server")]
    name = "%EMAILADDRESS%"
    assert servers == [
        ("incomingServer", "imap", HOSTNAME, server.ports["imaps"], "SSL", name),
        ("incomingServer", "imap", HOSTNAME, server.ports["imap"], "STARTTLS", name),
        ("incomingServer", "pop3", HOSTNAME, server.ports["pop3s"], "SSL", name),
        ("incomingServer", "pop3", HOSTNAME, server.ports["pop3"], "STARTTLS", name),
        ("outgoingServer", "smtp", HOSTNAME, server.ports["submissions"], "SSL", name),
        ("outgoingServer", "smtp", HOSTNAME, server.ports["submission"], "STARTTLS", name),
    ]


@pytest.mark.parametrize("path, host", [
    ("/mail/config-v1.1.xml?emailaddress=x@elsewhere.example", f"autoconfig.{DOMAIN}"),
    ("/mail/config-v1.1.xml?emailaddress=x@", f"autoconfig.{DOMAIN}"),
    ("/mail/config-v1.1.xml?emailaddress=%3Cb%3E@%3Cb%3E", f"autoconfig.{DOMAIN}"),
    ("/mail/config-v1.1.xml", "autoconfig.elsewhere.example"),
    ("/apple.mobileconfig?address=x@elsewhere.example", HOSTNAME),
])
def test_other_domains(server: Roost, path: str, host: str) -> None:
    assert ask(server, path, host=host)[0] == 404


def test_nobody_is_told_who_exists(server: Roost) -> None:
    for path in ("/mail/config-v1.1.xml?emailaddress=%s", "/apple.mobileconfig?address=%s"):
        known = ask(server, path % address("alice"))
        unknown = ask(server, path % address("nobody"))
        assert known[0] == unknown[0] == 200
        assert known[2].count(b"<") == unknown[2].count(b"<")


# --- Outlook ---

def outlook_request(mail: str) -> str:
    """As Outlook sends it."""
    return ('<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="http://schemas.microsoft.com/'
            'exchange/autodiscover/outlook/requestschema/2006"><Request>'
            f"<EMailAddress>{mail}</EMailAddress><AcceptableResponseSchema>"
            f"{OUTLOOK[1:-1]}</AcceptableResponseSchema></Request></Autodiscover>")


@pytest.mark.parametrize("method, path, mail", [
    ("POST", "/autodiscover/autodiscover.xml", address("alice")),
    ("POST", "/Autodiscover/Autodiscover.xml", address("alice")),
    ("POST", "/AutoDiscover/AutoDiscover.xml", ""),
    ("GET", "/autodiscover/autodiscover.xml", ""),
])
def test_autodiscover(server: Roost, method: str, path: str, mail: str) -> None:
    body = outlook_request(mail) if mail else ("" if method == "POST" else None)
    status, kind, answer = ask(server, path, method, body)
    assert status == 200 and kind.startswith("text/xml")
    account = xml.fromstring(answer).find(f"{OUTLOOK}Response/{OUTLOOK}Account")
    assert account is not None and account.findtext(f"{OUTLOOK}AccountType") == "email"
    found = {p.findtext(f"{OUTLOOK}Type"): p for p in account.iter(f"{OUTLOOK}Protocol")}
    assert sorted(found) == ["IMAP", "SMTP"]
    for kind, port in (("IMAP", "imaps"), ("SMTP", "submissions")):
        assert found[kind].findtext(f"{OUTLOOK}Server") == HOSTNAME
        assert found[kind].findtext(f"{OUTLOOK}Port") == str(server.ports[port])
        assert found[kind].findtext(f"{OUTLOOK}SSL") == "on"
        assert found[kind].findtext(f"{OUTLOOK}LoginName") == (mail or None)


@pytest.mark.parametrize("mail", ["x@elsewhere.example", "<", "&amp;x@&lt;", "x" * 15000],
                         ids=("elsewhere", "bracket", "references", "long"))
def test_autodiscover_refuses(server: Roost, mail: str) -> None:
    answer = ask(server, "/autodiscover/autodiscover.xml", "POST", outlook_request(mail))[2]
    assert b"x@elsewhere" not in answer
    xml.fromstring(answer)


def test_autodiscover_json(server: Roost) -> None:
    for path in (f"/autodiscover/autodiscover.json?Email={address('alice')}&Protocol=AutodiscoverV1",
                 f"/autodiscover/autodiscover.json/v1.0/{address('alice')}?Protocol=Autodiscoverv1",
                 "/Autodiscover/Autodiscover.json?Protocol=AutodiscoverV1"):
        status, _, body = ask(server, path)
        assert status == 200
        assert json.loads(body)["Url"].endswith("/autodiscover/autodiscover.xml")
    status, _, body = ask(server, "/autodiscover/autodiscover.json?Protocol=ActiveSync")
    assert status == 400 and json.loads(body)["ErrorCode"] == "InvalidProtocol"


# --- Apple ---

@pytest.mark.parametrize("mail", [address("alice"), ""])
def test_mobileconfig(server: Roost, mail: str) -> None:
    path = f"/apple.mobileconfig?address={mail}" if mail else "/apple.mobileconfig"
    status, kind, body = ask(server, path, host=DOMAIN)
    assert status == 200 and kind == "application/x-apple-aspen-config"
    profile = plistlib.loads(body)
    (account,) = profile["PayloadContent"]
    assert account["PayloadType"] == "com.apple.mail.managed"
    assert account.get("EmailAddress") == (mail or None)
    assert account["IncomingMailServerHostName"] == HOSTNAME
    assert account["IncomingMailServerPortNumber"] == server.ports["imaps"]
    assert account["OutgoingMailServerPortNumber"] == server.ports["submissions"]
    assert account["IncomingMailServerUseSSL"] is True
    assert profile["PayloadUUID"] != account["PayloadUUID"]
    assert plistlib.loads(ask(server, path, host=DOMAIN)[2]) == profile, "the same each time"


def test_what_is_told_works(server: Roost) -> None:
    """The settings of the profile lead to a login."""
    account = plistlib.loads(ask(server, f"/apple.mobileconfig?address={address('alice')}")[2])[
        "PayloadContent"][0]
    name, password = account["IncomingMailServerUsername"], PASSWORDS["alice"]
    with imaplib.IMAP4_SSL("127.0.0.1", account["IncomingMailServerPortNumber"],
                           ssl_context=trusting()) as imap:
        assert imap.login(name, password)[0] == "OK"
    with smtplib.SMTP_SSL("127.0.0.1", account["OutgoingMailServerPortNumber"],
                          context=trusting()) as smtp:
        assert smtp.login(account["OutgoingMailServerUsername"], password)[0] == 235
