"""kill -9 at random moments: nothing that was acknowledged is lost.

ROOST_TEST_KILL_ROUNDS sets the number of rounds (8); ROOST_TEST_KILL_SEED repeats the moments
of an earlier run."""
import collections
import itertools
import os
import random
import re
import time

from conftest import Maker
from harness import load
from harness.audit import Audit
from harness.peer import until
from harness.postfix import free_port
from harness.server import LISTENERS, Roost
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
