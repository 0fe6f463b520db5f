"""Certificates by ACME from pebble: every challenge, faults, renewal, and what stays when it
fails."""
import json
import re
import shutil
import socket
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Callable, Iterator

import pytest

from conftest import Maker
from harness import knot
from harness.api import Api, ApiError
from harness.dns_server import A, TXT, DnsServer
from harness.pebble import Pebble, available, here
from harness.peer import ImapPeer, trusting, until
from harness.server import HOSTNAME, PASSWORDS, Roost, address, new_folder

pytestmark = pytest.mark.skipif(not available(), reason="pebble is not installed")
GOT_S = 60


@pytest.fixture
def make_pebble(dns: DnsServer) -> Iterator[Callable[..., Pebble]]:
    """make_pebble(**environment): a certification authority that runs."""
    made: list[Pebble] = []

    def make(address: str | None = None, eab: dict[str, str] | None = None,
             **environment: str) -> Pebble:
        made.append(Pebble(new_folder(), address or dns.address, eab, **environment))
        return made[-1].start()

    yield make
    for pebble in made:
        if pebble.log:
            print("--- log of pebble\n" + pebble.log.tail(60))
        pebble.close()
        shutil.rmtree(pebble.folder, ignore_errors=True)


def shown(port: int, name: str = HOSTNAME, ciphers: str | None = None) -> str:
    """The certificate that a TLS port shows for a name, as openssl prints it."""
    context = trusting()
    if ciphers:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(ciphers)
    with socket.create_connection(("127.0.0.1", port), 15) as raw:
        with context.wrap_socket(raw, server_hostname=name) as s:
            der = s.getpeercert(binary_form=True)
    assert der
    return subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-text"], input=der,
                          check=True, capture_output=True).stdout.decode()


def key_of(text: str) -> str:
    """The public key in it."""
    return text.split("Public Key Algorithm")[1].split("X509v3")[0]


def serial_of(text: str) -> str:
    """The serial number in it."""
    return text.split("Serial Number:")[1].split("Signature")[0].strip()


def wait_for_certificate(roost: Roost, seconds: float = GOT_S, after: int = 0) -> str:
    """Wait for the host's; what is shown then."""
    assert roost.log
    roost.log.wait(r" certificate_obtained .*\bhost\b", seconds, after)
    text = shown(roost.ports["imaps"])
    assert "Pebble" in text
    return text


def names_of(text: str) -> set[str]:
    """The names in it."""
    found = re.findall(r"(?:DNS|IP Address):([^,\s]+)", text)
    return set(found)


@pytest.mark.parametrize("challenge", ["http-01", "tls-alpn-01"])
def test_challenge(make_roost: Maker, make_pebble: Callable[..., Pebble], dns: DnsServer,
                   challenge: str) -> None:
    """Nonces are refused now and then."""
    here(dns, HOSTNAME)
    pebble = make_pebble(PEBBLE_WFE_NONCEREJECT="30")
    roost = make_roost(DNS_SERVERS=dns.address, **pebble.settings(ACME_CHALLENGE=challenge)).start()
    text = wait_for_certificate(roost)
    assert names_of(text) == {HOSTNAME}
    assert "prime256v1" in text
    roost.restart()
    assert serial_of(shown(roost.ports["imaps"])) == serial_of(text), "kept over a restart"


@pytest.mark.skipif(not knot.available(), reason="knot is not installed")
def test_dns_01_by_update(make_roost: Maker, make_pebble: Callable[..., Pebble]) -> None:
    """A zone that takes signed updates; a wildcard name, which only dns-01 can prove."""
    name_server = knot.Knot(new_folder(), "example.org", HOSTNAME).start()
    try:
        pebble = make_pebble(name_server.address)
        roost = make_roost(DNS_SERVERS=name_server.address,
                           **pebble.settings(ACME_CHALLENGE="dns-01", ACME_NAMES="*.example.org",
                                             DNS_UPDATE_SERVER=name_server.address,
                                             DNS_UPDATE_KEY=f"roost:{knot.SECRET}")).start()
        text = wait_for_certificate(roost)
        assert names_of(text) == {HOSTNAME, "*.example.org"}
    finally:
        if name_server.log:
            print("--- log of knot\n" + name_server.log.tail(60))
        name_server.close()


@pytest.mark.skipif(not knot.available(), reason="knot is not installed")
@pytest.mark.parametrize("key, words", [
    (f"stranger:{knot.SECRET}", "does not know the TSIG key"),
    ("roost:" + "A" * 43 + "=", "TSIG signature wrong"),
])
def test_dns_01_with_a_wrong_key(make_roost: Maker, make_pebble: Callable[..., Pebble], key: str,
                                 words: str) -> None:
    name_server = knot.Knot(new_folder(), "example.org", HOSTNAME).start()
    try:
        pebble = make_pebble(name_server.address)
        roost = make_roost(DNS_SERVERS=name_server.address,
                           **pebble.settings(DNS_UPDATE_SERVER=name_server.address,
                                             DNS_UPDATE_KEY=key)).start()
        assert roost.log
        roost.log.wait(f" certificate_order_failed .*{words}", GOT_S)
    finally:
        name_server.close()


def test_dns_01_by_a_program(make_roost: Maker, make_pebble: Callable[..., Pebble],
                             dns: DnsServer) -> None:
    """The hook writes what it is told; the name server of the tests then says it."""
    here(dns, HOSTNAME)
    folder = new_folder()
    hook, told = folder / "hook", folder / "told"
    hook.write_text(f'#!/bin/sh\necho "$@" >> {told}\nsleep 0.3\n', "ascii")
    hook.chmod(0o755)
    pebble = make_pebble()
    roost = make_roost(DNS_SERVERS=dns.address, **pebble.settings(DNS_UPDATE_HOOK=str(hook))).start()
    until(told.exists)
    until(told.read_text)
    action, name, value, kind = told.read_text("ascii").split()
    assert (action, name, kind) == ("add", f"_acme-challenge.{HOSTNAME}", "TXT")
    dns.add(name, TXT, value)
    wait_for_certificate(roost)
    assert told.read_text("ascii").splitlines()[-1] == f"remove {name} {value} TXT"


def test_dns_01_by_a_program_that_fails(make_roost: Maker, make_pebble: Callable[..., Pebble],
                                        dns: DnsServer) -> None:
    hook = new_folder() / "hook"
    hook.write_text("#!/bin/sh\necho no credit left >&2\nexit 3\n", "ascii")
    hook.chmod(0o755)
    pebble = make_pebble()
    roost = make_roost(DNS_SERVERS=dns.address, **pebble.settings(DNS_UPDATE_HOOK=str(hook))).start()
    assert roost.log
    roost.log.wait(" certificate_order_failed .*failed:.*no credit left", GOT_S)


class Hook:
    """An interface of a DNS provider: sets what it is told to, or refuses."""

    def __init__(self, dns: DnsServer, status: int = 200) -> None:
        self.told: list[dict[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            """One wish."""

            def do_POST(self) -> None:
                """add or remove"""
                wish = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.told.append(wish)
                if status == 200 and wish["action"] == "add":
                    dns.add(wish["name"], TXT, wish["value"])
                self.send_response(status)
                self.end_headers()
                self.wfile.write(b"quota of the zone is used up\nmore\n")

            def log_message(self, *_: object) -> None:
                """Silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/acme"

    def close(self) -> None:
        """Stop answering."""
        self.server.shutdown()
        self.server.server_close()


def test_dns_01_by_a_url(make_roost: Maker, make_pebble: Callable[..., Pebble],
                         dns: DnsServer) -> None:
    """The way in a container; a wildcard name with it."""
    here(dns, HOSTNAME)
    hook = Hook(dns)
    roost = make_roost(DNS_SERVERS=dns.address,
                       **make_pebble().settings(DNS_UPDATE_HOOK=hook.url,
                                                ACME_NAMES="*.example.org")).start()
    assert names_of(wait_for_certificate(roost)) == {HOSTNAME, "*.example.org"}
    for name in (HOSTNAME, "anything.example.org"):
        assert "Pebble" in shown(roost.ports["imaps"], name)
    assert [w["action"] for w in hook.told] == ["add", "remove"] * 2
    assert {w["name"] for w in hook.told} == {f"_acme-challenge.{HOSTNAME}",
                                              "_acme-challenge.example.org"}
    hook.close()


def test_dns_01_by_a_url_that_refuses(make_roost: Maker, make_pebble: Callable[..., Pebble],
                                      dns: DnsServer) -> None:
    here(dns, HOSTNAME)
    hook = Hook(dns, 507)
    roost = make_roost(DNS_SERVERS=dns.address,
                       **make_pebble().settings(DNS_UPDATE_HOOK=hook.url)).start()
    assert roost.log
    line = roost.log.wait(" certificate_order_failed .*it answered 507: quota of the zone is used up",
                          GOT_S)
    assert "more" not in line.string.split("used up")[1]
    hook.close()


def test_external_account_binding(make_roost: Maker, make_pebble: Callable[..., Pebble],
                                  dns: DnsServer) -> None:
    here(dns, HOSTNAME)
    key = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"
    pebble = make_pebble(eab={"kid-1": key})
    without = make_roost(DNS_SERVERS=dns.address, **pebble.settings()).start()
    assert without.log
    without.log.wait(" certificate_order_failed .*ROOST_ACME_EAB", GOT_S)
    assert without.stop() == 0
    bound = make_roost(DNS_SERVERS=dns.address, **pebble.settings(ACME_EAB=f"kid-1:{key}")).start()
    wait_for_certificate(bound)


def test_an_address_instead_of_a_name(make_roost: Maker, make_pebble: Callable[..., Pebble],
                                      dns: DnsServer) -> None:
    """RFC 8738, by both ways that can prove an address."""
    here(dns, HOSTNAME)
    for challenge in ("http-01", "tls-alpn-01"):
        pebble = make_pebble()
        roost = make_roost(DNS_SERVERS=dns.address,
                           **pebble.settings(ACME_CHALLENGE=challenge,
                                             ACME_NAMES="127.0.0.1")).start()
        assert names_of(wait_for_certificate(roost)) == {HOSTNAME, "127.0.0.1"}
        assert roost.stop() == 0


def test_names_of_domains_that_lead_here(make_roost: Maker, make_pebble: Callable[..., Pebble],
                                         dns: DnsServer) -> None:
    """autodiscover is elsewhere, mta-sts is nowhere: neither is asked for."""
    here(dns, HOSTNAME, "autoconfig.example.org")
    dns.add("autodiscover.example.org", A, "192.0.2.9")
    pebble = make_pebble()
    roost = make_roost(DNS_SERVERS=dns.address, **pebble.settings()).start()
    assert names_of(wait_for_certificate(roost)) == {HOSTNAME, "autoconfig.example.org"}


def test_a_bad_name_is_left_out(make_roost: Maker, make_pebble: Callable[..., Pebble],
                                dns: DnsServer) -> None:
    here(dns, HOSTNAME, "good.example.org")
    pebble = make_pebble()
    roost = make_roost(DNS_SERVERS=dns.address,
                       **pebble.settings(ACME_NAMES="bad.example.org, good.example.org")).start()
    assert names_of(wait_for_certificate(roost)) == {HOSTNAME, "good.example.org"}
    assert roost.log and roost.log.has(" certificate_name_skipped .*name=bad.example.org")
    assert "left out: bad.example.org" in roost.cli("certificate", "list")


def test_ecdsa_and_rsa_side_by_side(make_roost: Maker, make_pebble: Callable[..., Pebble],
                                    dns: DnsServer) -> None:
    here(dns, HOSTNAME)
    pebble = make_pebble()
    roost = make_roost(DNS_SERVERS=dns.address, **pebble.settings(ACME_RSA="on")).start()
    assert roost.log
    roost.log.wait(" certificate_obtained .*host-rsa", GOT_S)
    assert "prime256v1" in shown(roost.ports["imaps"])
    assert "prime256v1" in shown(roost.ports["imaps"], name="elsewhere.example.net")
    for name in (HOSTNAME, "elsewhere.example.net"):
        text = shown(roost.ports["imaps"], name, ciphers="ECDHE-RSA-AES128-GCM-SHA256")
        assert "rsaEncryption" in text and "2048 bit" in text and "Pebble" in text


@pytest.mark.parametrize("reuse", ["on", "off"])
def test_renewal(make_roost: Maker, make_pebble: Callable[..., Pebble], dns: DnsServer,
                 reuse: str) -> None:
    """By hand, while connections are open; the key is kept unless asked otherwise."""
    here(dns, HOSTNAME)
    pebble = make_pebble(PEBBLE_AUTHZREUSE="100")
    roost = make_roost(DNS_SERVERS=dns.address, **pebble.settings(ACME_REUSE_KEY=reuse)).start()
    before = wait_for_certificate(roost)
    assert roost.log
    mark = roost.log.mark()
    with ImapPeer(roost.ports["imaps"], tls=True) as peer:
        roost.cli("certificate", "renew")
        after = wait_for_certificate(roost, after=mark)
        assert serial_of(after) != serial_of(before)
        assert (key_of(after) == key_of(before)) == (reuse == "on")
        assert peer.ok("NOOP"), "a connection outlives its certificate"


def test_when_it_fails_the_last_one_stays(make_roost: Maker, make_pebble: Callable[..., Pebble],
                                          dns: DnsServer) -> None:
    here(dns, HOSTNAME)
    pebble = make_pebble(PEBBLE_AUTHZREUSE="0")
    roost = make_roost(DNS_SERVERS=dns.address, **pebble.settings()).start()
    before = wait_for_certificate(roost)
    assert roost.log
    mark = roost.log.mark()
    dns.records.clear()
    roost.cli("certificate", "renew")
    roost.log.wait(f" certificate_order_failed .*{HOSTNAME}", GOT_S, mark)
    assert serial_of(shown(roost.ports["imaps"])) == serial_of(before)
    told = roost.cli("certificate", "list")
    assert "host failed" in told and "problem: " in told and HOSTNAME in told
    pebble.close()
    roost.cli("certificate", "renew")
    roost.log.wait(" certificate_order_failed .*localhost", GOT_S, mark)
    roost.restart()
    assert serial_of(shown(roost.ports["imaps"])) == serial_of(before)


def test_an_authority_nobody_vouches_for(make_roost: Maker, make_pebble: Callable[..., Pebble],
                                         dns: DnsServer) -> None:
    """Its HTTPS is judged by the roots in the program when no others are given."""
    pebble = make_pebble()
    settings = {**pebble.settings(), "ACME_CA": ""}
    roost = make_roost(DNS_SERVERS=dns.address, **settings).start()
    assert roost.log
    roost.log.wait(" certificate_order_failed .*(trust|issuer|certificate)", GOT_S)
    assert not pebble.log or not pebble.log.has("POST /")


def orders_of(pebble: Pebble) -> int:
    """How many were asked for."""
    assert pebble.log
    return sum("POST /order-plz" in line for line in pebble.log.lines)


def test_an_order_is_gone_on_with_after_a_kill(make_roost: Maker,
                                               make_pebble: Callable[..., Pebble],
                                               dns: DnsServer) -> None:
    """Killed before the proof was there; the next start goes on with the same order."""
    folder = new_folder()
    hook, called = folder / "hook", folder / "called"
    hook.write_text(f'#!/bin/sh\necho "$@" >> {called}\nexec sleep 20\n', "ascii")
    hook.chmod(0o755)
    here(dns, HOSTNAME)
    pebble = make_pebble()
    roost = make_roost(DNS_SERVERS=dns.address, **pebble.settings(DNS_UPDATE_HOOK=str(hook))).start()
    until(called.exists)
    until(called.read_text)
    roost.kill()
    roost.settings.update(DNS_UPDATE_HOOK="", ACME_CHALLENGE="http-01")
    roost.start()
    wait_for_certificate(roost)
    assert orders_of(pebble) == 1


def test_an_order_that_died_meanwhile_is_begun_anew(make_roost: Maker,
                                                    make_pebble: Callable[..., Pebble],
                                                    dns: DnsServer) -> None:
    """Killed while the authority looks, so that it finds nobody."""
    here(dns, HOSTNAME)
    pebble = make_pebble()
    roost = make_roost(DNS_SERVERS=dns.address, **pebble.settings()).start()
    assert pebble.log
    pebble.log.wait("Pulled a task from the Tasks queue", GOT_S)
    roost.kill()
    roost.start()
    wait_for_certificate(roost)
    assert orders_of(pebble) <= 2


def test_switched_on_while_it_runs(make_roost: Maker, make_pebble: Callable[..., Pebble],
                                   dns: DnsServer) -> None:
    """By the API, without a restart; the API tells what comes of it."""
    here(dns, HOSTNAME)
    pebble = make_pebble()
    settings = {k: v for k, v in pebble.settings().items() if not k.startswith("ACME")}
    roost = make_roost(DNS_SERVERS=dns.address, **settings, ACME_CA=str(pebble.ca)).start()
    roost.cli("account", "owner", address("alice"))
    api = Api(roost)
    api.login(address("alice"), PASSWORDS["alice"])
    own = api.get("/certificates")["items"]
    assert [(c["id"], c["source"]) for c in own] == [("self", "self")]
    got = api.put("/acme", {"enabled": True, "directory": pebble.directory,
                            "email": "postmaster@example.org"})
    assert got["enabled"] and got["directory"] == pebble.directory
    wait_for_certificate(roost)
    (host,) = api.get("/certificates")["items"]
    assert (host["id"], host["source"], host["state"]) == ("host", "acme", "valid")
    assert host["names"] == [HOSTNAME] and "Pebble" in host["issuer"] and not host["problem"]
    assert roost.log
    mark = roost.log.mark()
    api.post("/certificates/renew")
    wait_for_certificate(roost, after=mark)
    with pytest.raises(ApiError) as refused:
        api.put("/acme", {"challenge": "smoke-01"})
    assert "ROOST_ACME_CHALLENGE" in refused.value.message


def test_strangers_see_no_challenge(make_roost: Maker) -> None:
    """No token is known; and who asks for acme-tls/1 without a challenge is refused."""
    roost = make_roost().start()
    with socket.create_connection(("127.0.0.1", roost.ports["http"]), 15) as s:
        s.sendall(b"GET /.well-known/acme-challenge/abc HTTP/1.1\r\nHost: x\r\n"
                  b"Connection: close\r\n\r\n")
        assert s.recv(4096).startswith(b"HTTP/1.1 404")
    context = trusting()
    context.set_alpn_protocols(["acme-tls/1"])
    with socket.create_connection(("127.0.0.1", roost.ports["https"]), 15) as raw:
        with pytest.raises(ssl.SSLError):
            context.wrap_socket(raw, server_hostname=HOSTNAME)
