"""Does the cost of a delivery or a SELECT grow with the mailbox?"""

import imaplib
import statistics
import subprocess
import time

from servers import PASSWORD, USER, Roost

SIZES = (1000, 10000, 100000)


def load(server, count, sessions=50):
    """(messages/s, CPU ms a message)"""
    cpu, begin = server.cpu.usage(), time.monotonic()
    subprocess.run(["smtp-source", "-s", str(sessions), "-m", str(count), "-l", "1024",
                    "-f", "sender@peer.example", "-t", USER,
                    f"inet:127.0.0.1:{server.ports['smtp']}"], check=True)
    rate = count / (time.monotonic() - begin)
    return rate, (server.cpu.usage() - cpu) / count * 1000 if cpu is not None else float("nan")


def select_ms(server):
    imap = imaplib.IMAP4("127.0.0.1", server.ports["imap"])
    imap.login(USER, PASSWORD)
    times = []
    for _ in range(20):
        begin = time.monotonic()
        imap.select("INBOX", readonly=True)
        times.append((time.monotonic() - begin) * 1000)
        imap.unselect() if hasattr(imap, "unselect") else imap.close()
    imap.logout()
    return statistics.median(times)


def bench(binary, folder):
    server = Roost(binary, folder)
    server.start()
    rows, have = [], 0
    for size in SIZES:
        load(server, size - have - 1000 if size - have > 1000 else 1)
        many, cpu_ms = load(server, 1000)
        one, _ = load(server, 200, sessions=1)
        have = size
        rows.append((size, many, cpu_ms, one, select_ms(server)))
    file_mb = (server.root / "roost.mdb").stat().st_size / 2**20
    server.stop()
    server.close()
    return rows, file_mb


def table(rows, file_mb):
    out = ["| messages in the mailbox | delivery, 50 sessions | its CPU | delivery, 1 session | SELECT |",
           "|---|---|---|---|---|"]
    out += [f"| {n} | {many:.0f}/s | {cpu:.2f} ms | {one:.0f}/s | {ms:.2f} ms |"
            for n, many, cpu, one, ms in rows]
    return "\n".join(out) + f"\n\nThe file then holds {file_mb:.0f} MiB."
