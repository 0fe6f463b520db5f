"""Records that are put into DNS by themselves, when things go wrong: a program that is killed at
work, somebody who takes records away, a domain that goes.

Slow: records are rechecked at intervals.
"""
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import Maker
from harness import knot
from harness.api import Api, as_owner
from harness.dns_server import A, CNAME, NS, SOA, TXT, DnsServer
from harness.knot import Knot
from harness.peer import until
from harness.server import DOMAIN, HOSTNAME, Roost, new_folder
from test_mta_sts import fetch

pytestmark = pytest.mark.skipif(not knot.available() or os.geteuid() != 0,
                                reason="knot is not installed, or nobody may be at port 53")
STS = f"_mta-sts.{DOMAIN}"


class HookZone(DnsServer):
    """A zone that a program changes: the answer is what its log comes to. While the file "slow"
    names the action it hangs after its work; while "stuck" is there, before it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(knot.place(), 53)
        self.folder = folder
        self.authoritative = True
        self.add(DOMAIN, SOA, f"ns.{DOMAIN} root.{DOMAIN} 1 60 60 600 1")
        self.add(DOMAIN, NS, f"ns.{DOMAIN}")
        self.add(f"ns.{DOMAIN}", A, self.host)
        (folder / "log").touch()
        self.program = folder / "hook"
        self.program.write_text(
            f'#!/bin/sh\ncd {folder}\nwhile [ -e stuck ]; do sleep 0.1; done\n'
            'echo "$1|$2|$4|$3" >> log\nwhile [ "$(cat slow 2>/dev/null)" = "$1" ]; do sleep 0.1; done\n', "ascii")
        self.program.chmod(0o755)

    def calls(self) -> list[list[str]]:
        """What was asked for: add or remove, name, type, value."""
        return [line.split("|") for line in (self.folder / "log").read_text("ascii").splitlines()]

    def answer(self, query: bytes, limit: int) -> bytes | None:
        for _, name, type_, _ in self.calls():
            kind = {"TXT": TXT, "CNAME": CNAME}[type_]
            self.records[name, kind] = self.now(name, kind)
        for key in [key for key, values in self.records.items() if not values]:
            self.records.pop(key, None)
        return super().answer(query, limit)

    def now(self, name: str, kind: int) -> list[str]:
        """What is there: each once, as providers have it."""
        found: list[str] = []
        for action, at, type_, value in self.calls():
            if at != name or {"TXT": TXT, "CNAME": CNAME}.get(type_) != kind:
                continue
            if action == "add":
                found.append(value)
                assert kind != CNAME or len(found) == 1, "two aliases at a name"
            elif value in found:
                found.remove(value)
        return found


@pytest.fixture
def hooked() -> Iterator[HookZone]:
    """A zone that a program changes."""
    zone = HookZone(new_folder())
    yield zone
    zone.close()


def by_program(make_roost: Maker, zone: HookZone, **more: str) -> Roost:
    """A server that has its records put there by the program."""
    return make_roost(**{"DNS_SERVERS": zone.address, "DNSSEC": "off", "DNS_PUBLISH": "mta-sts",
                         "DNS_UPDATE_HOOK": str(zone.program), **more})


def mode(api: Api, name: str) -> None:
    """Another policy, and so another record."""
    api.put(f"/domains/{DOMAIN}", {"mta_sts": name})


def test_a_program_is_killed_at_work(make_roost: Maker, hooked: HookZone) -> None:
    """After each of its steps; nothing of ours is left behind, and nothing is there twice."""
    roost = by_program(make_roost, hooked).start()
    until(lambda: len(hooked.now(STS, TXT)) == 1 and hooked.now(f"mta-sts.{DOMAIN}", CNAME), 30)
    (first,) = hooked.now(STS, TXT)
    slow = hooked.folder / "slow"
    slow.write_text("remove", "ascii")
    mode(as_owner(roost), "enforce")
    until(lambda: hooked.calls()[-1] == ["remove", STS, "TXT", first], 90)
    roost.kill()  # it was done, and nobody came to note it
    slow.write_text("add", "ascii")
    roost.start()
    until(lambda: hooked.calls()[-1][:3] == ["add", STS, "TXT"], 90)
    roost.kill()
    slow.unlink()
    roost.start()
    until(lambda: len(hooked.now(STS, TXT)) == 1 and hooked.now(STS, TXT) != [first], 90)
    (second,) = hooked.now(STS, TXT)

    stuck = hooked.folder / "stuck"  # the server is stopped while the program does not end
    stuck.touch()
    mode(as_owner(roost), "testing")
    time.sleep(3)
    begin = time.monotonic()
    assert roost.stop() == 0
    assert time.monotonic() - begin < 15
    stuck.unlink()
    roost.start()
    until(lambda: hooked.now(STS, TXT) == [first], 90)
    assert second not in hooked.now(STS, TXT)
    mode(as_owner(roost), "none")
    until(lambda: hooked.now(STS, TXT) not in ([first], []), 90)
    assert len(hooked.now(STS, TXT)) == 1
    assert roost.cli("fsck") is not None


def test_a_program_puts_nothing_beside_an_alias(make_roost: Maker, hooked: HookZone) -> None:
    """Nor an alias beside addresses."""
    hooked.add(f"mta-sts.{DOMAIN}", A, "198.51.100.7")
    hooked.add(STS, CNAME, "mta-sts.hosted.example")
    roost = by_program(make_roost, hooked, DNS_PUBLISH="mta-sts,tls-rpt").start()
    assert roost.log
    roost.log.wait(rf" record_conflict name={STS} type=TXT", 30)
    roost.log.wait(rf" record_conflict name=mta-sts.{DOMAIN} type=CNAME", 30)
    until(lambda: hooked.now(f"_smtp._tls.{DOMAIN}", TXT), 30)
    assert [call[:3] for call in hooked.calls()] == [["add", f"_smtp._tls.{DOMAIN}", "TXT"]]


@pytest.fixture
def zone() -> Iterator[Knot]:
    """example.org at a name server that takes updates."""
    server = Knot(new_folder(), DOMAIN, HOSTNAME).start()
    yield server
    server.close()


def updating(make_roost: Maker, zone: Knot, **more: str) -> Roost:
    """A server that may change the zone."""
    return make_roost(**{"DNS_SERVERS": zone.address, "DNSSEC": "off",
                         "DNS_UPDATE_SERVER": zone.address,
                         "DNS_UPDATE_KEY": f"roost:{knot.SECRET}", "DNS_PUBLISH_TTL": "1s", **more})


def test_what_somebody_takes_away_comes_back(make_roost: Maker, zone: Knot) -> None:
    """Unless he puts something else there."""
    roost = updating(make_roost, zone).start()
    api = as_owner(roost)
    selectors = [k["selector"] for k in api.get(f"/domains/{DOMAIN}/dkim")["keys"]]
    names = [f"{s}._domainkey.{DOMAIN}" for s in selectors]
    until(lambda: all(zone.texts(n) for n in [*names, STS, f"_smtp._tls.{DOMAIN}"]), 60)
    before = {n: zone.texts(n) for n in names}
    assert roost.stop() == 0
    zone.change(*(f"zone-unset {DOMAIN} {n}. TXT" for n in names))
    zone.change(f"zone-unset {DOMAIN} _smtp._tls.{DOMAIN}. TXT",
                f'zone-set {DOMAIN} _smtp._tls.{DOMAIN}. 60 TXT "v=TLSRPTv1; rua=mailto:a@b.c"')
    assert not any(zone.texts(n) for n in names)
    roost.start()  # it looks at once, and every hour
    until(lambda: {n: zone.texts(n) for n in names} == before, 30)
    assert roost.log
    roost.log.wait(rf" record_restored name={names[0]} type=TXT")
    roost.log.wait(rf" record_conflict name=_smtp._tls.{DOMAIN} type=TXT")
    assert zone.texts(f"_smtp._tls.{DOMAIN}") == ["v=TLSRPTv1; rua=mailto:a@b.c"]
    assert len([x for x in roost.log.lines if " record_restored " in x]) == len(names) + 1


def test_a_domain_goes(make_roost: Maker, zone: Knot) -> None:
    """Its keys stay for mail under way, and that it has no policy any more is told."""
    gone = f"gone.{DOMAIN}"
    roost = updating(make_roost, zone).start()
    api = as_owner(roost)
    api.post("/domains", {"name": gone})
    api.put(f"/domains/{gone}", {"mta_sts": "enforce"})
    until(lambda: zone.texts(f"_smtp._tls.{gone}") and zone.texts(f"_mta-sts.{gone}"), 90)
    until(lambda: len(api.get(f"/domains/{gone}/dkim")["keys"]) == 2, 60)
    keys = {f"{k['selector']}._domainkey.{gone}" for k in api.get(f"/domains/{gone}/dkim")["keys"]}
    until(lambda: all(zone.texts(k) for k in keys), 60)
    policy = zone.texts(f"_mta-sts.{gone}")
    assert "mode: none" not in fetch(roost, f"mta-sts.{gone}")[2]
    api.delete(f"/domains/{gone}")
    until(lambda: zone.texts(f"_smtp._tls.{gone}") == [], 90)
    until(lambda: zone.texts(f"_mta-sts.{gone}") not in ([], policy), 30)
    assert all(zone.texts(k) for k in keys)
    assert zone.records(f"mta-sts.{gone}", CNAME)
    status, _, text = fetch(roost, f"mta-sts.{gone}")
    assert status == 200 and "mode: none\r\n" in text and "mx:" not in text
    assert fetch(roost, f"mta-sts.other.{DOMAIN}")[0] == 404
    roost.restart()
    time.sleep(5)
    assert all(zone.texts(k) for k in keys) and len(zone.texts(f"_mta-sts.{gone}")) == 1
    assert roost.cli("fsck") is not None
