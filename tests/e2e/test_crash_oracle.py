"""kill -9 with a full queue: every message ends as it has to, whatever the moments.

A few thousand messages of many kinds (harness/flood.py) wait in named queues, some held, some for
later, when the first kill comes; more come in by DATA and BDAT all the while. The sink knows of
each final answer whether it reached us: when a further command came behind it, it did.

ROOST_TEST_CRASH_ROUNDS sets the number of kills (12), ROOST_TEST_CRASH_MESSAGES how many messages
wait at first (1000), ROOST_TEST_CRASH_SEED repeats the moments of an earlier run, and
ROOST_TEST_CRASH_REPORT names a file for the figures."""
import collections
import os
import random
import time
from typing import Any, Iterator

import pytest

from conftest import Maker
from harness import flood, load, mail
from harness.api import as_owner
from harness.dns_server import DnsServer
from harness.flood import DOMAINS, KINDS, Promises
from harness.peer import until
from harness.ports import free_port
from harness.server import LISTENERS, Roost, address
from harness.small_disk import CannotMount, SmallDisk
from harness.smtp_sink import Received, Sink

ROUNDS = int(os.environ.get("ROOST_TEST_CRASH_ROUNDS", "12"))
MESSAGES = int(os.environ.get("ROOST_TEST_CRASH_MESSAGES", "1000"))
SEED = int(os.environ.get("ROOST_TEST_CRASH_SEED", str(random.randrange(1 << 30))))

QUEUES = ("define=bulk concurrency=2 retry=1s,2s; define=rest retry=1s,2s{paused}; "
          "to=hold.test hold=yes; to=bulk.test queue=bulk; from=* queue=rest")
HOLD = "hold.test"


class Picky(Sink):
    """Refuses some recipients for good, some at first; takes its time for an answer."""

    def __init__(self) -> None:
        super().__init__()
        self.pause_s = 0.01
        self._asked: set[str] = set()

    def take(self, verb: str, argument: str) -> str | None:
        if verb == "RCPT" and argument.startswith("no"):
            return "550 5.1.1 there is no such user"
        if verb == "RCPT" and argument.startswith("later") and argument not in self._asked:
            self._asked.add(argument)
            return "450 4.2.1 later"
        return super().take(verb, argument)


@pytest.fixture
def picky() -> Iterator[Picky]:
    """One."""
    sink = Picky()
    yield sink
    sink.close()


class Verdict:
    """What became of everything, counted while it is checked."""

    def __init__(self, promises: Promises, sink: Sink, kills: list[float]):
        self.promises, self.sink, self.kills = promises, sink, kills
        self.rows: collections.Counter[str] = collections.Counter()
        self.came: dict[int, dict[str, list[Received]]] = {}

    def sink_saw(self) -> None:
        """By number and recipient, what the sink said 250 to."""
        for got in list(self.sink.messages):
            n = flood.number_of(got.header("Message-ID"))
            assert n in self.promises.tried, f"never sent: {got.header('Subject')!r}"
            assert got.data.endswith(flood.body_of(n)), f"{n} is not what it was"
            assert got.reply.startswith("250")
            for rcpt in got.rcpts:
                self.came.setdefault(n, {}).setdefault(rcpt, []).append(got)

    def copies(self, n: int) -> None:
        """Each remote recipient has it, and again only when an answer was cut off by a kill."""
        wanted, came = flood.wanted_copies(n), self.came.get(n, {})
        if n not in self.promises.kept and not came:
            return
        assert set(came) == set(wanted), f"{n} ({flood.kind_of(n).name}): {set(came)}"
        for rcpt, copies in came.items():
            self.rows["deliveries to others"] += 1
            for first, again in zip(copies, copies[1:]):
                assert not first.followed, \
                    f"{n} came to {rcpt} again, though we had the answer to it"
                assert any(first.begun < kill < again.at for kill in self.kills), \
                    f"{n} came to {rcpt} again, and there was no kill"
                self.rows["again, the answer cut off by a kill"] += 1
            held = flood.kind_of(n).hold_s
            assert copies[0].at > self.promises.tried[n] + held - 1, f"{n} came before its time"

    def here(self, found: collections.Counter[int]) -> None:
        """bob has each of his once; all of a message is accepted or nothing is."""
        for n in self.promises.tried:
            wanted = flood.wanted_here(n)
            if n not in self.promises.kept and found[n] == 0 and n not in self.came:
                continue
            assert found[n] == wanted, f"bob has {found[n]} of {n} ({flood.kind_of(n).name})"
            self.rows["deliveries here"] += wanted
        assert set(found) <= set(self.promises.tried)

    def reports(self, raws: list[bytes], full_disk: bool) -> None:
        """alice is told what she asked for, once; where the disk was full, not of each success."""
        found: dict[int, collections.Counter[tuple[str, str]]] = {}
        for raw in raws:
            n, groups = flood.told(raw)
            found.setdefault(n, collections.Counter()).update(groups)
        for n in self.promises.tried:
            wanted, got = flood.wanted_reports(n), found.pop(n, collections.Counter())
            if n not in self.promises.kept and not got and n not in self.came:
                continue
            missing = {key for key in wanted - got if full_disk and key[0] == "relayed"}
            assert got + collections.Counter(missing) == wanted, \
                f"{n} ({flood.kind_of(n).name}): {got} instead of {wanted}"
            for action, _ in got:
                self.rows[f"told: {action}"] += 1
            self.rows["not told, for want of room: relayed"] += len(missing)
        assert not found, f"reports about nothing: {found}"

    def history(self, rows: list[dict[str, object]]) -> None:
        """Each recipient has one row, in which the end is as it was."""
        ends = collections.Counter((r["message"], r["to"], r["delivered"]) for r in rows)
        assert max(ends.values()) == 1, [end for end, count in ends.items() if count > 1][:5]
        delivered = sum(end[2] is True and not str(end[1]).endswith("@example.org")
                        for end in ends)
        assert delivered == self.rows["deliveries to others"]
        self.rows["rows of the history"] = len(rows)


def numbers_of_bob(roost: Roost) -> collections.Counter[int]:
    """The numbers of the messages in his mailbox."""
    m = mail.mailbox(roost, "bob")
    status, data = m.uid("FETCH", "1:*", "(BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")
    assert status == "OK"
    m.logout()
    return collections.Counter(flood.number_of(part[1].decode()) for part in data
                               if isinstance(part, tuple))


def pages(api, path: str) -> list[dict[str, object]]:  # type: ignore[no-untyped-def]
    """All of a list."""
    rows, after = [], None
    while True:
        page = api.get(path, limit=500, **({"after": after} if after else {}))
        rows += page["items"]
        after = page["next"]
        if after is None:
            return rows


def release_held(roost: Roost) -> int:
    """Let go of what the rule holds; the number of entries."""
    held = [line.split()[0] for line in roost.cli("queue", "list").splitlines()
            if line.endswith(", held")]
    for entry in held:
        roost.cli("queue", "release", entry)
    return len(held)


def make_server(make: Maker, dns: DnsServer, sink: Sink, **settings: Any) -> Roost:
    """One that the flood can begin at, and whose mail the sink gets."""
    for name in (*(f"d{n}.test" for n in range(DOMAINS)), "bulk.test", HOLD):
        dns.mail_host(name)
    ports = {f"LISTEN_{name.upper()}": f"127.0.0.1:{free_port()}" for name in LISTENERS}
    usual = {"QUEUE_RETRY": "1s", "QUEUE_RETRY_MAX": "2s", "QUEUE_SUPPRESS_DAYS": "30",
             "SRS": "off", "LIMITS": ""}
    roost = make(DNS_SERVERS=dns.address, SMTP_OUT_PORT=str(sink.port), **usual, **ports,
                 **settings).start()
    roost.cli("alias", "add", address("away"), "away@d3.test", address("bob"))
    return roost


def make_workers(roost: Roost, promises: Promises, gate: load.Gate, oracle: load.Oracle,
                 tolerant: bool) -> list[load.Worker]:
    """Two who send as alice, and one from outside."""
    works = (flood.flood(promises, gate, False, 0), flood.flood(promises, gate, False, 0),
             flood.flood(promises, gate, True, 0.02))
    workers = [load.Worker(roost, gate, oracle, work, tolerant) for work in works]
    gate.all_back(len(workers))
    gate.set(True)
    return workers


def judge(roost: Roost, sink: Sink, promises: Promises, kills: list[float]) -> Verdict:
    """When all that is not held has gone, and then the rest too: is everything as it has to be?"""
    until(lambda: all(line.endswith(", held") for line in roost.cli("queue", "list").splitlines()
                      if line[:1].isdigit()), 240, "a queue with nothing but what is held")
    assert not any(m.rcpts[0].endswith(HOLD) for m in sink.messages)
    assert release_held(roost) > 0
    until(lambda: roost.cli("queue", "list") == "", 60, "an empty queue")
    verdict = Verdict(promises, sink, kills)
    verdict.rows.update({"messages acknowledged": len(promises.kept),
                         "not acknowledged": len(promises.tried) - len(promises.kept)})
    verdict.sink_saw()
    for n in promises.tried:
        verdict.copies(n)
    verdict.here(numbers_of_bob(roost))
    verdict.reports(mail.inbox(roost), not kills)
    verdict.history(pages(as_owner(roost), "/deliveries"))
    return verdict


def test_kill_with_a_full_queue(make_roost: Maker, dns: DnsServer, picky: Picky) -> None:
    chance = random.Random(SEED)
    print(f"ROOST_TEST_CRASH_SEED={SEED}")
    promises, gate, oracle = Promises(), load.Gate(), load.Oracle()
    roost = make_server(make_roost, dns, picky, QUEUES=QUEUES.format(paused=" paused=yes"))
    workers = make_workers(roost, promises, gate, oracle, False)
    until(lambda: len(promises.kept) >= MESSAGES or oracle.surprises, 120, "a full queue")
    kills: list[float] = []
    for _ in range(ROUNDS):
        roost.kill()
        kills.append(time.monotonic())
        gate.set(False)
        gate.all_back(len(workers))
        roost.settings["QUEUES"] = QUEUES.format(paused="")
        if chance.random() < 0.2:  # amid its start
            roost.spawn()
            time.sleep(chance.uniform(0, 0.1))
            roost.kill()
        roost.fsck()
        roost.start()
        gate.set(True)
        time.sleep(chance.uniform(0.05, 1))
    gate.set(False, ended=True)
    assert oracle.surprises == [], oracle.surprises[:5]
    tell(judge(roost, picky, promises, kills).rows, promises)


@pytest.mark.skipif(os.getuid() != 0, reason="mounting a small disk needs root")
@pytest.mark.full("Slow: fills a disk and a queue of thousands of messages")
def test_disk_full_with_a_full_queue(make_roost: Maker, dns: DnsServer, picky: Picky) -> None:
    """The same mail, on a disk that fills up while the queue works: what is refused is refused
    whole, nothing is sent or told twice, and the rest goes its way when there is room again."""
    try:
        disk = SmallDisk("tmpfs", 96)
    except CannotMount as e:
        pytest.skip(f"NOT TESTED: a full disk with a full queue, since mounting fails: {e}")
    try:
        disk.fill(40)
        folder = disk.root / "data"
        folder.mkdir()
        promises, gate, oracle = Promises(), load.Gate(), load.Oracle()
        roost = make_server(make_roost, dns, picky, folder=folder, QUEUES=QUEUES.format(paused=""))
        make_workers(roost, promises, gate, oracle, True)
        until(lambda: oracle.refusals or oracle.surprises, 60, "a full disk")
        time.sleep(12)  # what was sent meanwhile is still to be noted then, and not sent again
        kept = len(promises.kept)
        disk.drain()
        until(lambda: len(promises.kept) > kept + 100, 30, "work")
        gate.set(False, ended=True)
        assert oracle.surprises == [], oracle.surprises[:5]
        assert not [x for x in oracle.refusals if "4.3.1" not in x and "4.3.0" not in x]
        verdict = judge(roost, picky, promises, [])
        print(f"{len(oracle.refusals)} refusals, {dict(verdict.rows)}")
        roost.finish()
    finally:
        roost.abandon()
        disk.close()


def tell(rows: collections.Counter[str], promises: Promises) -> None:
    """The table."""
    kinds = collections.Counter(flood.kind_of(n).name for n in promises.kept)
    assert all(kinds[kind.name] for kind in KINDS), kinds
    text = "\n".join([f"{ROUNDS} kills, {MESSAGES} messages before the first, seed {SEED}", "",
                      "| | |", "|---|---|", *(f"| {k} | {v:,} |" for k, v in rows.items()),
                      *(f"| of them: {k} | {v:,} |" for k, v in kinds.items()), ""])
    print(text)
    if "ROOST_TEST_CRASH_REPORT" in os.environ:
        with open(os.environ["ROOST_TEST_CRASH_REPORT"], "w", encoding="utf-8") as f:
            f.write(text)
