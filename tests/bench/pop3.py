"""POP3 beside Dovecot: the same messages in INBOX of each, the same commands in one run, in turns."""

import contextlib
import pathlib
import socket
import statistics
import time

import login
import measure
from imap_client import Client, Loader
from letters import Letters
from servers import PASSWORD, USER, Dovecot, Roost, free_port

REPEATS = 5
FETCHED = 10000
PARKED = 1000
WARM = 100
BATCH = 100


class PopDovecot(Dovecot):
    """With POP3, and its limit of connections from one address lifted."""

    def __init__(self, folder):
        super().__init__(folder)
        self.ports["pop3"] = free_port()

    def _files(self):
        super()._files()
        path = self.root / "dovecot.conf"
        path.write_text(path.read_text().replace("protocols = imap lmtp", "protocols = imap pop3 lmtp")
                        + login.LIMITS + f"""
service pop3-login {{
  inet_listener pop3 {{
    port = {self.ports['pop3']}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
""")


class PopRoost(Roost):
    def __init__(self, binary, folder):
        super().__init__(binary, folder)
        self.ports["pop3"] = free_port()


class Session:
    """A client that costs little: it looks for the end of each answer only."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.line()
        self.command(f"USER {USER}")
        self.command(f"PASS {PASSWORD}")

    def line(self):
        answer = b""
        while not answer.endswith(b"\r\n"):
            answer += self.socket.recv(4096)
        assert answer.startswith(b"+OK"), answer
        return answer

    def command(self, text):
        self.socket.sendall(text.encode() + b"\r\n")
        return self.line()

    def long(self, text, answers=1):
        """Commands with answers of many lines, all sent at once; bytes that came. Messages of the
        bench have no line that begins with a dot."""
        self.socket.sendall(text.encode())
        size, tail, ends = 0, b"", 0
        while ends < answers:
            piece = self.socket.recv(1 << 18)
            assert piece, "the server went away"
            ends += (tail[-4:] + piece).count(b"\r\n.\r\n")
            tail, size = (tail + piece)[-4:], size + len(piece)
        return size

    def close(self):
        self.socket.sendall(b"QUIT\r\n")
        self.socket.close()


def uidl_ms(server):
    with contextlib.closing(Session(server.ports["pop3"])) as s:
        begin = time.perf_counter()
        s.long("UIDL\r\n")
        return (time.perf_counter() - begin) * 1000


def login_ms(server):
    begin = time.perf_counter()
    with contextlib.closing(Session(server.ports["pop3"])):
        return (time.perf_counter() - begin) * 1000


def retrieve_rate(server, pipelined):
    """Messages a second, one command after the other, or in groups of 100."""
    group = 100 if pipelined else 1
    with contextlib.closing(Session(server.ports["pop3"])) as s:
        begin = time.perf_counter()
        for first in range(1, FETCHED + 1, group):
            s.long("".join(f"RETR {n}\r\n" for n in range(first, first + group)), group)
        return FETCHED / (time.perf_counter() - begin)


def parked_kib(server, connect):
    """Resident memory of one of many parked connections."""
    held = [connect() for _ in range(WARM)]
    before = measure.memory(server.process.pid)[0]
    held += [connect() for _ in range(PARKED)]
    time.sleep(1)
    after = measure.memory(server.process.pid)[0]
    for s in held:
        s.close()
    return (after - before) / PARKED / 1024


def greeted(server, protocol):
    """A connection before its login: a maildrop has one session at a time."""
    s = socket.create_connection(("127.0.0.1", server.ports[protocol]))
    s.recv(4096)
    return s


def bench(binary, folder, count):
    peer, roost = PopDovecot(folder), PopRoost(binary, folder)
    path, loader, rows = pathlib.Path(folder) / "letters", Loader(folder), []
    Letters().write(path, count)
    with contextlib.ExitStack() as stack:
        for server in (peer, roost):
            stack.callback(server.close)
            server.start()
            stack.callback(server.stop)
            loader.run(server, path, "INBOX", 1, BATCH, 0, count)
            server.settle()
        for name, unit, measured in (
                (f"login with {count:,} messages", "ms", login_ms),
                (f"UIDL of {count:,} messages", "ms", uidl_ms),
                (f"RETR of {FETCHED:,} messages", "messages/s", lambda s: retrieve_rate(s, False)),
                (f"RETR of {FETCHED:,} messages, 100 at a time", "messages/s",
                 lambda s: retrieve_rate(s, True))):
            figures = {peer: [], roost: []}
            measured(peer), measured(roost)
            for _ in range(REPEATS):
                for server in (peer, roost):
                    figures[server].append(measured(server))
            rows.append((name, unit, statistics.median(figures[peer]),
                         statistics.median(figures[roost])))
        for protocol in ("imap", "pop3"):
            roost.stop()
            roost.start()
            rows.append((f"a parked {protocol.upper()} connection before its login", "KiB", None,
                         parked_kib(roost, lambda p=protocol: greeted(roost, p))))
    return rows


def table(rows):
    """times: how many times as fast as Dovecot Roost is."""
    out = ["| POP3 | Dovecot | Roost | in | times |", "|---|---|---|---|---|"]
    for name, unit, peer, roost in rows:
        times = "-" if peer is None else f"{roost / peer if unit.endswith('/s') else peer / roost:.1f}"
        out.append(f"| {name} | {'-' if peer is None else f'{peer:,.1f}'} | {roost:,.1f} | {unit} "
                   f"| {times} |")
    return "\n".join(out)
