"""A name server for tests: fixed records, and failures on demand (RFC 1035).

Names that are not in the zone do not exist. Over UDP a long answer is truncated, so that the
client has to come again over TCP."""
import re
import socket
import socketserver
import struct
import threading
import time

A, NS, CNAME, SOA, PTR, MX, TXT, AAAA = 1, 2, 5, 6, 12, 15, 16, 28
SRV, TLSA, CAA = 33, 52, 257
NOERROR, SERVFAIL, NXDOMAIN = 0, 2, 3
UDP_MAX = 512
HANG_UP = b""  # an answer over TCP that is none


def encode_name(name: str) -> bytes:
    """As length-prefixed labels."""
    labels = [label.encode("ascii") for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def decode_question(query: bytes) -> tuple[str, int, int]:
    """Name, type and where the question ends."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode("ascii").lower())
        at += 1 + query[at]
    return ".".join(labels), struct.unpack_from("!H", query, at + 1)[0], at + 5


def encode_data(kind: int, value: str | list[str]) -> bytes:
    """The text form of a record's data to its bytes; of TXT also the list of its strings."""
    if kind == A:
        return socket.inet_pton(socket.AF_INET, value)
    if kind == AAAA:
        return socket.inet_pton(socket.AF_INET6, value)
    if kind == MX:
        preference, _, host = value.partition(" ")
        return struct.pack("!H", int(preference)) + encode_name(host)
    if kind in (CNAME, PTR, NS):
        return encode_name(value)
    if kind == SOA:
        master, person, *numbers = value.split()
        return (encode_name(master) + encode_name(person) +
                struct.pack("!IIIII", *map(int, numbers)))
    if kind == SRV:
        priority, weight, port, host = value.split()
        return struct.pack("!HHH", int(priority), int(weight), int(port)) + encode_name(host)
    if kind == TLSA:
        usage, selector, match, digest = value.split()
        return bytes([int(usage), int(selector), int(match)]) + bytes.fromhex(digest)
    if kind == CAA:
        flags, tag, rest = value.split(" ", 2)
        return bytes([int(flags), len(tag)]) + tag.encode() + rest.strip('"').encode()
    if isinstance(value, list):
        strings = value
    elif value.startswith('"'):
        strings = re.findall(r'"([^"]*)"', value)
    else:
        strings = [value[i:i + 255] for i in range(0, len(value), 255)] or [""]
    return b"".join(bytes([len(s)]) + s.encode("latin-1") for s in strings)


class DnsServer:
    """Runs from its creation to close(). records is (name, type) -> texts; failing is a set
    of names whose queries get SERVFAIL, failing_types the
    same with a type, silent one of those that get no answer at all, slow how many seconds an
    answer takes. ttl is
    that of all records, 0: they must not be kept; negative_ttl that of denials (by a SOA record,
    RFC 2308; None: without one); authoritative: it says that it is the zone's. All may be changed at any time; queries lists what was asked."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self.host = host
        self.records: dict[tuple[str, int], list[str]] = {}
        self.failing: set[str] = set()
        self.silent: set[str] = set()
        self.slow: dict[str, float] = {}
        self.failing_types: set[tuple[str, int]] = set()
        self.queries: list[tuple[str, int]] = []
        self.ttl = 0
        self.negative_ttl: int | None = None
        self.authoritative = False
        outer = self

        class Udp(socketserver.BaseRequestHandler):
            """One datagram."""

            def handle(self) -> None:
                answer = outer.answer(self.request[0], UDP_MAX)
                if answer:
                    self.request[1].sendto(answer, self.client_address)

        class Tcp(socketserver.StreamRequestHandler):
            """Queries with two bytes of length before each."""

            def handle(self) -> None:
                while len(size := self.rfile.read(2)) == 2:
                    answer = outer.answer(self.rfile.read(struct.unpack("!H", size)[0]), 65535)
                    if answer == HANG_UP:
                        return
                    if answer:
                        self.wfile.write(struct.pack("!H", len(answer)) + answer)

        socketserver.ThreadingTCPServer.allow_reuse_address = True
        while True:  # until a port is free for both
            self._tcp = socketserver.ThreadingTCPServer((host, port), Tcp)
            self.port: int = self._tcp.server_address[1]
            try:
                self._udp = socketserver.ThreadingUDPServer((host, self.port), Udp)
                break
            except OSError:
                self._tcp.server_close()
                if port:
                    raise
        for server in (self._udp, self._tcp):
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def address(self) -> str:
        """For ROOST_DNS_SERVERS."""
        return f"{self.host}:{self.port}"

    def add(self, name: str, kind: int, *values: str) -> None:
        """Add records."""
        self.records.setdefault((name, kind), []).extend(values)

    def mail_host(self, domain: str, ip: str = "127.0.0.1", preference: int = 10) -> str:
        """An MX record for domain and an address for its host, whose name is returned."""
        host = f"mx{len(self.records)}.{domain}"
        self.add(domain, MX, f"{preference} {host}")
        self.add(host, AAAA if ":" in ip else A, ip)
        return host

    def find(self, name: str, kind: int) -> tuple[list[str], list[str]]:
        """Where aliases lead, one after the other, and what is there at the end."""
        aliases: list[str] = []
        while kind != CNAME and len(aliases) < 8 and (name, CNAME) in self.records:
            aliases.append(self.records[name, CNAME][0])
            name = aliases[-1].lower()
        return aliases, self.records.get((name, kind), [])

    def row(self, owner: bytes, kind: int, value: str) -> bytes:
        """A record of the answer."""
        data = encode_data(kind, value)
        return owner + struct.pack("!HHIH", kind, 1, self.ttl, len(data)) + data

    def answer(self, query: bytes, limit: int) -> bytes | None:
        """The whole response, or None for silence."""
        name, kind, end = decode_question(query)
        self.queries.append((name, kind))
        if name in self.silent:
            return None
        time.sleep(self.slow.get(name, 0))
        aliases, found = self.find(name, kind)
        code = NOERROR if any(n == name for n, _ in self.records) else NXDOMAIN
        if name in self.failing or (name, kind) in self.failing_types:
            found, code = [], SERVFAIL
        body, owner = b"", b"\xc0\x0c"  # the question's name (RFC 1035 4.1.4)
        for alias in aliases:
            body += self.row(owner, CNAME, alias)
            owner = encode_name(alias)
        body += b"".join(self.row(owner, kind, value) for value in found)
        denials = 0
        if not found and self.negative_ttl is not None and code != SERVFAIL:
            soa = encode_name("ns.test") + encode_name("root.test") + \
                struct.pack("!IIIII", 1, 60, 60, 600, self.negative_ttl)
            body += encode_name("") + struct.pack("!HHIH", SOA, 1, 3600, len(soa)) + soa
            denials = 1
        truncated = end + len(body) > limit
        flags = 0x8180 | code | (0x0200 if truncated else 0) | \
            (0x0400 if self.authoritative else 0)
        count = 0 if truncated else len(aliases) + len(found)
        return (query[:2] + struct.pack("!HHHHH", flags, 1, count, denials, 0) + query[12:end] +
                (b"" if truncated else body))

    def close(self) -> None:
        """Stop answering."""
        for server in (self._udp, self._tcp):
            server.shutdown()
            server.server_close()
