"""What a client knows of a mailbox, built from untagged responses alone (RFC 9051 7, RFC 7162)."""
import re
from dataclasses import dataclass, field

from harness.peer import ImapPeer

FETCH = re.compile(r"\* (\d+) (UID)?FETCH \((.*)\)$", re.S)
ITEM = re.compile(r"(UID|FLAGS|MODSEQ) (\d+|\([^)]*\))")
HIGHEST = re.compile(r"\[HIGHESTMODSEQ (\d+)\]")


def numbers(text: str) -> list[int]:
    """1:3,7 -> 1 2 3 7"""
    got: list[int] = []
    for part in text.split(","):
        low, _, high = part.partition(":")
        got += range(int(low), int(high or low) + 1)
    return got


@dataclass
class Message:
    """None: the client was not told yet."""
    uid: int | None = None
    flags: frozenset[str] | None = None
    modseq: int | None = None


@dataclass
class Model:
    """A client's view of the selected mailbox; it fails on what no client could understand."""
    uidonly: bool = False
    messages: list[Message] = field(default_factory=list)
    highest: int = 0       # HIGHESTMODSEQ as RFC 7162 6 computes it
    seen_modseq: int = 0   # the greatest of FETCH since the last tagged reply
    told_highest: int = 0  # by a response code since then
    opening: bool = False  # EXISTS is not about what was there before (QRESYNC)

    def uids(self) -> list[int]:
        """Those that the client knows."""
        return [m.uid for m in self.messages if m.uid is not None]

    def unknown(self) -> bool:
        """Is there something to ask for?"""
        return any(m.uid is None or m.flags is None for m in self.messages)

    def _may_be(self, uid: int) -> Message | None:
        """The first of those without a UID that could have this one: all between the next smaller
        and the next greater UID are alike."""
        for place, message in enumerate(self.messages):
            rest = [m.uid for m in self.messages[place + 1:] if m.uid is not None]
            before = [m.uid for m in self.messages[:place] if m.uid is not None]
            if message.uid is None and all(u > uid for u in rest) and all(u < uid for u in before):
                return message
        return None

    def _by_uid(self, uid: int) -> Message:
        for message in self.messages:
            if message.uid == uid:
                return message
        if self.uidonly:  # it has no number, so any place is as good
            message = next(m for m in self.messages if m.uid is None)
            message.uid = uid
            self.messages.sort(key=lambda m: m.uid or 1 << 32)
            return message
        if message := self._may_be(uid):
            message.uid = uid
            return message
        raise AssertionError(f"UID {uid} is nowhere in {self.uids()} of {len(self.messages)}")

    def exists(self, count: int) -> None:
        """* n EXISTS"""
        assert self.opening or count >= len(self.messages), "EXISTS may not take messages away"
        self.messages += [Message() for _ in range(count - len(self.messages))]

    def vanished(self, uids: list[int], earlier: bool) -> None:
        """* VANISHED, each of which the client had been told of by EXISTS (RFC 7162 3.2.10.2)"""
        if earlier:
            gone = set(uids)
            self.messages = [m for m in self.messages if m.uid not in gone]
            return
        for uid in reversed(uids):
            self.messages.remove(self._by_uid(uid))

    def fetch(self, number: int, by_uid: bool, text: str) -> None:
        """* n FETCH or * uid UIDFETCH"""
        assert by_uid == self.uidonly
        message = self._by_uid(number) if by_uid else self.messages[number - 1]
        for name, value in ITEM.findall(text):
            if name == "UID":
                assert message.uid in (None, int(value)), f"{number} is {message.uid}: {text}"
                message.uid = int(value)
            elif name == "FLAGS":
                message.flags = frozenset(value[1:-1].split()) - {"\\Recent"}
            else:
                message.modseq = int(value[1:-1])
                self.seen_modseq = max(self.seen_modseq, message.modseq)

    def hear(self, line: str) -> None:
        """An untagged response, or a tagged one without its tag."""
        words = line.split()
        if code := HIGHEST.search(line):
            self.told_highest = int(code[1])
        if match := FETCH.match(line):
            self.fetch(int(match[1]), match[2] is not None, match[3])
        elif len(words) > 2 and words[2] == "EXISTS":
            self.exists(int(words[1]))
        elif len(words) > 2 and words[2] == "EXPUNGE":
            assert not self.uidonly
            del self.messages[int(words[1]) - 1]
        elif words[:2] == ["*", "VANISHED"]:
            self.vanished(numbers(words[-1]), words[2] == "(EARLIER)")
        elif words[0] != "*":
            self.highest = self.told_highest or max(self.highest, self.seen_modseq)
            self.told_highest = self.seen_modseq = 0

    def reopen(self, lines: list[str]) -> None:
        """The responses to SELECT (QRESYNC ...): what was known, less what is gone, and what came
        behind it. EXISTS comes first, but counts the mailbox as it is (RFC 7162 3.2.5.1)."""
        count = next(int(x.split()[1]) for x in lines if x.endswith(" EXISTS"))
        for line in lines:
            if line.startswith("* VANISHED (EARLIER)"):
                for uid in sorted(set(numbers(line.split()[-1])) - set(self.uids())):
                    unknown = self._may_be(uid)  # told by EXISTS, its UID never asked for
                    self.messages = [m for m in self.messages if m is not unknown]
                self.hear(line)
        assert len(self.messages) <= count, f"{self.uids()} are more than {count}"
        self.exists(count)
        for line in lines:
            if " EXISTS" not in line and "VANISHED" not in line:
                self.hear(line)


def truth(peer: ImapPeer, mailbox: str) -> list[Message]:
    """What the mailbox holds, for a client that begins."""
    model = Model()
    for line in peer.ok(f"EXAMINE {mailbox} (CONDSTORE)")[:-1]:
        model.hear(line)
    for line in peer.ok("UID FETCH 1:* (FLAGS MODSEQ)")[:-1]:
        model.hear(line)
    return model.messages
