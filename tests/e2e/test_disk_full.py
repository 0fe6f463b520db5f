"""A full disk: temporary errors, nothing lost, and on it goes when there is room again.

Needs root, to mount a small disk. ROOST_TEST_DISK_FULL_REPORT names a file for the figures.

Slow: a small disk is filled by mail, twice.
"""
import collections
import os
from pathlib import Path
from typing import Iterator

import pytest

from conftest import Maker
from harness import load, mail
from harness.audit import Audit
from harness.peer import ImapPeer, SmtpPeer, until
from harness.server import PASSWORDS
from harness.small_disk import CannotMount, SmallDisk
from harness.smtp_sink import Sink

DISK_MB, FREE_MB = 96, 40
WORK = [load.deliver] * 3 + [load.append_and_move] * 2 + [load.flag] + [load.submit] * 2


@pytest.fixture(params=["tmpfs", "ext4"])
def disk(request: pytest.FixtureRequest) -> Iterator[SmallDisk]:
    """Mostly taken."""
    try:
        made = SmallDisk(request.param, DISK_MB)
    except CannotMount as e:
        pytest.skip(f"NOT TESTED: a full disk, since mounting {request.param} fails: {e}")
    made.fill(FREE_MB)
    yield made
    made.close()


def test_full_disk(disk: SmallDisk, make_sender: Maker, sink: Sink,
                   request: pytest.FixtureRequest) -> None:
    folder: Path = disk.root / "data"
    folder.mkdir()
    roost = make_sender(folder=folder).start()
    assert roost.process and roost.log
    pid = roost.process.pid
    alice = mail.mailbox(roost, "alice", "Trash")
    for n in range(20):
        assert alice.append("Trash", "", "", mail.letter(f"old {n}"))[0] == "OK"
    alice.select("Trash")

    gate, oracle = load.Gate(), load.Oracle()
    workers = [load.Worker(roost, gate, oracle, work, tolerant=True) for work in WORK]
    gate.set(True)
    until(lambda: len(oracle.refusals) > 100 or oracle.surprises, 60, "a full disk")
    before = oracle.count()

    # It says so, and to whom it may concern.
    with SmtpPeer(roost.ports["smtp"]) as peer:
        assert peer.code("EHLO x.example.net") == 250
        code, text = peer.cmd("MAIL FROM:<carol@example.net>")
        assert (code, text[:5]) == (452, "4.3.1")
    roost.log.wait(" error store_full ")
    # Reading goes on, and so does making room.
    assert len(mail.messages(alice)) == 20
    assert alice.store("1:*", "+FLAGS.SILENT", "(\\Deleted)")[0] == "OK"
    assert alice.expunge()[0] == "OK"
    assert mail.messages(alice) == []
    assert roost.cli("fsck") == ""

    # Room again: without a restart everything goes on by itself.
    disk.drain()
    until(lambda: oracle.count() > before + 100, 30, "work")
    gate.set(False, ended=True)
    for worker in workers:
        worker.join(30)
        assert not worker.is_alive()
    assert roost.process.pid == pid
    assert not [x for x in oracle.refusals if "4.3.1" not in x and "UNAVAILABLE" not in x
                and "4.3.0" not in x]
    until(lambda: roost.cli("queue", "list") == "", 30, "an empty queue")
    arrived = collections.Counter(got.header("Subject") for got in sink.messages)
    assert set(arrived) >= oracle.acknowledged["submit"]
    assert max(arrived.values()) == 1, "a full disk made it send mail twice"
    Audit(roost, oracle).look()
    roost.kill()
    roost.start()
    Audit(roost, oracle).look()
    summary = (f"{request.node.callspec.params['disk']} of {DISK_MB} MB: {len(oracle.refusals)} "
               f"temporary refusals, {oracle.count()} promises kept, none broken")
    print(summary)
    if "ROOST_TEST_DISK_FULL_REPORT" in os.environ:
        with open(os.environ["ROOST_TEST_DISK_FULL_REPORT"], "a", encoding="utf-8") as f:
            f.write(summary + "\n")


def test_full_disk_before_the_first_start(disk: SmallDisk, make_roost: Maker) -> None:
    disk.fill(2)
    folder = disk.root / "data"
    folder.mkdir()
    roost = make_roost(empty=True, folder=folder, DOMAIN="example.org",
                       ADMIN="alice@example.org", ADMIN_PASSWORD=PASSWORDS["alice"])
    roost.spawn()
    assert roost.log
    until(lambda: roost.log.has(" info server_ready ") or roost.log.ended, what="a start or a sentence")
    if roost.log.ended:  # it may refuse, but then it says why
        assert roost.wait() == 1
        assert roost.logs[-1].has(" error server_failed why=.*(space|disk|full)")
    disk.drain()
    if roost.process is None:
        roost.start()
    else:
        assert roost.stop() == 0
        roost.start()
    mail.deliver(roost, mail.letter("there is room"))
    with ImapPeer(roost.ports["imaps"], tls=True) as peer:
        peer.login("alice@example.org", PASSWORDS["alice"])
        assert "* 1 EXISTS" in peer.ok("SELECT INBOX")
