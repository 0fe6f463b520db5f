"""The first start of a server without an owner: the link, the steps, kills between them, and
strangers; the DNS page and the doctor; settings that change while the server runs."""
import re
import time
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import pytest

from conftest import Maker
from harness import mail
from harness.api import Api
from harness.dns_server import A, AAAA, CAA, CNAME, MX, SRV, TXT, DnsServer
from harness.peer import ImapPeer, SmtpPeer
from harness.ports import free_port
from harness.server import Roost
from harness.setup import OWNER, PASSWORD, TOKEN, Setup, first_start, refused, states
from harness.smtp_sink import Sink

@pytest.fixture
def fresh(make_roost: Maker, dns: DnsServer, sink: Sink) -> Roost:
    """A server whose data folder was empty."""
    return first_start(make_roost, dns, sink).start()


def test_from_the_link_to_the_first_message(fresh: Roost, dns: DnsServer, sink: Sink) -> None:
    assert Api(fresh).get("/setup") == {"open": True, "step": "claim"}
    setup = Setup(fresh)
    assert setup.post("/setup/claim", {"token": TOKEN})["step"] == "host"
    named = states(setup.host())
    assert named["address"] in ("ok", "warn")  # as this machine has public addresses or not
    assert (named["ptr"], named["mx"]) == ("ok", "ok")
    assert setup.get("/setup")["step"] == "owner"
    assert setup.owner()["strength"] >= 2
    dns.add("7.113.0.203.bl.example", A, "127.0.0.2")
    looked = states(setup.post("/setup/look-around"))
    assert looked["port25"] == "ok" and looked["dnsbl"] == "warn"
    setup.delivery()
    setup.certificate()
    assert setup.get("/setup")["step"] == "dns"
    assert setup.get("/setup/dns")["domain"] == "example.org"
    sent = setup.post("/setup/test-mail", {"to": "friend@example.net"})
    assert sent["state"] == "ok", sent
    assert sink.wait(1)[0].sender == OWNER
    session = setup.post("/setup/finish")
    assert (session["address"], session["role"]) == (OWNER, "owner")
    del setup.headers["X-Setup-Token"]
    setup.csrf = session["csrf"]
    assert setup.get("/session")["address"] == OWNER
    # Nothing was started again, and the name counts already.
    with SmtpPeer(fresh.ports["smtp"]) as peer:
        assert "mail.example.org" in peer.greeting[1]
        assert peer.code("EHLO x.example.net") == 250
        assert peer.code("MAIL FROM:<friend@example.net>") == 250
        assert peer.code(f"RCPT TO:<{OWNER}>") == 250
        assert peer.data("Subject: welcome\r\n\r\nhello\r\n")[0] == 250


def test_a_test_message_to_the_new_address_arrives(fresh: Roost) -> None:
    setup = Setup(fresh)
    setup.host()
    setup.owner()
    assert setup.post("/setup/test-mail", {"to": OWNER})["state"] == "ok"
    setup.delivery()
    setup.post("/setup/finish")
    with ImapPeer(fresh.ports["imaps"], tls=True) as peer:
        peer.login(OWNER, PASSWORD)
        assert "* 1 EXISTS" in peer.ok("SELECT INBOX")


@pytest.mark.parametrize("kill", [True, False], ids=["kill", "stop"])
def test_an_end_between_any_two_steps_loses_nothing(fresh: Roost, kill: bool) -> None:
    def end() -> Setup:
        if kill:
            fresh.kill()
            fresh.start()
        else:
            fresh.restart()
        return Setup(fresh)

    setup = end()
    assert setup.get("/setup")["step"] == "host"
    setup.host()
    setup = end()
    known = setup.get("/setup")
    assert (known["step"], known["hostname"], known["domain"]) == \
        ("owner", "mail.example.org", "example.org")
    setup.owner()
    setup = end()
    known = setup.get("/setup")
    assert (known["step"], known["owner"], known["owner_name"]) == ("look-around", OWNER, "Me")
    setup.delivery()
    setup = end()
    assert setup.get("/setup")["step"] == "certificate"
    setup.certificate()
    setup = end()
    assert setup.get("/setup")["step"] == "dns"
    assert setup.post("/setup/test-mail", {"to": OWNER})["state"] == "ok"
    setup = end()  # the owner exists now, and the setup goes on
    assert setup.get("/setup")["owner"] == OWNER
    assert setup.post("/setup/finish")["address"] == OWNER
    end()
    assert refused(Setup(fresh).get, "/setup").status == 404
    assert Api(fresh).post("/login", {"login": OWNER, "password": PASSWORD})["role"] == "owner"


def test_a_stranger_gets_nowhere(fresh: Roost) -> None:
    stranger = Setup(fresh, "a-token-of-the-tesT")
    for call in (stranger.host, stranger.owner, stranger.delivery, stranger.certificate):
        assert refused(call).code == "denied"
    for method, path in (("GET", "/setup/dns"), ("POST", "/setup/look-around"),
                         ("POST", "/setup/finish"), ("GET", "/setup")):
        assert refused(stranger.request, method, path).code == "denied"
    nobody = Setup(fresh, None)
    assert refused(nobody.host).status in (403, 429)
    # Guessing ends soon, and then even the right token is not looked at.
    for _ in range(10):
        error = refused(stranger.post, "/setup/claim", {"token": "guess"})
    assert error.status == 429
    assert refused(Setup(fresh).host).status == 429
    assert fresh.cli("account", "list") == ""


def test_finished_once(fresh: Roost) -> None:
    first, second = Setup(fresh), Setup(fresh)
    assert refused(first.post, "/setup/finish").status == 409
    first.host()
    assert refused(first.post, "/setup/finish").status == 409
    first.owner()
    second.owner(password="another that is long")
    first.owner()
    first.post("/setup/finish")
    for call in (second.host, second.owner, second.delivery):
        assert refused(call).status == 404
    assert refused(second.post, "/setup/finish").status == 404
    assert refused(second.post, "/setup/claim", {"token": TOKEN}).status == 404
    assert fresh.cli("account", "list").count("\n") == 1
    fresh.restart()
    assert refused(Setup(fresh).get, "/setup").status == 404


def test_finished_by_one_of_many_at_once(fresh: Roost) -> None:
    setup = Setup(fresh)
    setup.host()
    setup.owner()

    def finish(_: int) -> int:
        return Setup(fresh).call("POST", "/setup/finish", {})[0]

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(finish, range(8))) == [200] + [404] * 7
    assert fresh.cli("account", "list").count("\n") == 1


def test_a_kill_while_it_ends_leaves_it_open_or_done(fresh: Roost) -> None:
    """Never an owner without an end, nor an end without an owner."""
    setup = Setup(fresh)
    setup.host()
    setup.owner()
    with ThreadPoolExecutor(1) as pool:
        ending = pool.submit(setup.call, "POST", "/setup/finish", {})
        time.sleep(0.002)
        fresh.kill()
        wait([ending])
    fresh.start()
    status = setup.call("GET", "/setup")[0]
    accounts = fresh.cli("account", "list").count("\n")
    assert (status, accounts) in ((404, 1), (200, 0), (200, 1))
    if status == 200:
        assert setup.post("/setup/finish")["role"] == "owner"
    assert Api(fresh).post("/login", {"login": OWNER, "password": PASSWORD})["role"] == "owner"


def test_wrong_input_is_told(fresh: Roost) -> None:
    setup = Setup(fresh)
    assert refused(setup.owner).status == 409  # before the domain
    for hostname, domain in (("localhost", "example.org"), ("mail.example.org", "nodot"),
                             ("-x.example.org", "example.org"), ("mail.example.org", "a b.org")):
        assert refused(setup.put, "/setup/host",
                       {"hostname": hostname, "domain": domain}).status == 400
    setup.host()
    assert refused(setup.owner, PASSWORD, "me@elsewhere.example").status == 400
    assert refused(setup.owner, "short").status == 400
    assert refused(setup.owner, "password1234").status == 400  # guessed first of all
    assert setup.owner("aaaaaaaa-aaaa")["strength"] < 2
    assert refused(setup.put, "/setup/certificate", {"mode": "acme", "terms": False}).status == 400
    assert refused(setup.put, "/setup/certificate", {"mode": "files"}).status == 400
    assert refused(setup.put, "/setup/delivery", {"mode": "pigeon"}).status == 400


def test_a_smarthost_is_tried_before_it_is_kept(fresh: Roost, sink: Sink) -> None:
    setup = Setup(fresh)
    relay = {"host": "127.0.0.1", "port": 1, "tls": "starttls"}
    error = refused(setup.put, "/setup/delivery", {"mode": "smarthost", "smarthost": relay})
    assert error.status == 422 and "127.0.0.1" in error.message
    assert fresh.cli("settings", "get", "SMARTHOST") == "\n"
    relay = {"host": "127.0.0.1", "port": sink.port, "tls": "starttls", "user": "u@x",
             "password": "p:%/"}
    sink.extensions.append("AUTH PLAIN")
    sink.always("AUTH", "535 5.7.8 no")
    error = refused(setup.put, "/setup/delivery", {"mode": "smarthost", "smarthost": relay})
    assert error.status == 422 and "login" in error.message
    sink.always("AUTH", None)
    setup.put("/setup/delivery", {"mode": "smarthost", "smarthost": relay})
    assert fresh.cli("settings", "get", "SMARTHOST") == "(set)\n"
    assert setup.get("/setup")["delivery"] == "smarthost"
    assert "p:%/" not in "\n".join(fresh.log.lines if fresh.log else [])
    # The step that is opened again shows it, and keeps the password that is not entered again.
    assert setup.get("/setup")["smarthost"] == {
        "host": "127.0.0.1", "port": sink.port, "tls": "starttls", "user": "u@x", "password_set": True}
    setup.put("/setup/delivery", {"mode": "smarthost", "smarthost": {**relay, "password": ""}})
    sink.always("AUTH", "535 5.7.8 no")
    refused(setup.put, "/setup/delivery", {"mode": "smarthost", "smarthost": {**relay, "password": ""}})
    sink.always("AUTH", None)
    # To another port it does not go.
    other = {**relay, "password": "", "port": 1}
    assert refused(setup.put, "/setup/delivery", {"mode": "smarthost", "smarthost": other}).status == 422
    assert setup.get("/setup")["smarthost"]["password_set"]
    setup.put("/setup/delivery", {"mode": "direct"})
    assert fresh.cli("settings", "get", "SMARTHOST") == "\n"


def test_a_step_that_is_opened_again_keeps_what_is_set(fresh: Roost, dns: DnsServer) -> None:
    setup = Setup(fresh)
    setup.host()
    assert not setup.get("/setup")["password_set"]
    setup.owner()
    assert setup.get("/setup")["password_set"]
    setup.put("/setup/owner", {"address": OWNER, "name": "Another name", "password": ""})
    assert setup.get("/setup")["owner_name"] == "Another name"
    setup.delivery()
    assert setup.get("/setup")["delivery_done"]
    setup.certificate()
    setup.post("/setup/finish")
    assert Api(fresh).post("/login", {"login": OWNER, "password": PASSWORD})["address"] == OWNER


def test_the_port_is_not_blamed_for_dns(make_roost: Maker, dns: DnsServer, sink: Sink) -> None:
    """Nothing is known about port 25 where DNS does not answer."""
    fresh = first_start(make_roost, dns, sink, DOCTOR_TEST_DOMAIN="nowhere.example").start()
    setup = Setup(fresh)
    setup.host()
    (port,) = [c for c in setup.post("/setup/look-around")["checks"] if c["id"] == "port25"]
    assert port["state"] == "unknown" and "DNS did not resolve nowhere.example" in port["seen"]
    assert "to open port 25" not in port["advice"]


def test_the_link_is_printed_and_still_fits_after_a_kill(make_roost: Maker, tmp_path: Path) -> None:
    out = tmp_path / "stdout"
    roost = make_roost(empty=True)
    roost.prefix = ["sh", "-c", f'exec "$0" "$@" >>{out}']

    def links() -> list[str]:
        return re.findall(r"http://\S+/setup#token=(\w+)", out.read_text("ascii"))

    roost.start()
    time.sleep(0.2)
    assert len(links()) == 1
    assert Setup(roost, links()[0]).get("/setup")["step"] == "host"
    roost.kill()
    roost.start()
    time.sleep(0.2)
    assert len(links()) == 2 and links()[0] == links()[1]
    assert roost.log and links()[0] not in "\n".join(roost.log.lines)


def test_no_setup_where_the_environment_names_an_owner(make_roost: Maker) -> None:
    roost = make_roost(empty=True, ADMIN=OWNER, ADMIN_PASSWORD=PASSWORD, SETUP_TOKEN=TOKEN).start()
    assert refused(Setup(roost).get, "/setup").status == 404


# --- DNS ---------------------------------------------------------------------------------------

def owner_of(roost: Roost) -> Api:
    """The API as the owner of a server that has example.org."""
    api = Api(roost)
    api.csrf = api.post("/login", {"login": "alice@example.org",
                                   "password": "correct horse"})["csrf"]
    return api


def records_of(api: Api) -> dict[tuple[str, str], Any]:
    """(name, type) -> record"""
    page = api.get("/domains/example.org/dns")
    return {(r["name"], r["type"]): r for r in page["records"]}


@pytest.fixture
def owned(make_roost: Maker, dns: DnsServer, sink: Sink) -> Roost:
    """A server with an owner, alice, that asks our name server."""
    roost = make_roost(DNS_SERVERS=dns.address, LISTEN_IMAPS=f"127.0.0.1:{free_port()}", SMTP_OUT_PORT=str(sink.port), DOCTOR_BLOCKLISTS="",
                       DOCTOR_TEST_DOMAIN="example.net")
    roost.cli("account", "owner", "alice@example.org")
    return roost.start()


def test_the_dns_page_says_what_is_missing_and_what_is_wrong(owned: Roost, dns: DnsServer) -> None:
    api = owner_of(owned)
    dns.add("example.org", TXT, "some-other-proof=1")
    found = records_of(api)
    mx = found["example.org", "MX"]
    assert (mx["expected"], mx["state"], mx["seen"]) == ("10 mx.example.org", "fail", [])
    assert found["_dmarc.example.org", "TXT"]["expected"].startswith("v=DMARC1;")
    assert found["_imaps._tcp.example.org", "SRV"]["state"] == "warn"
    tlsa = found["_25._tcp.mx.example.org", "TLSA"]
    assert re.fullmatch(r"3 1 1 [0-9a-f]{64}", tlsa["expected"])
    for record in found.values():
        if record["type"] != "TLSA":
            kind = {"MX": MX, "SRV": SRV, "CNAME": CNAME, "TXT": TXT, "A": A,
                    "AAAA": AAAA}[record["type"]]
            dns.add(record["name"], kind, record["expected"])
    again = records_of(api)
    wrong = {k: r for k, r in again.items() if r["state"] != "ok" and k[1] != "TLSA"}
    assert not wrong, wrong
    assert again["example.org", "TXT"]["seen"] == ["v=spf1 mx -all"]


def test_one_spf_record_for_all(owned: Roost, dns: DnsServer) -> None:
    api = owner_of(owned)
    dns.add("example.org", TXT, "v=spf1 include:_spf.shop.example ~all")
    dns.add("_spf.shop.example", TXT, "v=spf1 ip4:198.51.100.0/24 -all")
    spf = records_of(api)["example.org", "TXT"]
    assert spf["expected"] == "v=spf1 mx include:_spf.shop.example ~all"
    assert spf["state"] == "fail" and "keeps" in spf["advice"]
    dns.add("example.org", TXT, spf["expected"])
    spf = records_of(api)["example.org", "TXT"]
    assert spf["state"] == "fail" and "several" in spf["advice"]


def test_name_servers_that_do_not_answer_are_no_mistake_of_the_domain(owned: Roost,
                                                                      dns: DnsServer) -> None:
    api = owner_of(owned)
    dns.failing.add("example.org")
    assert records_of(api)["example.org", "MX"]["state"] == "unknown"


def test_zone_file(owned: Roost) -> None:
    text = owner_of(owned).get("/domains/example.org/zone")
    assert "example.org. IN MX 10 mx.example.org.\n" in text
    assert 'example.org. IN TXT "v=spf1 mx -all"\n' in text
    assert "autoconfig.example.org. IN CNAME mx.example.org.\n" in text


def test_the_doctor_says_the_same(owned: Roost, dns: DnsServer) -> None:
    dns.mail_host("example.net")
    dns.add("mx.example.org", A, "203.0.113.9")
    dns.add("example.org", CAA, '0 issue "ca.example"')
    done = owned.run("doctor")
    assert done.returncode == 1
    assert "fail    example.org MX: The record is missing." in done.stdout
    assert "should be: 10 mx.example.org" in done.stdout
    assert "ok      Port 25 to the outside: mx" in done.stdout


# --- settings ----------------------------------------------------------------------------------

def setting(api: Api, name: str) -> Any:
    """One row."""
    return next(s for s in api.get("/settings")["items"] if s["name"] == name)


def test_a_setting_counts_at_once_and_survives(owned: Roost) -> None:
    api = owner_of(owned)
    assert setting(api, "MESSAGE_SIZE")["origin"] == "default"
    changed = api.put("/settings/MESSAGE_SIZE", {"value": "64K"})
    assert (changed["value"], changed["origin"], changed["live"]) == ("65536", "store", True)
    for _ in range(2):
        with SmtpPeer(owned.ports["smtp"]) as peer:
            assert "SIZE 65536" in peer.cmd("EHLO x.example.net")[1]
        owned.kill()
        owned.start()
    api = owner_of(owned)
    assert api.delete("/settings/MESSAGE_SIZE")["origin"] == "default"
    with SmtpPeer(owned.ports["smtp"]) as peer:
        assert "SIZE 52428800" in peer.cmd("EHLO x.example.net")[1]
    assert [e["what"] for e in api.get("/audit")["items"]][:2] == ["setting.unset", "setting.set"]


def test_the_environment_wins_and_is_shown_as_locked(owned: Roost) -> None:
    api = owner_of(owned)
    row = setting(api, "HOSTNAME")
    assert (row["value"], row["origin"], row["locked"]) == ("mx.example.org", "environment", True)
    assert refused(api.put, "/settings/HOSTNAME", {"value": "other.example.org"}).status == 403
    assert refused(api.put, "/settings/DATA", {"value": "/elsewhere"}).status == 403
    assert refused(api.put, "/settings/NONSENSE", {"value": "1"}).status == 404
    assert refused(api.put, "/settings/STOP", {"value": "soon"}).status == 400


def test_what_would_lock_everybody_out_is_refused(owned: Roost) -> None:
    api = owner_of(owned)
    for name, value in (("CONNECTIONS", "1"), ("CONNECTIONS_PER_ADDRESS", "1"), ("WORKERS", "1"),
                        ("SMARTHOST", "gopher://x")):
        error = refused(api.put, f"/settings/{name}", {"value": value})
        assert error.status in (400, 404) and f"ROOST_{name}" in error.message, error
    assert setting(api, "CONNECTIONS")["origin"] == "default"


def test_the_command_line_changes_a_running_server(owned: Roost, sink: Sink,
                                                   dns: DnsServer) -> None:
    dns.mail_host("example.net")
    owned.cli("settings", "set", "SUBADDRESS", "=")
    with SmtpPeer(owned.ports["smtp"]) as peer:
        peer.cmd("EHLO x.example.net")
        peer.cmd("MAIL FROM:<carol@example.net>")
        assert peer.code("RCPT TO:<alice=tag@example.org>") == 250
    owned.cli("settings", "unset", "subaddress")
    assert owned.cli("settings", "get", "ROOST_SUBADDRESS") == "+\n"
    done = owned.run("settings", "set", "CONNECTIONS", "2")
    assert done.returncode == 1 and "ROOST_CONNECTIONS" in done.stderr
    assert owned.run("settings", "set", "HOSTNAM", "x").returncode == 1


def test_a_smarthost_that_comes_takes_what_waits(owned: Roost, sink: Sink, dns: DnsServer) -> None:
    api = owner_of(owned)
    api.put("/settings/QUEUE_RETRY", {"value": "1s"})
    dns.failing.add("slow.example")
    mail.submit(owned, mail.letter("through the relay"), "x@slow.example")
    api.put("/settings/SMARTHOST", {"value": f"smtp://127.0.0.1:{sink.port}"})
    assert sink.wait(1, 40)[0].rcpts == ["x@slow.example"]


def test_what_was_stored_by_a_newer_version_does_not_keep_it_from_starting(owned: Roost) -> None:
    api = owner_of(owned)
    api.put("/settings/STOP", {"value": "3s"})
    assert owned.stop() == 0
    owned.settings["STOP"] = "2s"
    owned.start()
    assert setting(owner_of(owned), "STOP")["origin"] == "environment"
