"""Steps of the setup that need others: a certificate of one's own or of an authority, and the test
message, of which the truth is told."""
import json
import os
import shutil
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conftest import Maker
from harness import pem
from harness.dns_server import A, DnsServer
from harness.net import Namespace
from harness.pebble import Pebble, available, here
from harness.peer import ImapPeer, until
from harness.server import Roost, new_folder
from harness.setup import OWNER, PASSWORD, TOKEN, Setup, first_start, refused
from harness.smtp_sink import Sink

HOST = "mail.example.org"
ASKED_S = 60


@pytest.fixture
def fresh(make_roost: Maker, dns: DnsServer, sink: Sink) -> Roost:
    """A server whose data folder was empty."""
    return first_start(make_roost, dns, sink).start()


def test_a_domain_that_is_named_otherwise_leaves_no_keys(fresh: Roost) -> None:
    setup = Setup(fresh)

    def keys(domain: str) -> list[str]:
        setup.put("/setup/host", {"hostname": HOST, "domain": domain})
        records = setup.get("/setup/dns")["records"]
        return [r["expected"] for r in records if "_domainkey" in r["name"]]

    first = keys("example.org")
    assert first and first == keys("example.org")
    assert keys("example.net") != first
    assert not set(keys("example.org")) & set(first)


# --- a certificate of one's own ------------------------------------------------------------------

def pair(folder: Path, name: str, host: str) -> dict[str, str]:
    """What the page sends."""
    certificate, key = pem.make(folder, name, host)
    return {"chain": certificate.read_text("ascii"), "key": key.read_text("ascii")}


def shows(roost: Roost, service: str, chain: str) -> bool:
    """Is it that very certificate? A self-signed one has the same names."""
    there = ssl.get_server_certificate(("127.0.0.1", roost.ports[service]))
    return ssl.PEM_cert_to_DER_cert(there) == ssl.PEM_cert_to_DER_cert(chain)


def test_own_certificate_is_shown_at_once_and_its_key_nowhere(fresh: Roost,
                                                              tmp_path: Path) -> None:
    setup = Setup(fresh)
    setup.host()
    setup.owner()
    setup.delivery()
    mine = pair(tmp_path, "mine", HOST)
    assert setup.certificate("files", **mine)["state"] == "ok"
    assert setup.get("/setup")["step"] == "dns"
    for service in ("imaps", "https", "submissions"):
        assert shows(fresh, service, mine["chain"])
    fresh.kill()
    fresh.start()
    assert shows(fresh, "imaps", mine["chain"])
    assert setup.get("/setup/certificate")["state"] == "ok"
    session = setup.post("/setup/finish")
    setup.csrf = session["csrf"]
    secret = mine["key"].splitlines()[1]
    assert fresh.log and secret not in "\n".join(line for log in fresh.logs for line in log.lines)
    for path in ("/certificates", "/audit", "/settings"):
        assert secret not in str(setup.get(path))


def test_a_certificate_that_will_not_do_is_refused_in_words(fresh: Roost, tmp_path: Path) -> None:
    setup = Setup(fresh)
    setup.host()
    mine, other = pair(tmp_path, "mine", HOST), pair(tmp_path, "other", "other.example.org")
    rows: list[tuple[dict[str, str], str]] = [
        ({}, "both the certificate chain"),
        ({"chain": mine["chain"]}, "both the certificate chain"),
        ({"chain": mine["chain"], "key": other["key"]}, "key"),
        ({"chain": "nonsense", "key": mine["key"]}, "certificate"),
        ({"chain": mine["chain"], "key": "nonsense"}, "key"),
        (other, "other.example.org"),
    ]
    for body, words in rows:
        error = refused(lambda b=body: setup.certificate("files", **b))
        assert error.status in (400, 409) and words in error.message, (body, error)
        assert HOST in error.message or words != "other.example.org"
    assert setup.get("/setup")["step"] == "owner"
    assert not shows(fresh, "imaps", mine["chain"])


def test_files_of_the_environment_are_taken_without_texts(make_roost: Maker, dns: DnsServer,
                                                          sink: Sink, tmp_path: Path) -> None:
    certificate, key = pem.make(tmp_path, "files", HOST)
    roost = first_start(make_roost, dns, sink, TLS_CERT=str(certificate),
                        TLS_KEY=str(key)).start()
    setup = Setup(roost)
    setup.host()
    assert setup.certificate("files")["state"] == "ok"


# --- one of an authority -------------------------------------------------------------------------

def test_which_challenge_can_work_here_and_why(fresh: Roost, dns: DnsServer) -> None:
    setup = Setup(fresh)
    setup.host()

    def found() -> dict[str, tuple[str, str]]:
        return {c["id"]: (c["state"], c["advice"]) for c in setup.get("/setup/challenges")["checks"]}

    dns.records.clear()
    for way in ("http-01", "tls-alpn-01"):
        state, advice = found()[way]
        assert state == "fail" and f"Give {HOST} an address" in advice
    dns.add(HOST, A, "10.1.2.3")
    assert all("private network" in found()[way][1] for way in ("http-01", "tls-alpn-01"))
    assert found()["dns-01"][0] == "unknown"
    assert "name server" in refused(
        lambda: setup.certificate("acme", terms=True, challenge="dns-01")).message
    setup.certificate("acme", terms=True, challenge="dns-01", hook="http://127.0.0.1:1/acme",
                      dns={"server": "127.0.0.1:1", "key_name": "roost.", "key_secret": "c2VjcmV0"})
    assert found()["dns-01"] == ("ok", "")
    setup.certificate("acme", terms=True, challenge="dns-01")  # what was given stays


@pytest.mark.skipif(os.geteuid() != 0, reason="makes a network namespace")
def test_a_port_that_answers_and_one_that_does_not(make_roost: Maker, dns: DnsServer,
                                                   sink: Sink) -> None:
    inside = Namespace()
    try:
        with inside.entered():
            name_server = DnsServer()
        name_server.add(HOST, A, "192.0.2.1")
        roost = first_start(make_roost, dns, sink, LISTEN_HTTP="192.0.2.1:80",
                            DNS_SERVERS=name_server.address)
        roost.prefix = inside.prefix
        roost.start()
        with inside.entered():
            setup = Setup(roost)
            setup.web_host = "192.0.2.1"
            setup.host()
            found = {c["id"]: c for c in setup.get("/setup/challenges")["checks"]}
        name_server.close()
        assert found["http-01"]["state"] == "ok", found
        assert found["tls-alpn-01"]["state"] == "warn", found
        assert "port 443" in found["tls-alpn-01"]["advice"]
        roost.kill()
    finally:
        inside.close()


@pytest.mark.skipif(not available(), reason="pebble is not installed")
def test_a_certificate_of_an_authority_and_what_it_says_when_it_refuses(
        make_roost: Maker, dns: DnsServer, sink: Sink) -> None:
    """First the name leads nowhere that the authority could ask; then here. No restart."""
    pebble = Pebble(new_folder(), dns.address, PEBBLE_AUTHZREUSE="0").start()
    try:
        settings: dict[str, str | None] = {
            k: v for k, v in pebble.settings().items()
            if k in ("ACME_DIRECTORY", "ACME_CA", "LISTEN_HTTP", "LISTEN_HTTPS")}
        roost = first_start(make_roost, dns, sink, **settings).start()
        setup = Setup(roost)
        setup.host()
        setup.owner()
        setup.delivery()
        error = refused(lambda: setup.certificate("acme", challenge="http-01"))
        assert error.status == 400 and "terms" in error.message
        dns.records.clear()
        chosen: dict[str, Any] = {"terms": True, "challenge": "http-01", "email": OWNER}
        setup.certificate("acme", **chosen)

        def state() -> str:
            answer: str = setup.get("/setup/certificate")["state"]
            return answer

        until(lambda: state() == "fail", ASKED_S)
        told = setup.get("/setup/certificate")
        assert HOST in told["seen"] and told["advice"], told
        assert setup.get("/setup")["step"] == "dns", "it does not hold the setup up"
        roost.kill()
        roost.start()
        assert setup.get("/setup")["certificate"] == "acme"
        here(dns, HOST)
        setup.certificate("acme", **chosen)
        until(lambda: state() == "ok", ASKED_S)
        assert "Pebble" in setup.get("/setup/certificate")["seen"]
        assert setup.post("/setup/finish")["role"] == "owner"
    finally:
        pebble.close()
        shutil.rmtree(pebble.folder, ignore_errors=True)


# --- the test message ----------------------------------------------------------------------------

def before_the_message(roost: Roost) -> Setup:
    """The steps that it needs."""
    setup = Setup(roost)
    setup.host()
    setup.owner()
    return setup


def test_the_truth_about_the_test_message(fresh: Roost, sink: Sink) -> None:
    setup = before_the_message(fresh)

    def send() -> Any:
        return setup.post("/setup/test-mail", {"to": "friend@example.net"})

    sent = send()
    assert (sent["state"], sent["advice"]) == ("ok", ""), sent
    assert "sink.example.net" in sent["seen"] or "250" in sent["seen"], sent
    sink.always("RCPT", "550 5.1.1 nobody of that name here")
    told = send()
    assert told["state"] == "fail" and "nobody of that name here" in told["seen"], told
    assert told["advice"]
    sink.always("RCPT", "451 4.7.1 greylisted, come back later")
    told = send()
    assert told["state"] == "warn" and "greylisted" in told["seen"], told
    sink.always("RCPT", None)
    told = setup.post("/setup/test-mail", {"to": "nobody@example.org"})
    assert told["state"] == "fail" and "user unknown" in told["seen"], told


def test_a_message_into_the_house_lies_in_the_mailbox(fresh: Roost) -> None:
    setup = before_the_message(fresh)
    told = setup.post("/setup/test-mail", {"to": OWNER})
    assert told["state"] == "ok" and OWNER in told["seen"]
    with ImapPeer(fresh.ports["imaps"], tls=True) as peer:
        peer.login(OWNER, PASSWORD)
        assert "* 1 EXISTS" in peer.ok("SELECT INBOX")


def test_without_traces_nothing_is_claimed(make_roost: Maker, dns: DnsServer, sink: Sink) -> None:
    roost = first_start(make_roost, dns, sink, TRACE_DAYS="0").start()
    setup = before_the_message(roost)
    told = setup.post("/setup/test-mail", {"to": "friend@example.net"})
    assert told["state"] == "unknown" and "ROOST_TRACE_DAYS" in told["seen"]


# --- by variables alone --------------------------------------------------------------------------

def test_all_of_it_by_variables_alone(make_roost: Maker, dns: DnsServer, sink: Sink,
                                      tmp_path: Path) -> None:
    """What the six steps ask for, without a browser: names, owner, way out, certificate."""
    certificate, key = pem.make(tmp_path, "env", HOST)
    password = tmp_path / "password"
    password.write_text(PASSWORD + "\n", "ascii")
    roost = first_start(make_roost, dns, sink, HOSTNAME=HOST, DOMAIN="example.org", ADMIN=OWNER,
                        ADMIN_PASSWORD_FILE=str(password), SMARTHOST=f"smtp://127.0.0.1:{sink.port}",
                        TLS_CERT=str(certificate), TLS_KEY=str(key), SETUP_TOKEN=TOKEN).start()
    assert refused(Setup(roost).get, "/setup").status == 404
    assert shows(roost, "imaps", certificate.read_text("ascii"))
    owner = Setup(roost, None)
    session = owner.login(OWNER, PASSWORD)
    assert session["role"] == "owner"
    origins = {s["name"]: s["origin"] for s in owner.get("/settings")["items"]}
    assert {origins[name] for name in ("HOSTNAME", "SMARTHOST", "TLS_CERT", "TLS_KEY")} == \
        {"environment"}
    found = {(r["name"], r["type"]) for r in owner.get("/domains/example.org/dns")["records"]}
    assert ("example.org", "MX") in found
    roost.restart()
    assert owner.get("/session")["address"] == OWNER


# --- addresses of visitors -----------------------------------------------------------------------

ASK = """
import http.client, json, sys
def call(method, path, body):
    c = http.client.HTTPConnection("fd00:7::2", 8080, timeout=60)
    c.request(method, "/api/setup/" + path, json.dumps(body),
              {"Content-Type": "application/json", "X-Setup-Token": sys.argv[1]})
    return json.loads(c.getresponse().read())
call("PUT", "host", {"hostname": "mail.example.org", "domain": "example.org"})
print(json.dumps(call("POST", "look-around", {})))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="makes network namespaces")
@pytest.mark.parametrize("gateway, state", [("fd00:7::1", "warn"), ("fd00:7::9", "unknown")])
def test_an_ipv6_gateway_that_speaks_for_all_visitors_is_noticed(
        make_roost: Maker, dns: DnsServer, sink: Sink, gateway: str, state: str) -> None:
    """As Docker's userland proxy does: who comes has the address of the container's gateway."""
    inside = Namespace()
    outside = f"{inside.name}-out"
    enter = ["nsenter", f"--net=/run/netns/{outside}"]
    try:
        for words in (["netns", "add", outside],
                      ["link", "add", "in", "netns", inside.name, "type", "veth",
                       "peer", "name", "out", "netns", outside]):
            subprocess.run(["ip", *words], check=True, capture_output=True)
        for prefix, words in (
                (inside.prefix, ["addr", "add", "fd00:7::2/64", "dev", "in", "nodad"]),
                (inside.prefix, ["link", "set", "in", "up"]),
                (enter, ["addr", "add", "fd00:7::1/64", "dev", "out", "nodad"]),
                (enter, ["link", "set", "out", "up"]),
                (inside.prefix, ["-6", "route", "add", "default", "via", gateway, "dev", "in"])):
            subprocess.run([*prefix, "ip", *words], check=True, capture_output=True)
        roost = first_start(make_roost, dns, sink, LISTEN_HTTP="[fd00:7::2]:8080",
                            DNS_SERVERS="127.0.0.1:1")
        roost.prefix = inside.prefix
        roost.start()
        done = subprocess.run([*enter, sys.executable, "-c", ASK, TOKEN], capture_output=True,
                              text=True, timeout=90, check=True)
        source = next(c for c in json.loads(done.stdout)["checks"] if c["id"] == "source")
        assert (source["seen"], source["state"]) == ("fd00:7::1", state), source
        assert roost.stop() == 0
    finally:
        subprocess.run(["ip", "netns", "del", outside], check=False, capture_output=True)
        inside.close()
