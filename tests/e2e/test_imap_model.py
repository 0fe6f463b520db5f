"""Many clients of every kind change one mailbox at once, each with a model of it that it builds
from untagged responses alone. In the end all models are equal to the truth.

MODEL_SECONDS=60 lets it run long, MODEL_SEED=n repeats one: the clients' own steps, that is, not
their order among each other."""
import os
import random
import threading
import time

import pytest

from harness.imap_model import Model, truth
from harness.peer import ImapPeer
from harness.server import PASSWORDS, Roost

SECONDS = float(os.environ.get("MODEL_SECONDS", "4"))
KINDS = ("", "CONDSTORE", "QRESYNC", "UIDONLY", "UIDONLY QRESYNC", "IMAP4rev2", "IMAP4rev2 QRESYNC",
         "IMAP4rev2 UIDONLY CONDSTORE")
FLAGS = ("\\Seen", "\\Flagged", "\\Answered", "\\Deleted", "$Junk", "todo")
KEPT = 12  # messages: fewer and somebody appends, more and somebody expunges


class Client(threading.Thread):
    """One client of a kind, doing what comes to its mind."""

    def __init__(self, roost: Roost, kind: str, seed: str, until: float):
        super().__init__(name=kind or "plain")
        self.port, self.until, self.random = roost.ports["imaps"], until, random.Random(seed)
        self.kind = set(kind.split())
        self.condstore = bool(self.kind & {"CONDSTORE", "QRESYNC"})
        self.model = Model(uidonly="UIDONLY" in self.kind)
        self.error: BaseException | None = None
        self.steps = 0
        self.validity = ""
        self.log: list[str] = []
        self.peer = self.connect()

    # --- talking ---

    def connect(self) -> ImapPeer:
        """Log in, enable, select, and catch up if that can be."""
        self.peer = ImapPeer(self.port, tls=True)
        self.peer.login("alice@example.org", PASSWORDS["alice"])
        for word in sorted(self.kind):
            assert word in self.peer.ok(f"ENABLE {word}")[0]
        known, self.model.opening = "", True
        if "QRESYNC" in self.kind and self.validity:
            known = f" (QRESYNC ({self.validity} {self.model.highest}{self.match()}))"
        else:
            self.model.messages, self.model.highest = [], 0
        got = self.peer.ok(f"SELECT INBOX{known}")
        self.log += [f"--- SELECT{known}", *got]
        self.validity = next(x for x in got if "UIDVALIDITY" in x).split()[3][:-1]
        self.model.reopen(got)
        self.model.opening = False
        self.learn()
        return self.peer

    def match(self) -> str:
        """Known UIDs and message sequence match data: none, one, or both."""
        uids, text = self.model.uids(), ""
        if uids and self.random.random() < 0.5:
            text = f" 1:{max(uids)}"
        if uids and not self.model.uidonly and self.random.random() < 0.5:
            at = sorted(self.random.sample(range(len(uids)), min(3, len(uids))))
            text += (f" ({','.join(str(i + 1) for i in at)}"
                     f" {','.join(str(uids[i]) for i in at)})")
        return text

    def hear(self, lines: list[str]) -> list[str]:
        """All of them go into the model."""
        self.log += lines
        for line in lines:
            self.model.hear(line)
        return lines

    def say(self, line: str) -> list[str]:
        """A command, which may fail, but not as bad syntax."""
        self.log.append(f"--- {line}")
        got = self.hear(self.peer.cmd(line))
        assert got and not got[-1].startswith("BAD"), (line, got)
        return got

    def learn(self) -> None:
        """Ask for what the client was not told of new messages."""
        items = "(UID FLAGS MODSEQ)" if self.condstore else "(UID FLAGS)"
        while self.model.unknown():
            if self.model.uidonly or self.random.random() < 0.5:
                known = [m.uid for m in self.model.messages if m.flags is not None and m.uid]
                self.say(f"UID FETCH {min(max(known, default=0) + 1, 1)}:* {items}")
            else:
                first = next(i for i, m in enumerate(self.model.messages)
                             if m.uid is None or m.flags is None)
                self.say(f"FETCH {first + 1}:{len(self.model.messages)} {items}")

    # --- steps ---

    def some(self) -> tuple[str, list[int]]:
        """("UID ", UIDs) or ("", numbers) of some messages."""
        by_uid = self.model.uidonly or self.random.random() < 0.6
        have = self.model.uids() if by_uid else list(range(1, len(self.model.messages) + 1))
        return "UID " if by_uid else "", sorted(
            self.random.sample(have, min(len(have), self.random.randint(1, 4))))

    def append(self) -> None:
        """One more message."""
        text = f"Subject: {self.steps}\r\n\r\nx\r\n"
        flag = self.random.choice(FLAGS)
        self.say(f"APPEND INBOX ({flag}) {{{len(text)}+}}\r\n{text}")

    def store(self) -> None:
        """Flags of some, told or silently, on a condition or without."""
        uid, some = self.some()
        if not some:
            return
        sign, flags = self.random.choice(("+", "-", "")), {self.random.choice(FLAGS)}
        silent = self.random.random() < 0.4
        condition = ""
        if self.condstore and self.random.random() < 0.3:
            condition = f" (UNCHANGEDSINCE {self.random.randint(1, self.model.highest + 2)})"
        if silent and not condition:  # what a client that is not told does by itself, at once
            for number in some:
                message = next(m for m in self.model.messages if m.uid == number) if uid \
                    else self.model.messages[number - 1]
                was = message.flags or frozenset()
                message.flags = frozenset(was | flags if sign == "+" else
                                          was - flags if sign == "-" else flags)
        if silent and condition:
            silent = False
        self.say(f"{uid}STORE {','.join(map(str, some))}{condition} {sign}FLAGS"
                 f"{'.SILENT' if silent else ''} ({' '.join(flags)})")

    def remove(self) -> None:
        """Some go for good."""
        uid, some = self.some()
        if not some:
            return
        if self.random.random() < 0.3:
            self.say(f"{uid}MOVE {','.join(map(str, some))} Trash")
            return
        self.say(f"{uid}STORE {','.join(map(str, some))} +FLAGS (\\Deleted)")
        if self.random.random() < 0.5:
            self.say("EXPUNGE")
        elif self.model.uids():
            self.say(f"UID EXPUNGE {','.join(map(str, self.model.uids()))}")

    def look(self) -> None:
        """A command that changes nothing; some of them may not tell EXPUNGE."""
        if self.model.uidonly:
            self.say(self.random.choice(("NOOP", "UID SEARCH ALL", "UID FETCH 1:* FLAGS", "CHECK")))
        else:
            self.say(self.random.choice(("NOOP", "SEARCH ALL", "UID SEARCH ALL", "FETCH 1:* FLAGS",
                                         "UID SEARCH 1:*", "UID FETCH 1:* FLAGS",
                                         "STATUS Trash (MESSAGES)")))

    def idle(self) -> None:
        """For a moment."""
        self.peer.tags += 1
        tag = f"t{self.peer.tags}"
        self.peer.send(f"{tag} IDLE\r\n")
        assert self.peer.line().startswith("+")
        time.sleep(self.random.random() / 20)
        self.peer.send("DONE\r\n")
        self.log.append("--- IDLE")
        self.hear(self.peer.until(tag))

    def pipeline(self) -> None:
        """Several commands in one piece; UIDs, for numbers could shift between them."""
        uids = self.model.uids()
        if not uids:
            return
        tags = [f"p{self.steps}{x}" for x in "abc"]
        lines = [f"UID STORE {self.random.choice(uids)} +FLAGS ({self.random.choice(FLAGS)})",
                 "NOOP", f"UID FETCH {self.random.choice(uids)} FLAGS"]
        self.log.append(f"--- {lines}")
        self.peer.send("".join(f"{tag} {line}\r\n" for tag, line in zip(tags, lines)))
        for tag in tags:
            self.hear(self.peer.until(tag))

    def reconnect(self) -> None:
        """The line is cut, now and then in the middle of a command."""
        if self.random.random() < 0.5:
            self.peer.send("c1 UID SEARCH ALL\r\nc2 NO")
        self.peer.close()
        self.connect()

    def step(self) -> None:
        """One of these."""
        count = len(self.model.messages)
        if count < KEPT and self.random.random() < 0.4:
            self.append()
        elif count > KEPT and self.random.random() < 0.4:
            self.remove()
        else:
            self.random.choices((self.store, self.look, self.idle, self.pipeline, self.append,
                                 self.remove, self.reconnect), (8, 4, 2, 2, 2, 2, 1))[0]()
        self.learn()
        self.steps += 1

    def run(self) -> None:
        try:
            while time.monotonic() < self.until:
                self.step()
        except BaseException as error:  # pylint: disable=broad-except
            self.error = error

    def settle(self) -> None:
        """Nobody changes anything any more: one NOOP tells all that is left."""
        self.say("NOOP")
        self.learn()


def explain(client: Client, seed: str) -> str:
    """What a failure needs to be understood."""
    return f"client {client.name!r}, seed {seed}:\n" + "\n".join(client.log[-60:])


@pytest.mark.parametrize("copies", (1, 2))
def test_models_equal_the_truth(roost: Roost, copies: int) -> None:
    seed = os.environ.get("MODEL_SEED", str(random.randrange(1 << 32)))
    print(f"seed {seed}")
    until = time.monotonic() + SECONDS
    clients = [Client(roost, kind, f"{seed} {copy} {kind}", until)
               for copy in range(copies) for kind in KINDS]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
        assert client.error is None, f"{client.error!r} {explain(client, seed)}"
    for client in clients:
        client.settle()
    with ImapPeer(roost.ports["imaps"], tls=True) as peer:
        peer.login("alice@example.org", PASSWORDS["alice"])
        wanted = truth(peer, "INBOX")
    assert sum(client.steps for client in clients) > 10 * len(clients)
    for client in clients:
        got = client.model.messages
        assert [m.uid for m in got] == [m.uid for m in wanted], explain(client, seed)
        assert [m.flags for m in got] == [m.flags for m in wanted], explain(client, seed)
        if client.condstore:
            assert [m.modseq for m in got] == [m.modseq for m in wanted], explain(client, seed)
        client.peer.close()
