"""What an authority may do to us, and what we may ask of it besides certificates: faults and rate
limits, renewal information, revocation, another account key, the end of an account.

Slow: orders wait for the polling of the authority.
"""
import base64
import datetime
import json
import re
import shutil
import urllib.request
from typing import Any, Callable, Iterator

import pytest

from conftest import Maker
from harness.api import ApiError, as_owner, refusal
from harness.ca_front import Front
from harness.dns_server import A, DnsServer
from harness.pebble import Pebble, available, here
from harness.peer import trusting, until
from harness.server import HOSTNAME, Roost, new_folder
from test_acme import GOT_S, key_of, names_of, serial_of, shown, wait_for_certificate

pytestmark = pytest.mark.skipif(not available(), reason="pebble is not installed")


@pytest.fixture
def pebble(dns: DnsServer) -> Iterator[Pebble]:
    """One that looks at each name anew for every order."""
    here(dns, HOSTNAME)
    running = Pebble(new_folder(), dns.address, PEBBLE_AUTHZREUSE="0").start()
    yield running
    if running.log:
        print("--- log of pebble\n" + running.log.tail(60))
    running.close()
    shutil.rmtree(running.folder, ignore_errors=True)


@pytest.fixture
def front(pebble: Pebble) -> Iterator[Front]:
    """It, with faults on demand."""
    running = Front(pebble)
    yield running
    running.close()


Starter = Callable[..., Roost]


@pytest.fixture
def start(make_roost: Maker, dns: DnsServer) -> Starter:
    """start(authority, **settings): a server that gets its certificates there."""
    def starter(authority: Pebble | Front, **more: Any) -> Roost:
        return make_roost(DNS_SERVERS=dns.address, **authority.settings(**more)).start()
    return starter


def stamp(seconds: float) -> str:
    """So many seconds from now as the API and authorities write it."""
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def next_s(roost: Roost, after: int = 0) -> int:
    """How long it waits after a failure."""
    assert roost.log
    found = roost.log.wait(r" certificate_order_failed .*next_s=(\d+)", GOT_S, after)
    return int(found[1])


# --- faults ---


def test_a_rate_limit_is_kept(front: Front, start: Starter) -> None:
    """429 with Retry-After: not a moment earlier, and its words are shown."""
    front.refuse("/order-plz", 429, "rateLimited", "too many certificates for example.org",
                 times=99, Retry_After="7200")
    roost = start(front)
    assert 7195 <= next_s(roost) <= 7205
    (told,) = [c for c in as_owner(roost).get("/certificates")["items"] if c["id"] == "host"]
    assert told["state"] == "failed"
    assert "too many certificates for example.org (rateLimited)" in told["problem"]
    assert told["next_try"] > stamp(7000)


@pytest.mark.parametrize("path, status, kind", [
    ("/dir", 503, "serverInternal"), ("/sign-me-up", 500, "serverInternal"),
    ("/order-plz", 503, "serverInternal"), ("/finalize-order", 403, "badCSR"),
])
def test_it_goes_on_by_itself(front: Front, start: Starter, path: str, status: int,
                              kind: str) -> None:
    """Whatever step fails: told in its words, tried again, and then it goes well."""
    front.refuse(path, status, kind, "not today", times=1)
    roost = start(front)
    assert 470 <= next_s(roost) <= 730, "ten minutes, a fifth more or less"
    until(lambda: "host failed" in roost.cli("certificate", "list"), what="the list")
    assert "not today" in roost.cli("certificate", "list")
    roost.cli("certificate", "renew")
    wait_for_certificate(roost)


def test_waits_grow(front: Front, start: Starter) -> None:
    """Twice as long after each failure; by hand it is tried at once each time."""
    front.refuse("/dir", 503, "serverInternal", "down", times=999)
    roost = start(front)
    assert roost.log
    waits = [next_s(roost)]
    for _ in range(4):
        mark = roost.log.mark()
        roost.cli("certificate", "renew")
        waits.append(next_s(roost, mark))
    assert all(480 * 2 ** i <= w <= 720 * 2 ** i for i, w in enumerate(waits)), waits
    assert len(set(w / 2 ** i for i, w in enumerate(waits))) > 1, "by chance a little different"


def test_what_is_stored_stays_when_acme_is_off(pebble: Pebble, start: Starter) -> None:
    """Shown by a server that gets none any more, over restarts."""
    roost = start(pebble)
    before = serial_of(wait_for_certificate(roost))
    pebble.close()
    roost.stop()
    roost.settings["ACME"] = None
    roost.start()
    for name in (HOSTNAME, "unknown.example.net"):
        assert serial_of(shown(roost.ports["imaps"], name)) == before
    (host,) = as_owner(roost).get("/certificates")["items"]
    assert (host["id"], host["source"], host["state"]) == ("host", "acme", "valid")
    assert host["next_try"] is None


# --- names of several domains ---


def test_names_come_and_go(pebble: Pebble, start: Starter, dns: DnsServer) -> None:
    """Three domains; a name that leads elsewhere meanwhile is not asked for at renewal, one whose
    domain does not answer is left out, and the others are renewed."""
    for domain in ("example.org", "example.com", "example.net"):
        here(dns, f"mta-sts.{domain}", f"autoconfig.{domain}", f"autodiscover.{domain}")
    roost = start(pebble)
    assert roost.log
    wait_for_certificate(roost)
    for domain in ("example.com", "example.net"):
        roost.cli("domain", "add", domain)
    all_names = {f"{label}.{domain}" for label in ("mta-sts", "autoconfig", "autodiscover")
                 for domain in ("example.org", "example.com", "example.net")} | {HOSTNAME}
    roost.cli("certificate", "renew")
    until(lambda: names_of(shown(roost.ports["imaps"])) == all_names, GOT_S)
    dns.records[("autoconfig.example.com", A)] = ["192.0.2.9"]
    del dns.records[("mta-sts.example.net", A)]
    dns.failing.add("autodiscover.example.com")
    mark = roost.log.mark()
    roost.cli("certificate", "renew")
    gone = {"autoconfig.example.com", "mta-sts.example.net", "autodiscover.example.com"}
    until(lambda: names_of(shown(roost.ports["imaps"])) == all_names - gone, GOT_S)
    assert roost.log.wait(" certificate_name_skipped .*autodiscover.example.com", 5, mark)
    listed = roost.cli("certificate", "list")
    assert "host valid" in listed and "left out: autodiscover.example.com" in listed


def test_asked_for_once_more_meanwhile(front: Front, start: Starter) -> None:
    """Who asks while a certificate is being got gets another one behind it."""
    roost = start(front)
    assert roost.log
    wait_for_certificate(roost)
    real, asked = front.ask, []

    def asking(method: str, path: str, headers: dict[str, str],
               body: bytes) -> tuple[int, dict[str, str], bytes]:
        if path.startswith("/finalize-order") and not asked:
            asked.append(roost.cli("certificate", "renew"))
        return real(method, path, headers, body)

    front.ask = asking  # type: ignore[method-assign]
    mark = roost.log.mark()
    roost.cli("certificate", "renew")
    wait_for_certificate(roost, after=mark)
    assert asked
    until(lambda: sum(" certificate_obtained " in line for line in roost.log.lines[mark:]) == 2, GOT_S)


# --- renewal information ---


def test_the_authority_says_when(front: Front, start: Starter) -> None:
    """A window in the future: renewed in it. One in the past, since it will revoke: at once, and
    the order tells which certificate it is for."""
    front.window = (stamp(86400), stamp(2 * 86400))
    roost = start(front)
    assert roost.log
    before = wait_for_certificate(roost)
    assert "replaces" not in front.orders[0]
    roost.restart()
    until(lambda: front.asked)
    planned = roost.log.wait(r" certificate_renewal_scheduled .*in_s=(\d+)", GOT_S)
    assert 86000 <= int(planned[1]) <= 2 * 86400
    (host,) = as_owner(roost).get("/certificates")["items"]
    assert stamp(85000) < host["next_try"] < stamp(2 * 86400)
    # RFC 9773 4.1: key identifier of the issuer and serial number
    authority = re.search(r"Authority Key Identifier:\s*([0-9A-F:]+)", before)
    assert authority
    key_id, serial = (decode(part) for part in front.asked[0].split("."))
    assert key_id == bytes.fromhex(authority[1].replace(":", ""))
    assert serial.hex().lstrip("0") == hex_of(serial_of(before))


def decode(text: str) -> bytes:
    """base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_at_once_when_the_window_is_past(front: Front, start: Starter) -> None:
    front.window = (stamp(-7200), stamp(-3600))
    roost = start(front)
    before = serial_of(wait_for_certificate(roost))
    roost.restart()
    until(lambda: serial_of(shown(roost.ports["imaps"])) != before, GOT_S)
    assert front.orders[-1]["replaces"] == front.asked[0]


def test_an_authority_that_does_not_take_replaces(front: Front, start: Starter) -> None:
    """It is a help for the authority, no condition of ours."""
    front.window = (stamp(86400), stamp(2 * 86400))
    roost = start(front)
    before = serial_of(wait_for_certificate(roost))
    front.refuse("/order-plz", 409, "alreadyReplaced", "that one was replaced")
    roost.cli("certificate", "renew")
    until(lambda: serial_of(shown(roost.ports["imaps"])) != before, GOT_S)
    front.refuse("/renewal-info", 500, "serverInternal", "not today", times=99)
    roost.restart()
    assert roost.log and not roost.log.has(" certificate_order_failed ")


# --- revocation ---


def hex_of(serial: str) -> str:
    """Openssl writes short ones as "10 (0xa)", long ones as "0a:0b"."""
    short = re.search(r"\(0x([0-9a-f]+)\)", serial)
    return short[1] if short else serial.replace(":", "").lstrip("0")


def status_at(pebble: Pebble, serial: str) -> str:
    """What pebble says of a certificate: "Valid" or "Revoked"."""
    with urllib.request.urlopen(f"https://localhost:{pebble.management}/cert-status-by-serial/"
                                f"{hex_of(serial)}", timeout=10, context=trusting()) as answer:
        status: str = json.load(answer)["Status"]
        return status


@pytest.mark.parametrize("by", ["api", "command line"])
def test_revocation(pebble: Pebble, start: Starter, by: str) -> None:
    """It is revoked there, and another is got with a key of its own."""
    roost = start(pebble)
    before = wait_for_certificate(roost)
    assert status_at(pebble, serial_of(before)) == "Valid"
    owner = as_owner(roost)
    assert refusal(owner, "POST", "/certificates/nobody/revoke", {}) == (404, "missing")
    assert refusal(owner, "POST", "/certificates/host/revoke", {"reason": "x"}) == (400, "invalid")
    if by == "api":
        owner.post("/certificates/host/revoke", {"reason": "keyCompromise"})
    else:
        roost.cli("certificate", "revoke", "host", "keyCompromise")
    assert roost.log
    roost.log.wait(" certificate_revoked id=host reason=1", GOT_S)
    until(lambda: serial_of(shown(roost.ports["imaps"])) != serial_of(before) and
          "Pebble" in shown(roost.ports["imaps"]), GOT_S)
    assert status_at(pebble, serial_of(before)) == "Revoked"
    assert key_of(shown(roost.ports["imaps"])) != key_of(before), "never the old key again"
    (entry,) = owner.get("/audit", q="certificate.revoke")["items"]
    assert entry["target"] == "host"


def test_revocation_waits_for_the_authority(front: Front, start: Starter) -> None:
    """Noted while it is down, done after a kill; refused for good: told."""
    roost = start(front)
    before = serial_of(wait_for_certificate(roost))
    front.refuse("/revoke-cert", 503, "serverInternal", "later", times=1)
    roost.cli("certificate", "revoke", "host")
    assert roost.log
    roost.log.wait(" certificate_revocation_failed .*later", GOT_S)
    assert "host revoking" in roost.cli("certificate", "list")
    roost.kill()
    roost.start()
    roost.cli("certificate", "revoke", "host")  # at once instead of in ten minutes
    assert roost.log
    roost.log.wait(" certificate_revoked id=host reason=0", GOT_S)
    assert status_at(front.pebble, before) == "Revoked"
    after = serial_of(wait_for_certificate(roost))
    front.refuse("/revoke-cert", 403, "unauthorized", "not yours", times=1)
    roost.cli("certificate", "revoke", "host")
    roost.log.wait(" certificate_revocation_failed .*not yours.*next_s=0", GOT_S)
    assert serial_of(shown(roost.ports["imaps"])) == after
    assert "not yours" in roost.cli("certificate", "list")


# --- the account ---


def test_another_account_key(front: Front, start: Starter) -> None:
    """The account stays, its key does not, and certificates go on."""
    roost = start(front)
    before = serial_of(wait_for_certificate(roost))
    owner = as_owner(roost)
    first = owner.get("/acme/account")
    assert first["directory"] == front.directory and first["email"] == "postmaster@example.org"
    front.refuse("/rollover-account-key", 503, "serverInternal", "later")
    owner.post("/acme/account/rollover")
    assert roost.log
    roost.log.wait(" acme_account_failed .*later", GOT_S)
    waiting = owner.get("/acme/account")
    assert waiting["pending"] == "rollover" and "later" in waiting["problem"]
    assert waiting["key"] == first["key"]
    roost.cli("certificate", "account", "rollover")
    roost.log.wait(" acme_account_changed .*what=rollover", GOT_S)
    second = owner.get("/acme/account")
    assert (second["url"], second["pending"], second["problem"]) == (first["url"], "", "")
    assert second["key"] != first["key"]
    roost.restart()
    roost.cli("certificate", "renew")
    until(lambda: serial_of(shown(roost.ports["imaps"])) != before, GOT_S)
    assert as_owner(roost).get("/acme/account")["url"] == first["url"]
    assert second["key"] in roost.cli("certificate", "account")


def test_an_answer_that_is_lost(front: Front, start: Starter) -> None:
    """The authority has taken the new key, but its answer never came: that is found out."""
    roost = start(front)
    wait_for_certificate(roost)
    owner = as_owner(roost)
    first = owner.get("/acme/account")
    real = front.ask

    def losing(method: str, path: str, headers: dict[str, str],
               body: bytes) -> tuple[int, dict[str, str], bytes]:
        answer = real(method, path, headers, body)
        return (503, answer[1], b"{}") if path.startswith("/rollover") else answer

    front.ask = losing  # type: ignore[method-assign]
    owner.post("/acme/account/rollover")
    assert roost.log
    roost.log.wait(" acme_account_changed .*what=rollover", GOT_S)
    front.ask = real  # type: ignore[method-assign]
    assert owner.get("/acme/account")["key"] != first["key"]
    mark = roost.log.mark()
    roost.cli("certificate", "renew")
    wait_for_certificate(roost, after=mark)


def test_the_end_of_an_account(pebble: Pebble, start: Starter) -> None:
    """Only while ACME is off; then it is gone there and here, and the certificate stays."""
    roost = start(pebble)
    before = serial_of(wait_for_certificate(roost))
    owner = as_owner(roost)
    assert refusal(owner, "DELETE", "/acme/account") == (409, "conflict")
    url = owner.get("/acme/account")["url"]
    roost.stop()
    roost.settings["ACME"] = None
    roost.start()
    owner = as_owner(roost)
    owner.delete("/acme/account")
    assert roost.log and pebble.log
    roost.log.wait(" acme_account_changed .*what=deactivate", GOT_S)
    assert refusal(owner, "GET", "/acme/account") == (404, "missing")
    assert serial_of(shown(roost.ports["imaps"])) == before
    gone = roost.run("certificate", "account")
    assert gone.returncode == 1 and "no account at" in gone.stderr
    roost.stop()
    roost.settings["ACME"] = "on"
    roost.start()
    roost.cli("certificate", "renew")
    wait_for_certificate(roost)
    assert as_owner(roost).get("/acme/account")["url"] != url, "a new one"


def test_a_rollover_without_an_account(make_roost: Maker) -> None:
    roost = make_roost().start()
    owner = as_owner(roost)
    with pytest.raises(ApiError) as refused:
        owner.post("/acme/account/rollover")
    assert refused.value.status == 404 and "no account" in refused.value.message
    assert roost.run("certificate", "account", "deactivate").returncode == 1


# --- settings ---


def test_secrets_stay_and_are_never_shown(make_roost: Maker) -> None:
    """A change without them keeps them; nothing that is asked says them."""
    roost = make_roost().start()
    owner = as_owner(roost)
    secret, mac = "c2VjcmV0LW9mLXRoZS10ZXN0cw==", "bWFjLWtleS1vZi10aGUtdGVzdHM"
    owner.put("/acme", {"eab": {"id": "kid-1", "key": mac},
                        "dns": {"server": "192.0.2.53:53", "key_name": "roost",
                                "key_secret": secret}})
    owner.put("/acme", {"email": "a@example.org", "dns": {"server": "192.0.2.54:53"}})
    owner.put("/acme", {"eab": {"id": "kid-1"}, "dns": {"key_name": "roost"}})
    got = owner.get("/acme")
    assert (got["eab_id"], got["dns"]["key_name"]) == ("kid-1", "roost")
    assert got["dns"]["server"] == "192.0.2.54:53"
    audit = owner.get("/audit", q="acme.change")["items"]
    assert [e["after"]["email"] for e in audit] == ["a@example.org", ""]
    assert [e["after"]["dns"]["server"] for e in audit] == ["192.0.2.54:53", "192.0.2.53:53"]
    assert audit[0]["before"] == audit[1]["after"] and audit[1]["before"]["eab_id"] == ""
    told = [json.dumps(x) for x in (got, audit, owner.get("/settings"))]
    assert roost.log
    for text in [*told, *roost.log.lines, roost.cli("settings")]:
        assert secret not in text and mac not in text
    for wrong in ({"eab": {"id": "", "key": mac}}, {"dns": {"key_secret": secret}}):
        assert refusal(owner, "PUT", "/acme", wrong) == (400, "invalid")
    owner.put("/acme", {"eab": {"id": ""}, "dns": {"key_name": "", "server": ""}})
    assert owner.get("/acme")["eab_id"] == "" and owner.get("/acme")["dns"]["key_name"] == ""
