"""The test suite of RFC 7208 (openspf.org), every case, through `roost spf`."""
import ipaddress
from pathlib import Path
from typing import Any, Iterator

import pytest
import yaml

from conftest import Maker
from harness import dns_server
from harness.dns_server import DnsServer
from harness.server import Roost

SUITE = Path(__file__).parents[3] / "shared/conformance/spf/rfc7208-tests.yml"
TYPES = {"A": dns_server.A, "AAAA": dns_server.AAAA, "MX": dns_server.MX, "TXT": dns_server.TXT,
         "PTR": dns_server.PTR, "CNAME": dns_server.CNAME}
DEFAULT = "DEFAULT"  # what the suite calls the words of whoever refuses

Case = dict[str, Any]


def documents() -> list[Case]:
    """The suite's parts, each with a zone of its own."""
    if not SUITE.exists():
        return []
    return list(yaml.safe_load_all(SUITE.read_text(encoding="utf-8")))


PARTS = documents()
CASES = [(part, name) for part in range(len(PARTS)) for name in PARTS[part]["tests"]]
pytestmark = pytest.mark.skipif(not PARTS, reason="the suite is not beside the project")


def text_of(value: Any) -> Any:
    """One string, or several of one record, of which there is always one in DNS."""
    return ([str(v) for v in value] or [""]) if isinstance(value, list) else str(value)


def add(dns: DnsServer, name: str, rows: list[Any]) -> None:
    """A name of the suite: its rows of type SPF stand for TXT unless it has TXT of its own (NONE: as
    if) or TIMEOUT, which is of all types that it has not; a server that says SERVFAIL counts as one that says nothing (RFC
    7208 2.6.6), and takes less time."""
    pairs = [next(iter(row.items())) for row in rows if row != "TIMEOUT"]
    own = len(pairs) < len(rows) or any(kind == "TXT" for kind, _ in pairs)
    dns.records.setdefault((name, 0), [])
    there = set()
    for kind, value in pairs:
        if value == "NONE" or (kind == "SPF" and own):
            continue
        number = TYPES["TXT" if kind == "SPF" else kind]
        there.add(number)
        if value == "TIMEOUT":
            dns.failing_types.add((name, number))
        else:
            text = f"{value[0]} {value[1]}" if kind == "MX" else text_of(value)
            dns.add(name, number, text)
    if len(pairs) < len(rows):
        dns.failing_types.update((name, number) for number in set(TYPES.values()) - there)


@pytest.fixture(scope="module")
def zones() -> Iterator[list[DnsServer]]:
    """A name server for each part."""
    servers = []
    for part in PARTS:
        dns = DnsServer()
        dns.ttl = 60
        for name, rows in part["zonedata"].items():
            add(dns, str(name).lower().rstrip("."), rows)
        servers.append(dns)
    yield servers
    for dns in servers:
        dns.close()


def ask(roost: Roost, case: Case) -> dict[str, str]:
    """What `roost spf` says, by the names of its lines."""
    host = str(ipaddress.ip_address(case["host"]))
    done = roost.run("spf", host, case["mailfrom"], case["helo"])
    lines = done.stdout.splitlines()
    assert lines, done
    return {"result": lines[0], **dict(line.split(": ", 1) for line in lines[1:] if ": " in line)}


@pytest.mark.parametrize("part,name", CASES, ids=[f"{part}-{name}" for part, name in CASES])
def test_case(make_roost: Maker, zones: list[DnsServer], part: int, name: str) -> None:
    case = PARTS[part]["tests"][name]
    roost = make_roost(empty=True, DNS_SERVERS=zones[part].address, DNSSEC="off")
    said = ask(roost, case)
    wanted = case["result"] if isinstance(case["result"], list) else [case["result"]]
    assert said["result"] in wanted, (said, case)
    if "explanation" in case:
        words = said.get("explanation", DEFAULT)
        assert words == case["explanation"], (said, case)
