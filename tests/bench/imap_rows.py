"""The rows of the IMAP bench: what is asked, how often, and the goals (docs/reference/benchmarks.md)."""

import contextlib
import dataclasses
import threading
import time
import typing

from letters import RARE

BIG = "Big"
RATE_REPEATS = 3
LATER = 7  # calls of what is quick, after one that is not counted
FIRST = 3  # calls that need a restart each
STORES = 400  # commands of a session; half of them undo the others


@dataclasses.dataclass
class Goal:
    text: str
    met: typing.Callable  # of Roost's figure, and how many times as fast as Dovecot that is


def at_most(n):
    return Goal(f"{n}", lambda figure, times: figure <= n)


def at_least(n):
    return Goal(f"{n:,}", lambda figure, times: figure >= n)


def times(n):
    return Goal(f"{n} times", lambda figure, as_fast: as_fast >= n)


@dataclasses.dataclass
class Row:
    name: str
    unit: str
    goal: Goal | None
    repeats: int
    measure: typing.Callable          # (bench, server) -> figure
    prepare: typing.Callable | None = None  # (bench, server), once


# name, goal, connections, messages of a command, messages of a repeat
RATES = [("APPEND, one connection", times(3), 1, 1, 600),
         ("MULTIAPPEND of 100", times(5), 1, 100, 1500),
         ("APPEND, 4 connections", times(5), 4, 1, 1200)]


# --- reading ------------------------------------------------------------------------------


def first(command):
    """After a start of the server, which has forgotten what it was asked before."""
    def measure(bench, server):
        bench.restart(server)
        with contextlib.closing(bench.client(server)) as c:
            return c.ms(command)
    return measure


def later(command):
    def measure(bench, server):
        with contextlib.closing(bench.client(server)) as c:
            c.ms(command)
            return c.ms(command)
    return measure


def select_first(bench, server):
    bench.restart(server, forget=False)
    with contextlib.closing(bench.client(server, None)) as c:
        return c.ms(f"SELECT {BIG}")


def select_later(bench, server):
    with contextlib.closing(bench.client(server)) as c:
        c.run("UNSELECT")
        return c.ms(f"SELECT {BIG}")


def bodies_rate(client):
    seconds, size = client.timed("FETCH 1:* (BODY.PEEK[])")
    return size / seconds / 1e6


def bodies_cold(bench, server):
    server.stop()
    bench.drop_caches()
    server.start()
    with contextlib.closing(bench.client(server)) as c:
        return bodies_rate(c)


def bodies_warm(bench, server):
    with contextlib.closing(bench.client(server)) as c:
        bodies_rate(c)
        return bodies_rate(c)


def both(name, command, goal):
    return [Row(name + ", first", "ms", at_most(goal), FIRST, first(command)),
            Row(name + ", later", "ms", at_most(goal), LATER, later(command))]


READS = [
    Row("SELECT, first", "ms", at_most(1), 2 * FIRST, select_first),
    Row("SELECT, later", "ms", at_most(1), 3 * LATER, select_later),
    Row("FETCH 1:* (UID FLAGS)", "ms", at_most(13), LATER, later("FETCH 1:* (UID FLAGS)")),
    *both("FETCH 1:* ENVELOPE", "FETCH 1:* (ENVELOPE)", 100),
    *both("FETCH 1:* BODYSTRUCTURE", "FETCH 1:* (BODYSTRUCTURE)", 60),
    Row("FETCH 1:* BODY.PEEK[], cold", "MB/s", at_least(300), 2, bodies_cold),
    Row("FETCH 1:* BODY.PEEK[], warm", "MB/s", at_least(600), 3, bodies_warm),
    *both("SEARCH SUBJECT, a rare word", f"SEARCH SUBJECT {RARE}", 5),
    Row("SEARCH BODY, a rare word", "ms", at_most(5), 3, later(f"SEARCH BODY {RARE}")),
    Row("SEARCH TEXT, a rare word", "ms", at_most(5), 3, later(f"SEARCH TEXT {RARE}")),
    Row("SEARCH UNSEEN", "ms", at_most(5), LATER, later("SEARCH UNSEEN")),
    *both("SORT (DATE)", "SORT (DATE) UTF-8 ALL", 20),
    *both("SORT (SUBJECT)", "SORT (SUBJECT) UTF-8 ALL", 20),
    *both("THREAD REFERENCES", "THREAD REFERENCES UTF-8 ALL", 30),
]


# --- changing -----------------------------------------------------------------------------


def store(item, flag, condstore=False):
    """Each time it is a change: what the one before did is undone first. Warm by that, too."""
    def measure(bench, server):
        with contextlib.closing(bench.client(server, None)) as c:
            if condstore:
                c.run("ENABLE CONDSTORE")
            c.run(f"SELECT {BIG}")
            c.run(f"STORE 1:* -FLAGS.SILENT ({flag})")
            return c.ms(f"STORE 1:* +{item} ({flag})")
    return measure


def store_each(item, sessions):
    """Commands a second, each for one message; every session has messages of its own."""
    def work(client, first):
        for i in range(STORES):
            sign = "+-"[i // (STORES // 2)]
            client.run(f"STORE {first + i % (STORES // 2)} {sign}{item} (\\Answered)")

    def measure(bench, server):
        with contextlib.ExitStack() as stack:
            clients = [stack.enter_context(contextlib.closing(bench.client(server)))
                       for _ in range(sessions)]
            threads = [threading.Thread(target=work, args=(c, 1 + i * STORES))
                       for i, c in enumerate(clients)]
            begin = time.perf_counter()
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            return sessions * STORES / (time.perf_counter() - begin)
    return measure


def half_delete(bench, server):
    with contextlib.closing(bench.client(server)) as c:
        for begin in range(1, bench.count, 4000):  # a line has its limits
            numbers = range(begin, min(begin + 4000, bench.count + 1), 2)
            c.run(f"STORE {','.join(map(str, numbers))} +FLAGS.SILENT (\\Deleted)")


def expunge(bench, server):
    with contextlib.closing(bench.client(server)) as c:
        return c.ms("EXPUNGE")


CHANGES = [
    Row("STORE 1:* +FLAGS", "ms", at_most(60), LATER, store("FLAGS", "\\Flagged")),
    Row("STORE 1:* +FLAGS.SILENT", "ms", at_most(30), LATER, store("FLAGS.SILENT", "\\Flagged")),
    Row("STORE 1:* +FLAGS, CONDSTORE", "ms", None, LATER, store("FLAGS", "\\Flagged", True)),
    Row("STORE 1:* +FLAGS.SILENT, CONDSTORE", "ms", None, LATER,
        store("FLAGS.SILENT", "\\Flagged", True)),
    *(Row(f"STORE n +{item}, {sessions} session{'s' * (sessions > 1)}", "commands/s", times(1), 3,
          store_each(item, sessions))
      for item in ("FLAGS", "FLAGS.SILENT") for sessions in (1, 10)),
    # Once: what is gone is gone.
    Row("EXPUNGE of half", "ms", None, 1, expunge, prepare=half_delete),
]
