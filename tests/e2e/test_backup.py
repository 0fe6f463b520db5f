"""Backup of the running server, and the way back."""
import os
import re
import shutil
import threading
from pathlib import Path

import pytest

from conftest import Maker
from harness import load, mail
from harness.api import as_owner
from harness.audit import Audit
from harness.server import Roost, address
from harness.smtp_sink import Sink

ZSTD = b"\x28\xb5\x2f\xfd"  # how a compressed message begins


def test_backup_under_load_holds_all_that_was_there(make_sender: Maker, sink: Sink,
                                                    tmp_path: Path) -> None:
    sink.always("CONNECT", "421 4.3.2 not now")
    roost = make_sender(QUEUE_RETRY="1h").start()
    gate, oracle = load.Gate(), load.Oracle()
    gate.set(True)
    kinds = [load.deliver, load.deliver, load.append_and_move, load.flag, load.submit]
    workers = [load.Worker(roost, gate, oracle, work) for work in kinds]
    while oracle.count() < 200:
        threading.Event().wait(0.01)
    before = {kind: set(words) for kind, words in oracle.acknowledged.items()}
    file = tmp_path / "backup"
    roost.cli("backup", str(file))
    gate.set(False, ended=True)
    for worker in workers:
        worker.join(20)
    assert roost.stop() == 0

    # On a machine where there is nothing else: what had been promised before is all there.
    other = make_sender(QUEUE_RETRY="1h")
    (other.folder / "roost.mdb").unlink()
    other.cli("restore", str(file))
    other.fsck()
    other.start()
    oracle.acknowledged, oracle.flags = before, {}  # the flags went on changing
    Audit(other, oracle).look()
    assert other.cli("queue", "list").count("friend@example.net") >= len(before["submit"])


def test_backup_of_a_timer(roost: Roost, make_roost: Maker, tmp_path: Path) -> None:
    """The same command every night: a file is replaced, a folder keeps the newest copies."""
    file, folder = tmp_path / "copy", tmp_path / "nights"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    roost.cli("backup", str(file))
    first = file.stat().st_ino
    mail.deliver(roost, mail.letter("after the first"))
    roost.cli("backup", str(file))
    assert file.stat().st_ino != first and sorted(tmp_path.iterdir()) == [file, folder]

    for night in ("20", "21", "22"):
        (folder / f"roost-2025-11-{night}T033000Z.backup").write_bytes(b"old")
    made = Path(roost.cli("backup", str(folder), "--keep", "2").strip())
    assert re.fullmatch(r"roost-\d{4}-\d\d-\d\dT\d{6}Z\.backup", made.name)
    assert {p.name for p in folder.iterdir()} == \
        {made.name, "roost-2025-11-22T033000Z.backup", "notes.txt"}

    other = make_roost(empty=True)
    other.cli("restore", str(made))
    other.start()
    assert [mail.parse(raw)["Subject"] for raw in mail.inbox(other)] == ["after the first"]

    refused = roost.run("backup", str(folder / "notes.txt"))
    assert refused.returncode == 1 and "is not a backup" in refused.stderr
    assert (folder / "notes.txt").read_text() == "mine"
    (folder / "roost-2099-01-01T000000Z.backup").write_bytes(b"from a wrong clock")
    done = roost.run("backup", str(folder), "--keep", "1")
    assert done.returncode == 0 and "date in the future: 1." in done.stderr
    assert Path(done.stdout.strip()).exists()

    refused = roost.run("backup", str(roost.folder / "roost.mdb"))
    assert refused.returncode == 1 and "data folder" in refused.stderr
    refused = roost.run("backup", str(file), "--keep", "2")
    assert refused.returncode == 1 and "needs a folder" in refused.stderr
    for wrong in (["--keep"], ["--keep", "0"], ["--keep", "x"], ["--keeper"]):
        assert roost.run("backup", str(folder), *wrong).returncode == 2


def test_restore_replaces_only_when_asked(roost: Roost, tmp_path: Path) -> None:
    mail.deliver(roost, mail.letter("before"))
    file = str(tmp_path / "backup")
    roost.cli("backup", file)
    mail.deliver(roost, mail.letter("after"))
    running = roost.run("restore", file, "--replace")
    assert running.returncode == 1, "the server is running"
    assert roost.stop() == 0
    refused = roost.run("restore", file)
    assert refused.returncode == 1 and "has a store already" in refused.stderr
    roost.start()
    assert len(mail.inbox(roost)) == 2
    assert roost.stop() == 0
    roost.cli("restore", "--replace", file)
    roost.start()
    assert [mail.parse(raw)["Subject"] for raw in mail.inbox(roost)] == ["before"]
    mail.deliver(roost, mail.letter("life goes on"))


@pytest.mark.skipif(os.getuid() != 0, reason="only root can restore for somebody else")
def test_restore_by_root_leaves_the_folder_to_its_owner(make_roost: Maker) -> None:
    roost = make_roost()
    for path in (roost.folder, *roost.folder.iterdir()):
        shutil.chown(path, "nobody")
    file = str(roost.folder / "copy")
    roost.cli("backup", file)
    roost.cli("restore", file, "--replace")
    assert (roost.folder / "roost.mdb").owner() == "nobody"
    roost.start()
    mail.deliver(roost, mail.letter("to the restored"))


def test_encrypted_backup(roost: Roost, make_roost: Maker, tmp_path: Path) -> None:
    """By option, by setting and from the console; back only with the passphrase."""
    mail.submit(roost, mail.letter("secret words"), address("alice"))
    good, bad = tmp_path / "good.pass", tmp_path / "bad.pass"
    good.write_text("correct horse battery\n")
    bad.write_text("correct horse batterz\n")
    file, by_setting, fetched = (str(tmp_path / name) for name in ("a", "b", "c"))
    roost.cli("backup", file, "--passphrase-file", str(good))
    roost.stop()
    roost.settings["BACKUP_PASSPHRASE_FILE"] = str(good)
    roost.start()
    roost.cli("backup", by_setting)
    Path(fetched).write_bytes(as_owner(roost).call("GET", "/backup")[2])
    for sealed in (file, by_setting, fetched):
        assert Path(sealed).read_bytes().startswith(b"roost sealed 1\n\0")
        assert b"alice@example.org" not in Path(sealed).read_bytes()
        roost.cli("backup", "check", sealed, "--passphrase-file", str(good))
        refused = roost.run("backup", "check", sealed, "--passphrase-file", str(bad))
        assert refused.returncode == 1 and "passphrase is wrong" in refused.stderr

    other = make_roost()
    (other.folder / "roost.mdb").unlink()
    refused = other.run("restore", file)
    assert refused.returncode == 1 and "--passphrase-file" in refused.stderr
    refused = other.run("restore", file, "--passphrase-file", str(tmp_path / "none"))
    assert refused.returncode == 2 and "cannot open" in refused.stderr
    assert not (other.folder / "roost.mdb").exists()
    other.cli("restore", file, "--passphrase-file", str(good))
    other.start()
    assert mail.parse(mail.inbox(other)[0])["Subject"] == "secret words"


def test_damaged_backup_is_not_restored(roost: Roost, make_roost: Maker, tmp_path: Path) -> None:
    mail.deliver(roost, mail.letter("x", "y" * 100))
    file = tmp_path / "backup"
    roost.cli("backup", str(file))
    whole = file.read_bytes()
    other = make_roost(empty=True)
    middle = len(whole) // 2
    for damaged in (whole[:-5000], whole[:middle],
                    whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1:],
                    b"", b"no backup"):
        file.write_bytes(damaged)
        done = other.run("restore", str(file))
        assert done.returncode == 1 and done.stderr.count("\n") == 1, done
        assert not (other.folder / "roost.mdb").exists()
    file.write_bytes(whole)
    other.cli("restore", str(file))
    assert address("alice") in other.cli("account", "list")


def test_backup_to_nowhere(roost: Roost) -> None:
    done = roost.run("backup", "/nowhere/at/all")
    assert done.returncode == 1 and "/nowhere/at/all" in done.stderr


def test_fsck_beside_a_busy_server(roost: Roost) -> None:
    gate, oracle = load.Gate(), load.Oracle()
    gate.set(True)
    workers = [load.Worker(roost, gate, oracle, work)
               for work in (load.deliver, load.append_and_move, load.flag)]
    for _ in range(5):
        assert roost.cli("fsck") == ""
    gate.set(False, ended=True)
    for worker in workers:
        worker.join(20)
    assert oracle.surprises == []


def test_fsck_says_what_is_wrong(make_roost: Maker) -> None:
    roost = make_roost().start()
    for n in range(20):
        mail.deliver(roost, mail.letter(f"n{n}", "some text " * 50))
    assert roost.stop() == 0
    store = roost.folder / "roost.mdb"
    whole = bytearray(store.read_bytes())
    at = whole.find(ZSTD)
    while at >= 0:
        whole[at + 12] ^= 1
        at = whole.find(ZSTD, at + 4)
    sound = store.read_bytes()
    store.write_bytes(whole)
    done = roost.run("fsck")
    assert done.returncode == 1 and done.stdout != "", "twenty damaged messages and not a word"
    assert all(re.fullmatch(r"[a-z-]+: .+ .+", line) for line in done.stdout.splitlines())
    store.write_bytes(sound)


def test_fsck_repairs_counters(make_roost: Maker) -> None:
    """Counters of a mailbox that do not fit its rows: told, put right beside the server, silent."""
    roost = make_roost().start()
    for n in range(20):
        mail.deliver(roost, mail.letter(f"n{n}"))
    assert roost.cli("fsck", "--repair") == ""
    assert roost.stop() == 0
    store = roost.folder / "roost.mdb"
    # The record of INBOX: its name, ..., UIDNEXT 21, 20 messages, 20 of them unseen.
    damaged, times = re.subn(rb"(\x05INBOX..[\x80-\xff]{4}.\x15)\x14\x14", rb"\g<1>" + b"\x12\x11",
                             store.read_bytes(), flags=re.DOTALL)
    assert times
    store.write_bytes(damaged)
    roost.start()
    peer = mail.mailbox(roost, "alice")
    done = roost.run("fsck")
    assert done.returncode == 1 and "says 18 emails, its rows 20" in done.stdout
    assert roost.cli("fsck", "--repair").endswith("counts right again\n")
    roost.fsck()
    assert peer.status("INBOX", "(MESSAGES UNSEEN)")[1] == [b"INBOX (MESSAGES 20 UNSEEN 20)"]
    peer.logout()
    done = roost.run("fsck", "--nonsense")
    assert done.returncode == 2
