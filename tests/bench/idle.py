"""What an idle server holds, and how soon it is there."""

import socket
import ssl
import statistics
import time

import measure
from servers import PASSWORD, USER, Roost

CONNECTIONS = 1000
# The first ones bring the threads and code that all share.
WARM = 100


def connect_idle(server, tls, count):
    """So many logged-in IMAP sessions with INBOX selected, in IDLE."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    sockets = []
    for _ in range(count):
        s = socket.create_connection(("127.0.0.1", server.ports["imaps" if tls else "imap"]))
        s = context.wrap_socket(s) if tls else s
        f = s.makefile("rwb")
        f.readline()
        for line in (f"a LOGIN {USER} {PASSWORD}".encode(), b"b SELECT INBOX", b"c IDLE"):
            f.write(line + b"\r\n")
            f.flush()
            while not f.readline().startswith((line[:1] + b" OK", b"+ ")):
                pass
        sockets.append((s, f))
    return sockets


def bench(binary, folder):
    server = Roost(binary, folder)
    server.start()
    server.stop()
    starts = []
    for _ in range(9):
        starts.append(server.start())
        time.sleep(0.3)
        resident, anonymous = measure.memory(server.process.pid)
        server.stop()
    rows = [("start to first accept, existing store", f"{statistics.median(starts) * 1000:.0f} ms"),
            ("resident after start", f"{resident / 2**20:.1f} MiB"),
            ("of it not shared with the file", f"{anonymous / 2**20:.1f} MiB")]
    for tls in (False, True):
        server.start()
        held = []
        for count in (WARM, CONNECTIONS):
            before = measure.memory(server.process.pid)[0]
            held += connect_idle(server, tls, count)
            time.sleep(1)
        after = measure.memory(server.process.pid)[0]
        kind = "TLS" if tls else "plain"
        rows.append((f"a parked IMAP connection, {kind} ({CONNECTIONS} more after {WARM})",
                     f"{(after - before) / CONNECTIONS / 1024:.1f} KiB"))
        rows.append((f"resident with all of them, {kind}", f"{after / 2**20:.1f} MiB"))
        for s, f in held:
            f.close()
            s.close()
        server.stop()
    server.close()
    return rows


def table(rows):
    return "\n".join(["| idle | |", "|---|---|", *(f"| {a} | {b} |" for a, b in rows)])
