"""Ten sessions in one mailbox: random STORE, EXPUNGE, APPEND and FETCH by message number.

No reply may be NO: a message that another session expunged is answered with OK (RFC 2180 4.1 and
4.2). Each message is \\Recent in one session at most (RFC 3501 2.3.2). Sequence numbers fit the model
that each client builds from untagged responses. TEN_SEED=n repeats the clients' own steps."""
import os
import random
import threading
import time

import pytest

from harness.imap_model import FETCH, Model, truth
from harness.peer import ImapPeer
from harness.server import PASSWORDS, Roost, address

SESSIONS = 10
KEPT = 20  # messages: with fewer the clients append, with more they expunge
FLAGS = ("\\Seen", "\\Flagged", "\\Answered", "\\Draft", "$Junk", "todo")


class Recents:
    """The session that was told that a message is \\Recent."""

    def __init__(self) -> None:
        self.lock, self.sessions = threading.Lock(), {}  # type: ignore[var-annotated]

    def told(self, uid: int, session: str) -> None:
        """Fails when it was another one."""
        with self.lock:
            first = self.sessions.setdefault(uid, session)
        assert first == session, f"UID {uid} is \\Recent to {first} and to {session}"


class Session(threading.Thread):
    """A client of IMAP4rev1, which selects the mailbox anew now and then."""

    def __init__(self, roost: Roost, number: int, seed: str, until: float, recents: Recents):
        super().__init__(name=f"client {number}")
        self.random, self.until, self.recents = random.Random(f"{seed} {number}"), until, recents
        self.peer = ImapPeer(roost.ports["imaps"], tls=True)
        self.peer.login(address("alice"), PASSWORDS["alice"])
        self.model, self.selected, self.steps, self.gone = Model(), 0, 0, 0
        self.recent_count = 0
        self.log: list[str] = []
        self.error: BaseException | None = None
        self.select()

    def select(self) -> None:
        """Another session, as far as \\Recent goes."""
        self.selected += 1
        self.model = Model()
        self.say("SELECT INBOX")
        self.learn()

    def say(self, line: str) -> list[str]:
        """A command, which is answered with OK whatever the other clients have done."""
        self.log.append(f"--- {line}")
        got = self.peer.cmd(line)
        self.log += got
        for response in got:
            self.hear(response)
        assert got[-1].startswith("OK"), f"{line}: {got[-1]}"
        self.gone += "[EXPUNGEISSUED]" in got[-1]
        return got

    def hear(self, response: str) -> None:
        """Into the model; \\Recent also into the book that all share."""
        match = FETCH.match(response)
        if match:
            assert int(match[1]) <= len(self.model.messages), response
        words = response.split()
        if words[2:] == ["RECENT"]:
            self.recent_count = int(words[1])
            assert self.recent_count <= len(self.model.messages), response
        self.model.hear(response)
        if match and "\\Recent" in match[3]:
            uid = self.model.messages[int(match[1]) - 1].uid
            if uid is not None:
                self.recents.told(uid, f"{self.name}, SELECT {self.selected}")

    def learn(self) -> None:
        """UID and flags of what the client knows only the number of. What is gone has none until
        the next EXPUNGE."""
        for _ in range(2):
            missing = [i + 1 for i, m in enumerate(self.model.messages)
                       if m.uid is None or m.flags is None]
            if missing:
                self.say(f"FETCH {missing[0]}:{missing[-1]} (UID FLAGS)")
                self.say("NOOP")

    def some(self) -> str:
        """Numbers of one to four messages, or of all."""
        count = len(self.model.messages)
        if self.random.random() < 0.1:
            return "1:*"
        return ",".join(str(self.random.randint(1, count)) for _ in range(self.random.randint(1, 4)))

    def append(self) -> None:
        """One more message."""
        text = f"Subject: {self.name} {self.steps}\r\n\r\nx\r\n"
        self.say(f"APPEND INBOX ({self.random.choice(FLAGS)}) {{{len(text)}+}}\r\n{text}")

    def store(self) -> None:
        """Flags that are told are flags that the model gets."""
        sign = self.random.choice(("+", "-", ""))
        silent = self.random.random() < 0.3
        flags = self.random.choice(FLAGS)
        if not silent:
            self.say(f"STORE {self.some()} {sign}FLAGS ({flags})")
            return
        some = self.some()
        self.say(f"STORE {some} {sign}FLAGS.SILENT ({flags})")
        self.say(f"FETCH {some} (UID FLAGS)")

    def fetch(self) -> None:
        """Rows, records and bytes."""
        items = self.random.choice(("(UID FLAGS)", "FLAGS", "(UID ENVELOPE)", "(UID RFC822.SIZE)",
                                    "(UID BODY.PEEK[])", "BODYSTRUCTURE", "BODY[TEXT]"))
        self.say(f"FETCH {self.some()} {items}")

    def expunge(self) -> None:
        """One client empties the mailbox now and then."""
        everything = self.random.random() < 0.05
        self.say(f"STORE {'1:*' if everything else self.some()} +FLAGS (\\Deleted)")
        self.say("EXPUNGE")

    def look(self) -> None:
        """The numbers must fit whatever is asked."""
        self.say(self.random.choice(("NOOP", "CHECK", "SEARCH ALL", "SEARCH RECENT",
                                     "UID FETCH 1:* (FLAGS)", "STATUS INBOX (MESSAGES RECENT)")))

    def step(self) -> None:
        """One of these."""
        count = len(self.model.messages)
        if count < KEPT and self.random.random() < 0.4:
            self.append()
        elif not count:
            self.look()
        elif count > KEPT and self.random.random() < 0.4:
            self.expunge()
        else:
            self.random.choices((self.store, self.fetch, self.append, self.expunge, self.look,
                                 self.select), (8, 8, 3, 2, 4, 1))[0]()
        self.learn()
        self.steps += 1

    def run(self) -> None:
        try:
            while time.monotonic() < self.until:
                self.step()
        except BaseException as error:  # pylint: disable=broad-except
            self.error = error


def crowd(roost: Roost, seconds: float) -> None:
    """So many seconds of it; in the end every model is the mailbox."""
    seed = os.environ.get("TEN_SEED", str(random.randrange(1 << 32)))
    print(f"seed {seed}")
    recents = Recents()
    sessions = [Session(roost, i, seed, time.monotonic() + seconds, recents)
                for i in range(SESSIONS)]
    for session in sessions:
        session.start()
    for session in sessions:
        session.join()
    for session in sessions:
        assert session.error is None, "\n".join(
            [f"seed {seed}, {session.name}: {session.error!r}", *session.log[-40:]])
    print(sum(s.steps for s in sessions), "steps,", sum(s.gone for s in sessions),
          "replies with EXPUNGEISSUED,", len(recents.sessions), "messages \\Recent")
    for session in sessions:
        session.say("NOOP")
        session.learn()
    with ImapPeer(roost.ports["imaps"], tls=True) as peer:
        peer.login(address("alice"), PASSWORDS["alice"])
        status = peer.ok("STATUS INBOX (RECENT)")[0]
        assert status.endswith("(RECENT 0)"), f"all were told of all messages: {status}"
        wanted = truth(peer, "INBOX")
    assert sum(s.gone for s in sessions) > 0, "no session met an expunged message"
    for session in sessions:
        assert [(m.uid, m.flags) for m in session.model.messages] == \
            [(m.uid, m.flags) for m in wanted], f"seed {seed}, {session.name}"
        session.peer.close()


def test_ten_sessions(roost: Roost) -> None:
    crowd(roost, 6)


@pytest.mark.full("runs for a minute")
def test_ten_sessions_for_a_minute(roost: Roost) -> None:
    """As long as the field's own test tool runs."""
    crowd(roost, 60)
