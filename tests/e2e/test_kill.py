"""kill -9 at random moments: nothing that was acknowledged is lost. After a power cut no
mod-sequence is given twice.

ROOST_TEST_KILL_ROUNDS sets the number of rounds (8); ROOST_TEST_KILL_SEED repeats the moments
of an earlier run."""
import collections
import itertools
import os
import random
import re
import time

from conftest import Maker
from harness import load, mail
from harness.api import as_owner
from harness.audit import Audit
from harness.dns_server import DnsServer
from harness.peer import ImapPeer, until
from harness.ports import free_port
from harness.server import LISTENERS, PASSWORDS, Roost, address
from harness.smtp_sink import Sink

ROUNDS = int(os.environ.get("ROOST_TEST_KILL_ROUNDS", "8"))
SEED = int(os.environ.get("ROOST_TEST_KILL_SEED", str(random.randrange(1 << 30))))
WORK = [load.deliver] * 3 + [load.append_and_move] * 2 + [load.flag] * 2 + [load.submit] * 2
CONNECTIONS = 5  # to one destination at a time: LIMIT_smtp_out_per_destination


def duplicates(sink: Sink, roost: Roost, kills: list[float]) -> int:
    """How many messages came again. Each may only because a kill hit between the sink's 250
    and our note of it: a kill lies between the two, and only one of them was noted. The first
    counts from when its connection began: the sink may see its end after the kill."""
    times = collections.defaultdict(list)
    for got in list(sink.messages):
        times[got.header("Subject")].append((got.begun, got.at))
    noted = collections.Counter(found.group(1) for log in roost.logs for line in log.lines
                                if (found := re.search(r" queue_delivered .*taken (\S+)\"", line)))
    for word, moments in times.items():
        for (begun, _), (_, again) in itertools.pairwise(moments):
            assert any(begun < kill < again for kill in kills), f"{word} came again by itself"
        assert noted[word] <= 1, f"{word} was noted as delivered and came again"
    assert len(noted) > len(times) // 2, "the log does not say what was delivered"
    count = sum(len(moments) - 1 for moments in times.values())
    assert count <= len(kills) * CONNECTIONS, "more than can have been on their way"
    return count


def test_kill_at_random_moments(make_sender: Maker, sink: Sink) -> None:
    chance = random.Random(SEED)
    print(f"ROOST_TEST_KILL_SEED={SEED}")
    roost = make_sender(**{f"LISTEN_{name.upper()}": f"127.0.0.1:{free_port()}"
                           for name in LISTENERS})
    gate, oracle, kills = load.Gate(), load.Oracle(), []
    audit = Audit(roost, oracle)
    roost.start()
    workers = [load.Worker(roost, gate, oracle, work) for work in WORK]
    for _ in range(ROUNDS):
        gate.all_back(len(workers))
        audit.look()
        gate.set(True)
        time.sleep(chance.uniform(0.05, 0.6))
        roost.kill()  # in the midst of it
        kills.append(time.monotonic())
        gate.set(False)
        gate.all_back(len(workers))
        roost.fsck()
        roost.start()
    gate.set(False, ended=True)
    audit.whole()
    until(lambda: roost.cli("queue", "list") == "", 60, "an empty queue")
    arrived = {got.header("Subject") for got in sink.messages}
    lost = oracle.acknowledged.get("submit", set()) - arrived
    assert not lost, f"acknowledged and never sent: {sorted(lost)[:5]}"
    assert arrived <= oracle.tried["submit"]
    again = duplicates(sink, roost, kills)
    counts = ", ".join(f"{len(words)} {kind}" for kind, words in oracle.acknowledged.items())
    summary = (f"{ROUNDS} rounds, seed {SEED}: acknowledged {counts}; {len(sink.messages)} came "
               f"to the sink, {again} of them again after a kill between its 250 and our note")
    print(summary)
    if "ROOST_TEST_KILL_REPORT" in os.environ:
        with open(os.environ["ROOST_TEST_KILL_REPORT"], "w", encoding="utf-8") as f:
            f.write(summary + "\n")
    for kind in ("deliver", "append", "move", "submit"):
        assert len(oracle.acknowledged.get(kind, ())) > ROUNDS, f"there was hardly any {kind}"


def test_kill_amid_entries_for_here_and_elsewhere(make_roost: Maker, sink: Sink) -> None:
    """What goes out later is one entry, who is here among them, and is taken in as one: what the
    smarthost took and we had no time to note goes there again, and into the mailbox here once,
    whoever else leads there."""
    chance = random.Random(SEED)
    print(f"ROOST_TEST_KILL_SEED={SEED}")
    sink.pause_s = 0.02
    roost = make_roost(SMARTHOST=f"smtp://127.0.0.1:{sink.port}", QUEUE_RETRY="1s",
                       QUEUE_RETRY_MAX="2s").start()
    roost.cli("alias", "add", "both@example.org", "bob@example.org", "x@example.net")
    words: list[str] = []
    kills: list[float] = []
    for number in range(ROUNDS):
        came = len(sink.messages)
        for i in range(4):
            words.append(f"both{number}-{i}")
            with mail.submission(roost) as s:
                s.sendmail("alice@example.org",
                           ["x@example.net", "bob+a@example.org", "both@example.org"],
                           mail.letter(words[-1], sender="alice@example.org"), ["HOLDFOR=1"])
        waits = [entry for entry in as_owner(roost).get("/queue")["items"]
                 if entry["destination"] == "@(later)"]
        assert waits and all(len(entry["to"]) == 3 for entry in waits)
        sink.wait(came + 1)  # and has no answer yet, in the first round
        time.sleep(chance.uniform(0, 0.08) if number else 0)
        roost.kill()
        kills.append(time.monotonic())
        roost.fsck()
        roost.start()
    until(lambda: roost.cli("queue", "list") == "", 60, "an empty queue")
    here = collections.Counter(mail.parse(raw)["Subject"] for raw in mail.inbox(roost, "bob"))
    assert here == collections.Counter(words)
    assert all(got.rcpts == ["x@example.net"] for got in sink.messages)
    assert {got.header("Subject") for got in sink.messages} == set(words)
    assert duplicates(sink, roost, kills) > 0


def test_kill_with_queues_routes_history_and_limits(make_sender: Maker, dns: DnsServer,
                                                    sink: Sink) -> None:
    """What belongs together is there together: who has left is in the history once, who does not
    exist has one bounce and is suppressed, and what is counted is what is there."""
    chance = random.Random(SEED)
    print(f"ROOST_TEST_KILL_SEED={SEED}")
    dns.mail_host("example.com")
    gone = Sink()
    gone.always("RCPT", "550 5.1.1 who is that")
    roost = make_sender(
        QUEUES="define=slow concurrency=1; to=example.com queue=slow; each=account most=100000",
        ROUTES="to=gone.example via=bad", RELAYS=f"name=bad to=smtp://127.0.0.1:{gone.port}",
        QUEUE_SUPPRESS_DAYS="3", QUEUE_MAX_MESSAGES="100000").start()
    rcpts: list[str] = []
    for number in range(max(ROUNDS // 2, 2)):
        for i in range(8):
            to = [f"r{number}-{i}@{domain}" for domain in
                  ("example.net", "example.com", "gone.example")]
            mail.submit(roost, mail.letter(to[0], sender="alice@example.org"), to)
            rcpts += to
        time.sleep(chance.uniform(0, 0.3))
        roost.kill()
        roost.fsck()
        roost.start()
    api = as_owner(roost)
    until(lambda: api.get("/queue")["items"] == [], what="an empty queue", seconds=60)
    past = api.get("/deliveries", limit=200)["items"]
    assert sorted(row["to"] for row in past) == sorted(rcpts)
    for row in past:
        assert row["delivered"] != row["to"].endswith("@gone.example")
        assert row["queue"] == ("slow" if row["to"].endswith("@example.com") else "")
        assert row["route"] == ("" if row["delivered"] else "bad")
    lost = sorted(rcpt for rcpt in rcpts if rcpt.endswith("@gone.example"))
    assert sorted(row["address"] for row in api.get("/suppressed", limit=200)["items"]) == lost
    bounces = b"".join(until(lambda: mail.inbox(roost), what="bounces"))
    for rcpt in lost:
        assert bounces.count(f"Final-Recipient: rfc822; {rcpt}".encode()) == 1
    taken = {rcpt for got in sink.messages for rcpt in got.rcpts}
    assert taken == {rcpt for rcpt in rcpts if rcpt not in lost}
    roost.fsck()
    gone.close()


def modseqs(got: list[str]) -> list[int]:
    """Of the FETCH responses among them."""
    return [int(n) for line in got for n in re.findall(r"MODSEQ \((\d+)\)", line)]


def test_power_cut_gives_no_modseq_twice(make_roost: Maker) -> None:
    """A power cut may take back flags of a client without CONDSTORE, but another client has seen
    their mod-sequence: no other change may get it (RFC 7162 3.1)."""
    roost = make_roost().start()
    journal = roost.folder / "roost.journal"
    for _ in range(10):
        plain, other = (ImapPeer(roost.ports["imaps"], tls=True) for _ in range(2))
        for peer in plain, other:
            peer.login(address("alice"), PASSWORDS["alice"])
        for i in range(20):  # until commits go into the journal
            plain.ok(f"APPEND INBOX {{3+}}\r\n{i:03}")
        plain.ok("SELECT INBOX")
        other.ok("SELECT INBOX (CONDSTORE)")
        before = journal.read_bytes()
        plain.ok("STORE 1 +FLAGS.SILENT (\\Flagged)")
        told = max(modseqs(other.ok("NOOP")))
        roost.kill()
        journal.write_bytes(before)  # what a disk may have that was never told to sync
        roost.start()
        with ImapPeer(roost.ports["imaps"], tls=True) as peer:
            peer.login(address("alice"), PASSWORDS["alice"])
            selected = "".join(peer.ok("SELECT INBOX (CONDSTORE)"))
            lost = peer.ok("SEARCH FLAGGED")[0] == "* SEARCH"
            peer.ok("STORE 1 -FLAGS.SILENT (\\Flagged)")
            after = max(modseqs(peer.ok("STORE 2 +FLAGS (\\Answered)")))
            peer.ok("STORE 2 -FLAGS.SILENT (\\Answered)")
        if lost:  # else it had reached the tree before the copy was made
            break
    assert lost
    assert after > told
    assert int(re.findall(r"HIGHESTMODSEQ (\d+)", selected)[0]) >= told
