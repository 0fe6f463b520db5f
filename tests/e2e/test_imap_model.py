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
from harness.server import PASSWORDS, Roost, address

SECONDS = float(os.environ.get("MODEL_SECONDS", "4"))
KINDS = ("", "CONDSTORE", "QRESYNC", "UIDONLY", "UIDONLY QRESYNC", "IMAP4rev2", "IMAP4rev2 QRESYNC",
         "IMAP4rev2 UIDONLY CONDSTORE")
FLAGS = ("\\Seen", "\\Flagged", "\\Answered", "\\Deleted", "$Junk", "todo")
THIRD = "third of three"  # carol's password
KEPT = 12  # messages: fewer and somebody appends, more and somebody expunges


class Client(threading.Thread):
    """One client of a kind, doing what comes to its mind."""

    def __init__(self, roost: Roost, kind: str, seed: str, until: float, user: str = "alice",
                 mailbox: str = "INBOX"):
        super().__init__(name=f"{kind or 'plain'} of {user}")
        self.user, self.mailbox = user, mailbox
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
        self.peer.login(address(self.user), PASSWORDS.get(self.user, THIRD))
        for word in sorted(self.kind):
            assert word in self.peer.ok(f"ENABLE {word}")[0]
        known, self.model.opening = "", True
        if "QRESYNC" in self.kind and self.validity:
            known = f" (QRESYNC ({self.validity} {self.model.highest}{self.match()}))"
        else:
            self.model.messages, self.model.highest = [], 0
        got = self.peer.ok(f"SELECT {self.mailbox}{known}")
        self.log += [f"--- SELECT{known}", *got]
        self.validity = next(x for x in got if "UIDVALIDITY" in x).split()[3][:-1]
        self.model.reopen(got)
        self.model.opening = False
        self.learn()
        return self.peer

    def match(self) -> str:
        """Known UIDs and message sequence match data: none, one, or both. None where a UID was
        not asked for yet: what is in no known UIDs is not told to have vanished."""
        uids, text = self.model.uids(), ""
        if self.model.unknown():
            return ""
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
        self.say(f"APPEND {self.mailbox} ({flag}) {{{len(text)}+}}\r\n{text}")

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


def run(clients: list[Client], seed: str) -> None:
    """All of them at once, until their time is up; then they hear of the rest."""
    for client in clients:
        client.start()
    for client in clients:
        client.join()
        assert client.error is None, f"{client.error!r} {explain(client, seed)}"
    for client in clients:
        client.settle()
    assert sum(client.steps for client in clients) > 10 * len(clients)


def compare(roost: Roost, clients: list[Client], user: str, mailbox: str, seed: str) -> None:
    """Their models are what the mailbox is to that user."""
    with ImapPeer(roost.ports["imaps"], tls=True) as peer:
        peer.login(address(user), PASSWORDS.get(user, THIRD))
        wanted = truth(peer, mailbox)
        unseen = [m.uid for m in wanted if "\\Seen" not in (m.flags or ())]
        status = peer.ok(f"STATUS {mailbox} (MESSAGES UNSEEN)")[0]
        assert status.endswith(f"(MESSAGES {len(wanted)} UNSEEN {len(unseen)})"), status
    for client in clients:
        got = client.model.messages
        assert [m.uid for m in got] == [m.uid for m in wanted], explain(client, seed)
        assert [m.flags for m in got] == [m.flags for m in wanted], explain(client, seed)
        if client.condstore:
            assert [m.modseq for m in got] == [m.modseq for m in wanted], explain(client, seed)
        client.peer.close()


def new_seed() -> str:
    """Of the test's own choice, unless it is told."""
    seed = os.environ.get("MODEL_SEED", str(random.randrange(1 << 32)))
    print(f"seed {seed}")
    return seed


@pytest.mark.parametrize("copies", (1, 2))
def test_models_equal_the_truth(roost: Roost, copies: int) -> None:
    seed, until = new_seed(), time.monotonic() + SECONDS
    clients = [Client(roost, kind, f"{seed} {copy} {kind}", until)
               for copy in range(copies) for kind in KINDS]
    run(clients, seed)
    compare(roost, clients, "alice", "INBOX", seed)


class Seer(Client):
    """Shares a mailbox where everybody has a \\Seen of his own, and keeps a book of his."""

    def __init__(self, *args: object) -> None:
        self.book: dict[int, bool] = {}
        super().__init__(*args)  # type: ignore[arg-type]

    def step(self) -> None:
        """Among others, read or put back one message: what the book says must be what he is told
        from then on, whatever the others do. Nobody else writes into it: one client a user."""
        uids = self.model.uids()
        if not uids or self.random.random() < 0.6:
            return super().step()
        uid, seen = self.random.choice(uids), self.random.random() < 0.5
        got = self.say(f"UID STORE {uid} {'+' if seen else '-'}FLAGS (\\Seen)")
        if got[-1].startswith("OK"):
            self.book[uid] = seen
        self.steps += 1
        return None

    def append(self) -> None:
        """Its \\Seen is his alone."""
        text = f"Subject: {self.steps}\r\n\r\nx\r\n"
        seen = self.random.random() < 0.5
        got = self.say(f"APPEND {self.mailbox} ({chr(92) + 'Seen' if seen else ''})"
                       f" {{{len(text)}+}}\r\n{text}")
        self.book[int(got[-1].split("]")[0].split()[-1])] = seen

    def store(self) -> None:
        """Flags of all, which leave \\Seen alone."""
        uids = self.model.uids()
        if uids:
            sign, flag = self.random.choice("+-"), self.random.choice(("\\Flagged", "todo"))
            self.say(f"UID STORE {self.random.choice(uids)} {sign}FLAGS ({flag})")

    def remove(self) -> None:
        """One goes for good, whoever has seen it."""
        uids = self.model.uids()
        if uids:
            uid = self.random.choice(uids)
            self.say(f"UID STORE {uid} +FLAGS (\\Deleted)")
            self.say(f"UID EXPUNGE {uid}")

    def pipeline(self) -> None:
        """Not here: it would store without the book."""
        self.look()


def test_everybody_has_seen_what_he_has_seen(roost: Roost) -> None:
    seed = new_seed()
    users = {"alice": "Plans", "bob": f'"Other Users/{address("alice")}/Plans"',
             "carol": f'"Other Users/{address("alice")}/Plans"'}
    roost.cli("account", "add", address("carol"), "Carol", stdin=THIRD + "\n")
    with ImapPeer(roost.ports["imaps"], tls=True) as peer:
        peer.login(address("alice"), PASSWORDS["alice"])
        peer.ok("CREATE Plans")
        for user in ("bob", "carol"):
            peer.ok(f"SETACL Plans {address(user)} lrswite")
        peer.ok('SETMETADATA Plans (/shared/vendor/roost/seen "own")')
    until = time.monotonic() + SECONDS
    clients = [Seer(roost, kind, f"{seed} {user}", until, user, users[user])
               for user, kind in zip(users, ("QRESYNC", "IMAP4rev2 QRESYNC", "CONDSTORE"))]
    run(list(clients), seed)
    for client in clients:
        for message in client.model.messages:
            seen = "\\Seen" in (message.flags or ())
            assert seen == client.book.get(message.uid or 0, False), explain(client, seed)
        compare(roost, [client], client.user, client.mailbox, seed)
