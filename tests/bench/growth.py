"""Does the cost of a delivery, a SELECT, a page of FETCH or a search grow with the mailbox?"""

import pathlib
import statistics
import subprocess
import time

from imap_client import Client, Loader
from letters import RARE, Letters
from servers import USER, Roost

SIZES = [1000, 10000, 100000]
MILLION = 1000000
BLOCK = 50000  # messages that are made at once
PAGE = 50      # the last ones, as a mail program shows them
REPEATS = 20


class Growth:
    def __init__(self, binary, folder):
        self.server = Roost(binary, folder)
        self.loader = Loader(folder)
        self.file = pathlib.Path(folder) / "letters"
        self.have = 0

    def fill(self, count):
        """Up to so many messages of 500 to 1500 bytes; one in each block has the rare word."""
        while self.have < count:
            some = min(BLOCK, count - self.have)
            letters = Letters(self.have + 1, 500, 1500)
            letters.write(self.file, some, rare_at=0, first=self.have)
            self.loader.run(self.server, self.file, "INBOX", 1, 100, 0, some)
            self.have += some
        self.server.settle()

    def deliver(self, count, sessions):
        """Messages a second, by SMTP, and the CPU time of each in ms."""
        server = self.server
        cpu, begin = server.cpu.usage(), time.monotonic()
        subprocess.run(["smtp-source", "-s", str(sessions), "-m", str(count), "-l", "1024",
                        "-f", "sender@peer.example", "-t", USER,
                        f"inet:127.0.0.1:{server.ports['smtp']}"], check=True)
        rate = count / (time.monotonic() - begin)
        self.have += count
        return rate, (server.cpu.usage() - cpu) / count * 1000 if cpu is not None else float("nan")

    def asked(self):
        """ms of SELECT, of a page, of a search: the medians."""
        client = Client(self.server.ports["imap"], "INBOX")
        last = self.have
        times = [], [], []
        for _ in range(REPEATS):
            client.run("UNSELECT")
            times[0].append(client.ms("SELECT INBOX"))
            times[1].append(client.ms(
                f"FETCH {last - PAGE + 1}:{last} (UID FLAGS RFC822.SIZE ENVELOPE BODYSTRUCTURE)"))
            times[2].append(client.ms(f"SEARCH TEXT {RARE}"))
        client.close()
        return [statistics.median(t) for t in times]

    def row(self, size):
        self.fill(size - 1200)
        many, cpu_ms = self.deliver(1000, 50)
        one, _ = self.deliver(200, 1)
        self.server.settle()
        return [f"{self.have:,}", f"{many:.0f}/s", f"{cpu_ms:.2f} ms", f"{one:.0f}/s",
                *(f"{ms:.2f} ms" for ms in self.asked())]


def bench(binary, folder, sizes):
    growth = Growth(binary, folder)
    growth.server.start()
    rows = [growth.row(size) for size in sizes]
    growth.server.stop()
    growth.server.close()
    return rows, (growth.server.root / "roost.mdb").stat().st_size / 2**20


def table(rows, file_mb):
    head = ["messages in the mailbox", "delivery, 50 sessions", "its CPU", "delivery, 1 session",
            "SELECT", f"a page of {PAGE}", "SEARCH TEXT, a rare word"]
    out = [head, ["---"] * len(head), *rows]
    text = "\n".join("| " + " | ".join(row) + " |" for row in out)
    return f"{text}\n\nThe file then holds {file_mb:.0f} MiB."
