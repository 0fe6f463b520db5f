"""Logins a second: connect, greeting, LOGIN, its OK, gone; one user again and again.

The load is login_load.c, compiled here. Dovecot as it is shipped, which starts processes for each
login, and in the mode that its documentation calls high performance."""

import multiprocessing
import pathlib
import socket
import ssl
import subprocess
import time

from servers import PASSWORD, USER, Dovecot, Roost

HERE = pathlib.Path(__file__).parent
CONNECTIONS = (1, 4, 16)
SECONDS = 3
LIMITS = """
mail_max_userip_connections = 0
service auth {
  client_limit = 8000
}
"""
FAST = """
auth_cache_size = 10M
service imap-login {
  service_count = 0
  process_min_avail = 2
}
service imap {
  service_count = 1000
  process_min_avail = 4
  process_limit = 4096
}
"""


class ShippedDovecot(Dovecot):
    name = "Dovecot as shipped"
    more = LIMITS

    def _files(self):
        super()._files()
        with open(self.root / "dovecot.conf", "a") as f:
            f.write(self.more)


class FastDovecot(ShippedDovecot):
    name = "Dovecot, fast"
    more = LIMITS + FAST


def load(tool, server, connections):
    """The best of two: what disturbs only slows down."""
    words = [tool, str(server.ports["imap"]), str(connections), str(SECONDS), USER, PASSWORD]
    return max(float(subprocess.run(words, check=True, capture_output=True).stdout)
               for _ in range(2))


def tls_worker(port, login, until, count):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    while time.monotonic() < until:
        with socket.create_connection(("127.0.0.1", port)) as raw, context.wrap_socket(raw) as s:
            s.recv(4096)
            if login:
                s.sendall(f"a LOGIN {USER} {PASSWORD}\r\n".encode())
                assert b"a OK" in s.recv(4096)
        with count.get_lock():
            count.value += 1


def tls(server, login):
    """New sessions a second by four of Python's clients, whose own work is in it."""
    count, begin = multiprocessing.Value("i", 0), time.monotonic()
    workers = [multiprocessing.Process(target=tls_worker, args=(
        server.ports["imaps"], login, begin + SECONDS, count)) for _ in range(4)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    return count.value / (time.monotonic() - begin)


def bench(binary, folder):
    tool = str(pathlib.Path(folder) / "login_load")
    subprocess.run(["cc", "-O2", "-o", tool, HERE / "login_load.c", "-lpthread"], check=True)
    rows, encrypted = [], None
    for kind in (lambda: Roost(binary, folder), lambda: ShippedDovecot(folder),
                 lambda: FastDovecot(pathlib.Path(folder) / "fast")):
        server = kind()
        server.root.parent.mkdir(exist_ok=True)
        server.start()
        try:
            rows.append((server.name, [load(tool, server, n) for n in CONNECTIONS]))
            if isinstance(server, Roost):
                encrypted = tls(server, False), tls(server, True)
        finally:
            server.stop()
            server.close()
    return rows, encrypted


def table(rows, encrypted):
    lines = ["| logins a second, plain | " +
             " | ".join(f"{n} at a time" for n in CONNECTIONS) + " |", "|---|---|---|---|"]
    lines += [f"| {name} | " + " | ".join(f"{v:,.0f}" for v in values) + " |"
              for name, values in rows]
    lines += ["", "| Roost with TLS, full handshakes | a second |", "|---|---|",
              f"| handshake and greeting | {encrypted[0]:,.0f} |",
              f"| the same and a login | {encrypted[1]:,.0f} |"]
    return "\n".join(lines)


if __name__ == "__main__":
    import sys
    import tempfile
    with tempfile.TemporaryDirectory(prefix="roost-bench-") as scratch:
        print(table(*bench(sys.argv[1], scratch)))
