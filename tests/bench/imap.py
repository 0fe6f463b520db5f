"""IMAP beside Dovecot: the same messages in one mailbox of each, the same commands in one run.

Both servers are up all the time and asked in turns, so that what else the machine does meets both. A
row is the median of its repeats, each after one that is not counted where it says so ("later"); a
command's time is from its first byte to the last one of its tagged reply. imap_rows.py has the rows,
imap_idle.py who waits."""

import contextlib
import dataclasses
import pathlib
import statistics
import subprocess
import sys
import time

import imap_idle
import imap_rows
import login
from imap_client import Client, Loader
from letters import Letters
from servers import Dovecot, Roost
from tree import Tree

BIG = imap_rows.BIG
BATCH = 100
SEARCH_SPACE = 36  # app/model/store/spaces.def
SPARE = 10000  # messages besides those in the mailbox, for the rates of APPEND


class ManyDovecot(Dovecot):
    """Its limit of connections from one address lifted, too."""

    def _files(self):
        super()._files()
        with open(self.root / "dovecot.conf", "a") as f:
            f.write(login.LIMITS)


@dataclasses.dataclass
class Line:
    """A line of the table: what Dovecot and Roost did, in the row's unit."""
    name: str
    unit: str
    goal: imap_rows.Goal | None
    peer: float | None
    roost: float | None


class Bench:
    def __init__(self, binary, folder, count):
        self.folder, self.count = pathlib.Path(folder), count
        self.peer, self.roost = ManyDovecot(folder), Roost(binary, folder)
        self.servers = [self.peer, self.roost]
        self.letters = self.folder / "letters"
        self.loader = Loader(folder)
        self.lines = []

    def load(self, server, *what):
        return self.loader.run(server, self.letters, *what)

    def client(self, server, select=BIG):
        return Client(server.ports["imap"], select)

    def restart(self, server, forget=True):
        server.stop()
        if forget:
            server.forget()
        server.start()

    @staticmethod
    def drop_caches():
        """What the system has in memory of files."""
        with contextlib.suppress(OSError):
            subprocess.run(["sync"], check=True)
            pathlib.Path("/proc/sys/vm/drop_caches").write_text("3")

    # --- the parts of a run ---

    def run(self):
        self._letters()
        with contextlib.ExitStack() as stack:
            for server in self.servers:
                stack.callback(server.close)
                server.start()
                stack.callback(server.stop)
            self._measure()
        return self.lines

    def _measure(self):
        self._fill()
        for row in imap_rows.READS:
            self._row(row)
        self._rates()
        for row in imap_rows.CHANGES:
            self._row(row)
        self._idle()

    def _letters(self):
        self.say("messages")
        sizes = Letters().write(self.letters, self.count + SPARE, rare_at=self.count // 3)
        self.text_bytes = sum(sizes[:self.count])

    def _rates(self):
        """Each time other messages, into a new mailbox: the same ones would be stored once."""
        first = self.count
        for name, goal, connections, batch, count in imap_rows.RATES:
            self.say(name)
            figures = {server: [] for server in self.servers}
            for i in range(imap_rows.RATE_REPEATS):
                for server in self.servers:
                    with contextlib.closing(self.client(server, None)) as c:
                        c.run(f"CREATE Small{first}")
                    figures[server].append(self.load(server, f"Small{first}", connections, batch,
                                                     first, count))
                    server.settle()
                first += count
            self._medians(name, "messages/s", goal, figures)

    def _fill(self):
        work = self.roost.index_seconds()
        for server in self.servers:
            self.say(f"{self.count} messages into {server.name}")
            with contextlib.closing(self.client(server, None)) as c:
                c.run(f"CREATE {BIG}")
            self.load(server, BIG, 1, BATCH, 0, self.count)
            server.settle()
        work = self.roost.index_seconds() - work
        self.roost.stop()
        size = Tree(self.roost.root / "roost.mdb").space_bytes(SEARCH_SPACE)
        self.roost.start()
        self._line("index, its work", "ms of CPU a message", imap_rows.at_most(1), None,
                   work * 1000 / self.count)
        self._line("index, its size", "% of the text", imap_rows.at_most(25), None,
                   size * 100 / self.text_bytes)

    def _row(self, row):
        self.say(row.name)
        figures = {server: [] for server in self.servers}
        for server in self.servers * bool(row.prepare):
            row.prepare(self, server)
        for _ in range(row.repeats):
            for server in self.servers:
                figures[server].append(row.measure(self, server))
        self._medians(row.name, row.unit, row.goal, figures)

    def _idle(self):
        self.say("sessions in IDLE")
        self._line(f"{imap_idle.SESSIONS:,} in IDLE, until the last hears of a message", "ms",
                   imap_rows.at_most(50), None, imap_idle.last_ms(self.roost, BIG))

    # --- results ---

    def _medians(self, name, unit, goal, figures):
        self._line(name, unit, goal, *(statistics.median(figures[s]) for s in self.servers))

    def _line(self, *fields):
        self.lines.append(Line(*fields))

    @staticmethod
    def say(what):
        print(time.strftime("%H:%M:%S"), what, file=sys.stderr)


def login_lines(rows, encrypted):
    """Of the table of login.py: the most at a time that all were asked for."""
    most = {name: figures[-1] for name, figures in rows}
    roost = most["Roost"]
    return [Line("logins, Dovecot as shipped", "a second", None, most["Dovecot as shipped"], roost),
            Line("logins, Dovecot's fast mode", "a second", imap_rows.at_least(5000),
                 most["Dovecot, fast"], roost),
            Line("logins with TLS, full handshakes", "a second", None, None, encrypted[1])]


def bench(binary, folder, count):
    lines = Bench(binary, folder, count).run()
    Bench.say("logins")
    scratch = pathlib.Path(folder) / "logins"
    scratch.mkdir()
    lines += login_lines(*login.bench(binary, scratch))
    return lines


def figure(value):
    return "-" if value is None else f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def table(lines):
    """times: how many times as fast as Dovecot Roost is."""
    out = ["| work | Dovecot | Roost | in | times | goal | |", "|---|---|---|---|---|---|---|"]
    for line in lines:
        times = None
        if line.peer and line.roost:
            times = line.roost / line.peer if line.unit.endswith(("/s", "second")) \
                else line.peer / line.roost
        goal, met = "", ""
        if line.goal:
            goal = line.goal.text
            met = "met" if line.goal.met(line.roost, times) else "**missed**"
        out.append(f"| {line.name} | {figure(line.peer)} | {figure(line.roost)} | {line.unit} | "
                   f"{'-' if times is None else f'{times:.1f}'} | {goal} | {met} |")
    return "\n".join(out)
