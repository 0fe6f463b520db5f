"""A great queue, a third of whose destinations are dead: how long the others' mail takes beside it."""

import dataclasses
import pathlib
import shutil
import threading
import time

import measure
from servers import USER
from smtp_servers import Load, RelayRoost, World, remove

HOLD = "define=bulk paused=yes\nto=* queue=bulk"
GO = "define=bulk\nto=* queue=bulk"
DELAY_MS = 20
SESSIONS = 20
FILL_S = 600


@dataclasses.dataclass
class Drained:
    """One start with a queue."""
    accept_s: float   # until it took connections
    first_s: float    # until the first message was out
    last_s: float     # until all that could be delivered was
    memory: int       # resident bytes, at most, with what is mapped of the store's file
    own_memory: int   # without


def fill(binary, folder, data, kind, count, destinations):
    """Into a queue that does nothing yet."""
    server = RelayRoost(binary, folder, ROOST_QUEUES=HOLD)
    server.root = pathlib.Path(data)
    with server.running():
        for sessions, messages in (1, 1), (SESSIONS, count - 1):  # the first proves the password
            Load(FILL_S).send(server.ports["submission"], sessions, messages, f"u@{kind}#.bench.test",
                        size=1024, domains=destinations, keep=100,
                        words=("-f", USER, "-a", server.auth))


class Peaks(threading.Thread):
    """The most memory that a process has meanwhile."""

    def __init__(self, pid):
        super().__init__()
        self.pid, self.most, self.ended = pid, (0, 0), threading.Event()

    def run(self):
        while not self.ended.wait(0.1):
            self.most = tuple(map(max, self.most, measure.memory(self.pid)))

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *what):
        self.ended.set()
        self.join()


def drain(binary, folder, data, count, seconds):
    server = RelayRoost(binary, folder, ROOST_QUEUES=GO)
    server.root = pathlib.Path(data)
    with World(folder, DELAY_MS) as world:
        begin = time.monotonic()
        with server.running():
            accept_s = time.monotonic() - begin
            with Peaks(server.process.pid) as peaks:
                last = world.wait(count, seconds)
            return Drained(accept_s, world.counts()[-2] - begin, last - begin, *peaks.most)


def bench(binary, folder, queued, destinations, seconds=900):
    dead, dead_destinations = queued // 3, destinations // 3
    with_dead, without = pathlib.Path(folder) / "with-dead", pathlib.Path(folder) / "without"
    fill(binary, folder, with_dead, "d", queued - dead, destinations - dead_destinations)
    shutil.copytree(with_dead, without)
    fill(binary, folder, with_dead, "x", dead, dead_destinations)
    found = [drain(binary, folder, data, queued - dead, seconds) for data in (without, with_dead)]
    remove(with_dead)
    remove(without)
    return queued, destinations, found


def table(queued, destinations, found):
    out = [f"| {queued} messages for {destinations} destinations | first accept | first delivery "
           "| all that live | times | resident, most | of it not of the file |",
           "|---|---|---|---|---|---|---|"]
    for name, f in zip(("without the dead third", "with it"), found):
        out.append(f"| {name} | {f.accept_s * 1000:.0f} ms | {f.first_s * 1000:.0f} ms "
                   f"| {f.last_s:.1f} s | {f.last_s / found[0].last_s:.2f} "
                   f"| {f.memory / 2**20:.1f} MiB | {f.own_memory / 2**20:.1f} MiB |")
    return "\n".join(out)
