"""What is in an account, looked at and changed by another session than the client's under
test."""
import contextlib
import imaplib
import re
from typing import Iterator

from harness import mail
from harness.server import Roost


@contextlib.contextmanager
def session(roost: Roost, name: str | None = "INBOX",
            user: str = "alice") -> Iterator[imaplib.IMAP4]:
    """A session of imaplib with a mailbox selected."""
    m = mail.mailbox(roost, user, name)
    try:
        yield m
    finally:
        m.logout()


def ok(answer: tuple[str, list[object]]) -> list[object]:
    """The data of an answer that must be OK."""
    assert answer[0] == "OK", answer
    return answer[1]


def letters(roost: Roost, name: str = "INBOX", user: str = "alice") -> dict[str, set[str]]:
    """Each message's subject with its flags, \\Recent left out. Two of one subject are told."""
    found: dict[str, set[str]] = {}
    with session(roost, name, user) as m:
        data = ok(m.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])"))
    for item in data:
        if isinstance(item, tuple):
            subject = item[1].decode().strip().removeprefix("Subject: ")
            flags = re.search(rb"FLAGS \(([^)]*)\)", item[0])
            assert subject not in found and flags, data
            found[subject] = set(flags[1].decode().split()) - {"\\Recent"}
    return found


def names(roost: Roost, user: str = "alice") -> set[str]:
    """The mailboxes, as they are on the wire."""
    with session(roost, None, user) as m:
        return {re.sub(rb'^.* "/" "?([^"]*)"?$', rb"\1", line).decode() for line in ok(m.list())}


def uid(m: imaplib.IMAP4, subject: str) -> str:
    """The one message with this subject in the selected mailbox."""
    (found,) = ok(m.uid("SEARCH", "SUBJECT", f'"{subject}"'))
    assert len(found.split()) == 1, (subject, found)
    return found.decode()


def change(roost: Roost, subject: str, item: str, flags: str, name: str = "INBOX",
           user: str = "alice") -> None:
    """STORE for one message."""
    with session(roost, name, user) as m:
        ok(m.uid("STORE", uid(m, subject), item, flags))


def remove(roost: Roost, *subjects: str, name: str = "INBOX", user: str = "alice") -> None:
    """Expunge messages."""
    with session(roost, name, user) as m:
        for subject in subjects:
            ok(m.uid("STORE", uid(m, subject), "+FLAGS", "(\\Deleted)"))
        ok(m.expunge())
