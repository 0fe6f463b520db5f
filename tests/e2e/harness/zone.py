"""The zone file that Roost hands out, as another program reads it (RFC 1035 5)."""
import re

from harness import dns_server
from harness.dns_server import DnsServer

STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')


def records(text: str) -> list[tuple[str, str, str]]:
    """Name, type and data of each record; names without their last dot."""
    found = []
    for line in text.splitlines():
        if line and line[0] not in ";$":
            name, _, kind, data = line.split(" ", 3)
            found.append((name.rstrip("."), kind, data))
    return found


def strings(data: str) -> list[str]:
    """The strings of a TXT record's data."""
    return [re.sub(r"\\(\d{3})", lambda m: chr(int(m[1])), s).replace('\\"', '"')
            for s in STRING.findall(data)]


def publish(dns: DnsServer, text: str) -> None:
    """Put all of it into a name server."""
    for name, kind, data in records(text):
        if kind == "TXT":
            dns.add(name, dns_server.TXT, data)
        elif kind in ("A", "AAAA", "MX", "SRV", "CNAME"):
            dns.add(name, getattr(dns_server, kind), data.rstrip("."))
