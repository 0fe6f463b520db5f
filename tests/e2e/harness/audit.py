"""Compare what a server holds with what it promised (load.Oracle)."""
import collections
import re

from harness import mail
from harness.load import Oracle
from harness.server import Roost


def subjects(roost: Roost, user: str, name: str, after: int = 0) -> dict[int, str]:
    """UID -> subject of the messages with a UID above after."""
    m = mail.mailbox(roost, user, name)
    status, data = m.uid("FETCH", f"{after + 1}:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
    assert status == "OK", data
    found = {}
    for part in data:
        if isinstance(part, tuple):
            uid = re.search(rb"UID (\d+)", part[0])
            assert uid
            found[int(uid.group(1))] = part[1].decode().partition(":")[2].strip()
    m.logout()
    return {uid: subject for uid, subject in found.items() if uid > after}


class Audit:
    """Keeps what it has seen, so that each look reads only what is new; whole() looks at
    everything again."""

    def __init__(self, roost: Roost, oracle: Oracle):
        self.roost, self.oracle = roost, oracle
        self._seen: dict[tuple[str, str], dict[int, str]] = {}

    def _mailbox(self, user: str, name: str) -> collections.Counter[str]:
        seen = self._seen.setdefault((user, name), {})
        seen.update(subjects(self.roost, user, name, max(seen, default=0)))
        return collections.Counter(seen.values())

    def _acknowledged(self, kind: str) -> set[str]:
        return self.oracle.acknowledged.get(kind, set())

    def whole(self) -> None:
        """Forget what was seen, and look."""
        self._seen.clear()
        self.look()

    def look(self) -> None:
        """While no worker works: everything promised is there, and nothing is there twice or
        was never sent."""
        assert self.oracle.surprises == [], self.oracle.surprises[:5]
        inbox = self._mailbox("alice", "INBOX")
        self._check("deliver", inbox)
        # What was moved away is gone, so Sent is read anew each time; it is nearly empty.
        sent = collections.Counter(subjects(self.roost, "bob", "Sent").values())
        archive = self._mailbox("bob", "Archive")
        self._check("append", sent + archive)
        self._check("move", archive)
        for word in self._acknowledged("move"):
            assert sent[word] == 0, f"{word} was moved and is still there"
        self._flags()

    def _check(self, kind: str, found: collections.Counter[str]) -> None:
        missing = self._acknowledged(kind) - set(found)
        assert not missing, f"{kind}: acknowledged and lost: {sorted(missing)[:5]}"
        strange = set(found) - self.oracle.tried.get(kind, set())
        assert not strange, f"{kind}: never sent: {sorted(strange)[:5]}"
        double = [word for word, count in found.items() if count > 1]
        assert not double, f"{kind}: more than once: {double[:5]}"

    def _flags(self) -> None:
        m = mail.mailbox(self.roost, "bob", "Drafts")
        status, data = m.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        assert status == "OK", data
        for part in data:
            if not isinstance(part, tuple):
                continue
            name = part[1].decode().partition(":")[2].strip()
            number = sum(1 << int(bit) for bit in re.findall(rb"bit(\d)", part[0]))
            if name in self.oracle.flags:
                assert number in self.oracle.flags[name], \
                    f"{name}: {number} is none of {self.oracle.flags[name]}"
                self.oracle.flags[name] = (number, number)  # no longer open which it was
        m.logout()
