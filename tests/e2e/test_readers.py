"""Programs that people read mail with: neomutt, mutt and alpine on a terminal. Each does a few
minutes' work; another session looks at what came of it."""
from pathlib import Path

import pytest

from harness import account, clients, mail
from harness.server import Roost


def arrive(roost: Roost, *subjects: str) -> None:
    """Mail comes; its text names its subject."""
    for subject in subjects:
        mail.deliver(roost, mail.letter(subject, f"this is {subject}\n"))


@pytest.mark.parametrize("program", ["neomutt", "mutt"])
def test_mutt_reads_flags_saves_and_deletes(roost: Roost, tmp_path: Path, program: str) -> None:
    arrive(roost, "one", "two", "three", "four", "five")
    clients.mutt(roost, tmp_path,
                 "<first-entry><flag-message><next-entry><save-message>=Archive<enter>"
                 "<jump>3<enter><display-message><exit>"
                 "<jump>4<enter><delete-message><jump>5<enter><copy-message>=Work<enter>"
                 "<sync-mailbox><quit>", program=program)
    with account.session(roost, "Archive") as m:
        assert account.ok(m.uid("SEARCH", "SUBJECT", "two")) == [b"1"]
    left = account.letters(roost)
    assert set(left) == {"one", "three", "five"}
    assert "\\Flagged" in left["one"] and "\\Seen" in left["three"] and not left["five"]
    assert set(account.letters(roost, "Work")) == {"five"}  # which did not exist


@pytest.mark.parametrize("program", ["neomutt", "mutt"])
def test_mutt_searches_here_and_there(roost: Roost, tmp_path: Path, program: str) -> None:
    """=b makes the server search; ~f is done from headers that are here."""
    arrive(roost, "one", "two", "three")
    clients.mutt(roost, tmp_path, "<tag-pattern>=b 'is two'<enter><tag-prefix><flag-message>"
                 "<tag-pattern>~s three<enter><sync-mailbox><quit>", program=program)
    assert account.letters(roost)["two"] >= {"\\Flagged"}
    assert "\\Flagged" not in account.letters(roost)["one"]


@pytest.mark.parametrize("program, settings", [
    ("neomutt", "set imap_condstore=no imap_qresync=no"),
    ("neomutt", "set imap_condstore=yes imap_qresync=no"),
    ("neomutt", "set imap_condstore=yes imap_qresync=yes"),
    ("mutt", "set imap_condstore=no imap_qresync=no"),
    ("mutt", "set imap_condstore=yes imap_qresync=yes imap_deflate=yes")])
def test_mutt_with_a_header_cache(roost: Roost, tmp_path: Path, program: str,
                                  settings: str) -> None:
    """It comes back to a mailbox that others have changed: by UIDs, by CONDSTORE, by QRESYNC.
    What it then takes for flagged is put into a mailbox, and that must be the truth."""
    cache = f"set header_cache={tmp_path}/cache message_cachedir={tmp_path}/bodies"
    (tmp_path / "cache").mkdir()
    arrive(roost, "one", "two", "three", "four", "five", "six")
    clients.mutt(roost, tmp_path, "<jump>6<enter><display-message><exit><quit>", cache, settings,
                 program=program)
    account.change(roost, "two", "+FLAGS", "(\\Flagged)")
    account.remove(roost, "one", "four")
    account.change(roost, "six", "-FLAGS", "(\\Seen)")
    arrive(roost, "seven")
    account.change(roost, "seven", "+FLAGS", "(\\Flagged)")
    clients.mutt(roost, tmp_path,
                 "<tag-pattern>~F<enter><tag-prefix><copy-message>=Flagged<enter><untag-pattern>~A"
                 "<enter><tag-pattern>~N<enter><tag-prefix><copy-message>=New<enter>"
                 "<tag-pattern>~A<enter><tag-prefix><copy-message>=All<enter><quit>",
                 cache, settings, program=program)
    assert set(account.letters(roost, "Flagged")) == {"two", "seven"}
    assert set(account.letters(roost, "New")) >= {"three", "five", "six"}
    assert set(account.letters(roost, "All")) == {"two", "three", "five", "six", "seven"}


def test_mutt_postpones_and_goes_on(roost: Roost, tmp_path: Path) -> None:
    """A draft by APPEND to Drafts, taken up again, and away from there when it has been sent."""
    sent = tmp_path / "sent"
    sendmail = tmp_path / "sendmail"
    sendmail.write_text(f"#!/bin/sh\ncat > {sent}\n", "ascii")
    sendmail.chmod(0o700)
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\necho 'a line more' >> \"$1\"\n", "ascii")
    editor.chmod(0o700)
    settings = (f"set editor={editor} sendmail={sendmail} from=alice@example.org recall=no",
                "set postpone=yes fast_reply=yes abort_unmodified=no copy=yes realname=Alice")
    clients.mutt(roost, tmp_path, "<mail>bob@example.org<enter>a draft<enter><postpone-message>"
                 "<quit>", *settings)
    assert set(account.letters(roost, "Drafts")) == {"a draft"}
    clients.mutt(roost, tmp_path, "<recall-message><send-message><quit>", *settings)
    assert b"a line more" in sent.read_bytes()
    assert account.letters(roost, "Drafts") == {}
    assert set(account.letters(roost, "Sent")) == {"a draft"}


def test_alpine(roost: Roost, tmp_path: Path) -> None:
    arrive(roost, "one", "two", "three")
    with clients.alpine(roost, tmp_path) as screen:
        screen.wait("three")
        screen.press("1\r\r")
        screen.wait("this is one")
        screen.press("s")
        screen.wait("SAVE Msg #1")
        screen.press("Archive\r")
        screen.wait('copied to folder "Archive"|Saving *DONE')  # the other one when it took longer
        screen.press("n")
        screen.wait("this is two")
        screen.press("d")
        screen.wait("this is three")
        arrive(roost, "four")
        screen.press("i")
        screen.wait("three")
        screen.press("x")
        screen.wait("expunged")
        screen.press("q")
        screen.end()
    assert account.letters(roost) == {"three": {"\\Seen"}, "four": set()}
    assert account.letters(roost, "Archive") == {"one": {"\\Seen"}}
