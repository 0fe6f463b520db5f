"""Programs that come by, take mail and go: fetchmail, getmail, curl and imapfilter."""
import re
import subprocess
import time
from pathlib import Path

from harness import account, clients, mail
from harness.peer import until
from harness.server import Roost


def arrive(roost: Roost, *subjects: str) -> None:
    """Mail comes."""
    for subject in subjects:
        mail.deliver(roost, mail.letter(subject))


def subjects(raw: list[bytes]) -> list[str]:
    """Of messages, sorted."""
    return sorted(mail.parse(message)["Subject"] for message in raw)


# --- fetchmail ------------------------------------------------------------------------------


def test_fetchmail_takes_what_is_unseen(roost: Roost, tmp_path: Path) -> None:
    arrive(roost, "one", "two", "three")
    account.change(roost, "two", "+FLAGS", "(\\Seen)")
    assert subjects(clients.fetchmail(roost, tmp_path, "keep")) == ["one", "three"]
    assert all("\\Seen" in flags for flags in account.letters(roost).values())
    assert clients.fetchmail(roost, tmp_path, "keep", status=1) == []
    arrive(roost, "four")
    assert subjects(clients.fetchmail(roost, tmp_path, "keep")) == ["four"]


def test_fetchmail_takes_all_away(roost: Roost, tmp_path: Path) -> None:
    arrive(roost, *(f"letter {i:02}" for i in range(30)))
    got = clients.fetchmail(roost, tmp_path, "fetchall nokeep expunge 7")
    assert subjects(got) == [f"letter {i:02}" for i in range(30)]
    assert account.letters(roost) == {}


def test_fetchmail_from_another_folder(roost: Roost, tmp_path: Path) -> None:
    with account.session(roost, None) as m:
        account.ok(m.create("Entw&APw-rfe"))
        account.ok(m.append("Entw&APw-rfe", None, None, mail.letter("elsewhere")))
    got = clients.fetchmail(roost, tmp_path, 'folder "Entw&APw-rfe"', "nokeep")
    assert subjects(got) == ["elsewhere"]
    assert account.letters(roost, "Entw&APw-rfe") == {}


def test_fetchmail_waits_by_idle(roost: Roost, tmp_path: Path) -> None:
    """It stays, and takes mail as it comes."""
    arrive(roost, "one")
    clients.fetchmail(roost, tmp_path, "nokeep")  # which leaves its settings there
    rc = tmp_path / "fetchmailrc"
    rc.write_text(rc.read_text("utf-8").replace("nokeep", "nokeep idle"), "utf-8")
    process = subprocess.Popen(["fetchmail", "-v", "-f", str(rc), "--nodetach", "--pidfile",
                                str(tmp_path / "idle.pid")], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL,
                               env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"})
    try:
        for subject in ("two", "three"):
            time.sleep(0.5)  # it has nothing to do by then
            arrive(roost, subject)
            until(lambda: account.letters(roost) == {}, what="fetchmail took it")
    finally:
        process.terminate()
        process.wait(10)
    assert subjects([p.read_bytes() for p in (tmp_path / "fetched").iterdir()]) == \
        ["one", "three", "two"]


# --- getmail --------------------------------------------------------------------------------


def test_getmail_remembers_what_it_has(roost: Roost, tmp_path: Path) -> None:
    arrive(roost, "one", "two")
    assert subjects(clients.getmail(roost, tmp_path, "read_all = false")) == ["one", "two"]
    assert clients.getmail(roost, tmp_path, "read_all = false") == []
    arrive(roost, "three")
    assert subjects(clients.getmail(roost, tmp_path, "read_all = false")) == ["three"]
    assert set(account.letters(roost)) == {"one", "two", "three"}


def test_getmail_deletes_in_every_mailbox(roost: Roost, tmp_path: Path) -> None:
    arrive(roost, "one", "two")
    with account.session(roost) as m:
        account.ok(m.copy("1", "Archive"))
    got = clients.getmail(roost, tmp_path, "delete = true", mailboxes='"INBOX", "Archive"')
    assert subjects(got) == ["one", "one", "two"]
    assert account.letters(roost) == account.letters(roost, "Archive") == {}


# --- curl -----------------------------------------------------------------------------------


def test_curl_reads(roost: Roost, tmp_path: Path) -> None:
    arrive(roost, "one", "two")
    assert "Subject: one" in clients.curl(roost, tmp_path, "INBOX;MAILINDEX=1")
    assert "Subject: two" in clients.curl(roost, tmp_path, "INBOX;UID=2")
    text = clients.curl(roost, tmp_path, "INBOX;UID=2;SECTION=TEXT")
    assert text.strip() == "Hello."
    assert "Subject: one" in clients.curl(roost, tmp_path, "INBOX;UID=1;SECTION=HEADER.FIELDS%20"
                                          "(SUBJECT)")
    clients.curl(roost, tmp_path, "INBOX;UID=9", status=78)  # there is no such message
    clients.curl(roost, tmp_path, "Nowhere;UID=1", status=67)


def test_curl_searches_and_lists(roost: Roost, tmp_path: Path) -> None:
    arrive(roost, "one", "two", "three")
    assert clients.curl(roost, tmp_path, "INBOX?SUBJECT%20two") == "* SEARCH 2\n"
    assert clients.curl(roost, tmp_path, "INBOX?NOT%20SUBJECT%20two") == "* SEARCH 1 3\n"
    assert "INBOX" in clients.curl(roost, tmp_path, "")
    assert "MESSAGES 3" in clients.curl(roost, tmp_path, "", "-X", "STATUS INBOX (MESSAGES)")


def test_curl_appends_flags_and_expunges(roost: Roost, tmp_path: Path) -> None:
    (tmp_path / "letter").write_bytes(mail.letter("uploaded"))
    clients.curl(roost, tmp_path, "Archive", "-T", str(tmp_path / "letter"))
    assert set(account.letters(roost, "Archive")) == {"uploaded"}
    said = clients.curl(roost, tmp_path, "Archive", "-X", "STORE 1 +FLAGS (\\Flagged)")
    assert "\\Flagged" in said
    clients.curl(roost, tmp_path, "Archive", "-X", "STORE 1 +FLAGS.SILENT (\\Deleted)")
    assert clients.curl(roost, tmp_path, "Archive", "-X", "EXPUNGE") == "* 1 EXPUNGE\n"
    clients.curl(roost, tmp_path, "", "-X", "CREATE Made")
    assert "Made" in account.names(roost)
    (tmp_path / "letter").write_bytes(b"")
    clients.curl(roost, tmp_path, "Archive", "-T", str(tmp_path / "letter"), status=25)
    assert account.letters(roost, "Archive") == {}


def test_curl_asks_many_in_one_session(roost: Roost, tmp_path: Path) -> None:
    arrive(roost, *(f"letter {i}" for i in range(20)))
    said = clients.curl(roost, tmp_path, "INBOX;UID=[1-20]")
    assert re.findall(r"Subject: letter (\d+)", said) == [str(i) for i in range(20)]


# --- imapfilter -----------------------------------------------------------------------------


def test_imapfilter_sorts_an_inbox(roost: Roost, tmp_path: Path) -> None:
    arrive(roost, "sale today", "hello", "list: one", "list: two")
    clients.imapfilter(roost, tmp_path, """
alice:create_mailbox("Lists")
alice:subscribe_mailbox("Lists")
alice.INBOX:contain_subject("list:"):move_messages(alice.Lists)
sale = alice.INBOX:contain_subject("sale") * alice.INBOX:is_unseen()
sale:mark_flagged()
alice.INBOX:match_body("^Hello"):add_flags({ "\\\\Answered", "sorted" })
alice.INBOX:contain_from("nobody@"):delete_messages()
""")
    assert set(account.letters(roost, "Lists")) == {"list: one", "list: two"}
    left = account.letters(roost)
    assert set(left) == {"sale today", "hello"}
    assert left["sale today"] >= {"\\Flagged"} and "\\Flagged" not in left["hello"]
    assert left["hello"] >= {"\\Answered", "sorted"}


def test_imapfilter_with_a_mailbox_that_is_not_there(roost: Roost, tmp_path: Path) -> None:
    arrive(roost, "one")
    clients.imapfilter(roost, tmp_path,
                       "alice.Nowhere:select_all()\nalice.INBOX:select_all():mark_seen()")
    assert account.letters(roost) == {"one": {"\\Seen"}}
