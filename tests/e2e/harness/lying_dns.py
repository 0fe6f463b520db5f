"""A name server that lies, breaks off, delays: what it does is the first label of the name's domain
under "test", so "x.wrongid.test" is answered as "wrongid.test"."""
import struct
import time
from typing import Callable

from harness.dns_server import CNAME, HANG_UP, DnsServer, decode_question, encode_data, encode_name

Trick = Callable[[bytes, bytes, bool], bytes | None]  # query, the true answer, over TCP


def rcode(code: int) -> Trick:
    """An answer that says only this."""
    return lambda query, true, tcp: query[:2] + struct.pack(
        "!HHHHH", 0x8180 | code, 1, 0, 0, 0) + query[12:decode_question(query)[2]]


def truncated(query: bytes) -> bytes:
    """Come again over TCP."""
    return query[:2] + struct.pack("!HHHHH", 0x8380, 1, 0, 0, 0) + query[12:decode_question(query)[2]]


def record(query: bytes, owner: bytes, kind: int, data: bytes, count: int = 1) -> bytes:
    """An answer of one record; count is what the header says of them."""
    return query[:2] + struct.pack("!HHHHH", 0x8180, 1, count, 0, 0) + \
        query[12:decode_question(query)[2]] + owner + \
        struct.pack("!HHIH", kind, 1, 0, len(data)) + data


def late(seconds: float) -> Trick:
    """The truth, but not now."""
    def trick(_query: bytes, true: bytes, _tcp: bool) -> bytes:
        time.sleep(seconds)
        return true
    return trick


def other_question(query: bytes, true: bytes, _tcp: bool) -> bytes:
    """The id is right, the question is another."""
    end = decode_question(query)[2]
    return true[:12] + encode_name("bank.example") + query[end - 4:end] + true[end:]


def loop(query: bytes, _true: bytes, _tcp: bool) -> bytes:
    """An alias of itself, whatever was asked for."""
    return record(query, b"\xc0\x0c", 5, b"\xc0\x0c")


TRICKS: dict[str, Trick] = {
    "servfail": rcode(2), "notimp": rcode(4), "refused": rcode(5),
    "formerr": lambda q, true, tcp: rcode(1)(q, true, tcp) if q[10:12] != b"\0\0" else true,
    "silent": lambda q, true, tcp: None,
    "garbage": lambda q, true, tcp: q[:2] + b"\xfe" * 60,
    "short": lambda q, true, tcp: true[:14],
    "wrongid": lambda q, true, tcp: bytes([true[0] ^ 0x55]) + true[1:],
    "noanswer": lambda q, true, tcp: true[:2] + b"\x01" + true[3:],  # a question, says the header
    "echo": lambda q, true, tcp: q, "otherquestion": other_question,
    "othername": lambda q, true, tcp: record(q, encode_name("bank.example"), 1, bytes([127, 0, 0, 1])),
    "toomany": lambda q, true, tcp: record(q, b"\xc0\x0c", 1, bytes([127, 0, 0, 1]), 500),
    "pointer": lambda q, true, tcp: record(
        q, struct.pack("!H", 0xc000 | decode_question(q)[2]), 1, bytes([127, 0, 0, 1])),
    "loop": loop,
    "tcponly": lambda q, true, tcp: true if tcp else truncated(q),
    "hangsup": lambda q, true, tcp: HANG_UP if tcp else truncated(q),
    "tcphangs": lambda q, true, tcp: None if tcp else truncated(q),
    # a TXT record of three bytes, whose string has 200
    "badtext": lambda q, true, tcp: record(q, b"\xc0\x0c", 16, b"\xc8ab"),
    "slow": late(0.3), "late": late(1), "toolate": late(50),
}


class LyingDns(DnsServer):
    """Tells the truth of every other name, and follows aliases as resolvers do."""

    def chain(self, query: bytes, limit: int) -> bytes | None:
        """An answer that leads through aliases; None: there are none."""
        name, kind, end = decode_question(query)
        body, count = b"", 0
        while kind != CNAME and (name, CNAME) in self.records:
            there = self.records[name, CNAME][0]
            data = encode_name(there)
            body += encode_name(name) + struct.pack("!HHIH", CNAME, 1, self.ttl, len(data)) + data
            name, count = there, count + 1
        if count == 0:
            return None
        for value in self.records.get((name, kind), []):
            data = encode_data(kind, value)
            body += encode_name(name) + struct.pack("!HHIH", kind, 1, self.ttl, len(data)) + data
            count += 1
        if end + len(body) > limit:
            return truncated(query)
        return query[:2] + struct.pack("!HHHHH", 0x8180, 1, count, 0, 0) + query[12:end] + body

    def answer(self, query: bytes, limit: int) -> bytes | None:
        true = self.chain(query, limit) or super().answer(query, limit)
        labels = decode_question(query)[0].split(".")
        trick = TRICKS.get(labels[-2]) if labels[-1] == "test" and len(labels) > 1 else None
        return trick(query, true or b"", limit == 65535) if trick else true
