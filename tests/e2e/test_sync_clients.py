"""Programs that keep an account the same as a Maildir, or as another account: mbsync, offlineimap,
interimap and imapsync. Both sides change between two runs, and a last run has nothing to do."""
import subprocess
import time
from pathlib import Path

from harness import account, mail
from harness.peer import until
from harness.server import Roost
from harness.sync_clients import (Maildir, imapsync, interimap, interimap_config, mbsync,
                                  offlineimap)


def arrive(roost: Roost, *subjects: str, to: str = "alice") -> None:
    """Mail comes."""
    for subject in subjects:
        mail.deliver(roost, mail.letter(subject, to=f"{to}@example.org"), to=f"{to}@example.org")


def changed_on_both_sides(roost: Roost, folder: Path) -> None:
    """After a first run over one to six: each side gets flags, loses a message and a new one
    comes; each has a new mailbox, one of them with a name that is not ASCII."""
    near = Maildir(folder / "mail" / "INBOX")
    assert set(near.subjects()) == {"one", "two", "three", "four", "five", "six"}
    near.flag("one", "FS")
    near.find("two").unlink()
    near.add(mail.letter("near"), "1.new.local")
    Maildir(folder / "mail" / "Work").add(mail.letter("work"), "2.new.local")
    account.change(roost, "three", "+FLAGS", "(\\Answered)")
    account.remove(roost, "four")
    arrive(roost, "far")
    with account.session(roost, None) as m:
        account.ok(m.create("Entw&APw-rfe"))
        account.ok(m.append("Entw&APw-rfe", "(\\Draft)", None, mail.letter("draft")))


FAR = {"one": {"\\Flagged", "\\Seen"}, "three": {"\\Answered"}, "five": set(), "six": set(),
       "near": set(), "far": set()}


def same_on_both_sides(roost: Roost, folder: Path) -> None:
    """What came of it."""
    assert account.letters(roost) == FAR
    assert account.letters(roost, "Work") == {"work": set()}
    assert account.letters(roost, "Entw&APw-rfe") == {"draft": {"\\Draft"}}
    near = Maildir(folder / "mail" / "INBOX").subjects()
    assert {subject: set(flags) for subject, flags in near.items()} == \
        {**{subject: set() for subject in FAR}, "one": set("FS"), "three": set("R")}
    assert Maildir(folder / "mail" / "Entw&APw-rfe").subjects() == {"draft": "D"}


def test_mbsync_both_ways(roost: Roost, tmp_path: Path) -> None:
    arrive(roost, "one", "two", "three", "four", "five", "six")
    mbsync(roost, tmp_path)
    changed_on_both_sides(roost, tmp_path)
    mbsync(roost, tmp_path)
    same_on_both_sides(roost, tmp_path)
    assert (tmp_path / "mail" / "Sent").is_dir()
    said = mbsync(roost, tmp_path)  # nothing is left to do
    assert "Copying" not in said and "Setting flags" not in said and "Expunging" not in said
    same_on_both_sides(roost, tmp_path)


def test_mbsync_takes_a_mailbox_away(roost: Roost, tmp_path: Path) -> None:
    with account.session(roost, None) as m:
        account.ok(m.create("Old"))
        account.ok(m.create("Old/Older"))
    mbsync(roost, tmp_path)
    assert (tmp_path / "mail" / "Old" / "Older" / "cur").is_dir()
    with account.session(roost, None) as m:
        account.ok(m.delete("Old/Older"))
    mbsync(roost, tmp_path)
    assert not (tmp_path / "mail" / "Old" / "Older").exists()
    assert (tmp_path / "mail" / "Old" / "cur").is_dir()


def test_mbsync_after_the_mailbox_was_made_anew(roost: Roost, tmp_path: Path) -> None:
    """Another UIDVALIDITY under the same name: it says so and touches nothing, or, where the
    messages are told to be the same, goes on; nothing is doubled or lost on the server."""
    with account.session(roost, None) as m:
        account.ok(m.create("Again"))
        account.ok(m.append("Again", None, None, mail.letter("first")))
    mbsync(roost, tmp_path)
    with account.session(roost, None) as m:
        account.ok(m.delete("Again"))
        account.ok(m.create("Again"))
        account.ok(m.append("Again", None, None, mail.letter("second")))
    try:
        mbsync(roost, tmp_path)
    except AssertionError as e:
        assert "UIDVALIDITY" in str(e)
    assert account.letters(roost, "Again") == {"second": set()}


def test_offlineimap_both_ways(roost: Roost, tmp_path: Path) -> None:
    arrive(roost, "one", "two", "three", "four", "five", "six")
    offlineimap(roost, tmp_path)
    changed_on_both_sides(roost, tmp_path)
    offlineimap(roost, tmp_path)
    same_on_both_sides(roost, tmp_path)
    said = offlineimap(roost, tmp_path)
    assert "Copy message" not in said and "Deleting" not in said and "flags" not in said
    same_on_both_sides(roost, tmp_path)


def test_offlineimap_on_several_connections(roost: Roost, tmp_path: Path) -> None:
    """Three at once over nine mailboxes, and IDLE on one of them meanwhile."""
    with account.session(roost, None) as m:
        for k in range(9):
            account.ok(m.create(f"Box{k}"))
            for i in range(5):
                account.ok(m.append(f"Box{k}", None, None, mail.letter(f"{k} {i}")))
    offlineimap(roost, tmp_path, "maxconnections = 3")
    for k in range(9):
        box = Maildir(tmp_path / "mail" / f"Box{k}")
        assert set(box.subjects()) == {f"{k} {i}" for i in range(5)}
        box.find(f"{k} 0").unlink()
        box.flag(f"{k} 1", "S")
    offlineimap(roost, tmp_path, "maxconnections = 3")
    for k in range(9):
        assert account.letters(roost, f"Box{k}") == \
            {f"{k} 1": {"\\Seen"}, f"{k} 2": set(), f"{k} 3": set(), f"{k} 4": set()}


def test_interimap_both_ways(roost: Roost, tmp_path: Path) -> None:
    """Two accounts by QRESYNC, each connection below COMPRESS."""
    arrive(roost, "one", "two", "three", "four", "five", "six")
    arrive(roost, "for bob", to="bob")
    interimap(roost, tmp_path)
    everything = {"one", "two", "three", "four", "five", "six", "for bob"}
    assert set(account.letters(roost)) == set(account.letters(roost, user="bob")) == everything
    account.change(roost, "one", "+FLAGS", "(\\Flagged \\Seen)")
    account.remove(roost, "two", "five")
    account.change(roost, "three", "+FLAGS", "(\\Answered $Forwarded)", user="bob")
    account.remove(roost, "four", user="bob")
    arrive(roost, "far", to="bob")
    with account.session(roost, None) as m:
        account.ok(m.create("Entw&APw-rfe"))
        account.ok(m.append("Entw&APw-rfe", "(\\Draft)", None, mail.letter("draft")))
    interimap(roost, tmp_path)
    for user in ("alice", "bob"):
        assert account.letters(roost, user=user) == {
            "one": {"\\Flagged", "\\Seen"}, "three": {"\\Answered", "$Forwarded"}, "six": set(),
            "for bob": set(), "far": set()}
        assert account.letters(roost, "Entw&APw-rfe", user) == {"draft": {"\\Draft"}}
    said = interimap(roost, tmp_path)
    assert "Added" not in said and "Removed" not in said and "Updated" not in said
    said = interimap(roost, tmp_path, "--repair")  # compares everything with what it keeps
    assert "Added" not in said and "differ" not in said and "Unmatched" not in said, said


def test_interimap_waits_by_notify(roost: Roost, tmp_path: Path) -> None:
    """NOTIFY (RFC 5465) with both servers: it stays, and what changes on one side is on the other
    soon, in mailboxes that it has not selected."""
    interimap(roost, tmp_path)
    process = subprocess.Popen(
        ["interimap", f"--config={interimap_config(roost, tmp_path)}", "--notify", "--watch=600"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"})
    try:
        for n in range(3):
            time.sleep(0.5)  # it has nothing to do by then
            arrive(roost, f"for bob {n}", to="bob")
            until(lambda: f"for bob {n}" in account.letters(roost), what="it came to alice")
        with account.session(roost, None) as m:
            account.ok(m.append("Archive", None, None, mail.letter("kept")))
        until(lambda: "kept" in account.letters(roost, "Archive", "bob"), what="it came to bob")
        account.change(roost, "for bob 1", "+FLAGS", "(\\Flagged)")
        until(lambda: account.letters(roost, user="bob")["for bob 1"] == {"\\Flagged"})
    finally:
        process.terminate()
        process.wait(10)


def test_imapsync_again_and_again(roost: Roost, tmp_path: Path) -> None:
    """imapsync itself is not in Debian; this is its library, called as it does."""
    arrive(roost, "one", "two", "three", "four", "five", "six")
    with account.session(roost, None) as m:
        account.ok(m.create("Entw&APw-rfe"))
        account.ok(m.append("Entw&APw-rfe", "(\\Draft $Label1)", '"09-Sep-2001 01:46:40 +0000"',
                            mail.letter("draft", "ä\n" * 30000)))
    assert len(imapsync(roost, tmp_path)) == 7
    for name in ("INBOX", "Entw&APw-rfe"):
        assert account.letters(roost, name) == account.letters(roost, name, "bob") != {}
    with account.session(roost, "Entw&APw-rfe", "bob") as m:
        assert b" 9-Sep-2001 01:46:40 +0000" in account.ok(m.fetch("1", "INTERNALDATE"))[0]
    assert imapsync(roost, tmp_path) == []
    account.change(roost, "one", "+FLAGS", "(\\Seen \\Flagged)")
    account.change(roost, "draft", "-FLAGS", "($Label1)", "Entw&APw-rfe")
    account.remove(roost, "two", "four")
    arrive(roost, "seven")
    did = imapsync(roost, tmp_path)
    assert sorted(line.split()[0] for line in did) == \
        ["copied", "deleted", "deleted", "flags", "flags"], did
    for name in ("INBOX", "Entw&APw-rfe"):
        assert account.letters(roost, name) == account.letters(roost, name, "bob") != {}
    assert imapsync(roost, tmp_path) == []
