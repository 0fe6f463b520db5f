"""A client follows searches and sorts (RFC 5267) while another changes the mailbox at random. What
it makes of ADDTO, REMOVEFROM and EXPUNGE alone is in the end what a new command finds.

CONTEXT_SECONDS=60 lets it run long, CONTEXT_SEED=n repeats the steps of one."""
import os
import random
import re
import threading
import time
from dataclasses import dataclass, field

from harness import mail
from harness.imap_model import numbers
from harness.peer import ImapPeer
from harness.server import PASSWORDS, Roost

SECONDS = float(os.environ.get("CONTEXT_SECONDS", "4"))
UPDATE = re.compile(r'\* ESEARCH \(TAG "(\w+)"\)( UID)?((?: (?:ADDTO|REMOVEFROM) \([^)]*\))+)$')
CHANGE = re.compile(r"(ADDTO|REMOVEFROM) \(([^)]*)\)")
FLAGS = ("\\Seen", "\\Flagged", "\\Deleted", "todo")
FOLLOWED = (
    ("UID SEARCH", "UNSEEN"),
    ("SEARCH", "FLAGGED UNDELETED"),
    ("SEARCH", "ALL"),
    ("UID SEARCH", "OR UID 9:* SUBJECT a"),
    ("UID SEARCH", "BODY x NOT KEYWORD todo"),
    ("UID SORT", "(SUBJECT) UTF-8 UNDELETED"),
    ("SORT", "(REVERSE SUBJECT SIZE) UTF-8 ALL"),
    ("UID SORT", "(REVERSE ARRIVAL) UTF-8 UNSEEN"),
)


def session(roost: Roost) -> ImapPeer:
    """Logged in, INBOX selected."""
    peer = ImapPeer(roost.ports["imaps"], tls=True)
    peer.login("alice@example.org", PASSWORDS["alice"])
    peer.ok("SELECT INBOX")
    return peer


@dataclass
class Followed:
    """Results in their order, UIDs or numbers."""
    uid: bool
    items: list[int] = field(default_factory=list)
    told: int = 0

    def change(self, kind: str, pairs: str) -> None:
        """One ADDTO or REMOVEFROM: RFC 5267 4.3.3, 4.3.4."""
        words = pairs.split(" ")
        for at, text in zip(map(int, words[::2]), words[1::2]):
            some = numbers(text)
            if kind == "ADDTO":
                assert not set(some) & set(self.items), (kind, pairs, self.items)
                if at:
                    self.items[at - 1:at - 1] = some
                else:
                    self.items = sorted(self.items + some)
            elif at:
                assert self.items[at - 1:at - 1 + len(some)] == some, (kind, pairs, self.items)
                del self.items[at - 1:at - 1 + len(some)]
            else:
                for number in some:
                    self.items.remove(number)
        self.told += 1


class Follower:
    """A client with a model of each result."""

    def __init__(self, roost: Roost):
        self.peer = session(roost)
        self.followed: dict[str, Followed] = {}

    def hear(self, lines: list[str]) -> None:
        """All of them go into the models."""
        for line in lines:
            if match := UPDATE.match(line):
                followed = self.followed[match[1]]
                assert bool(match[2]) == followed.uid
                for kind, pairs in CHANGE.findall(match[3]):
                    followed.change(kind, pairs)
            elif match := re.match(r"\* (\d+) EXPUNGE$", line):
                for followed in self.followed.values():
                    if not followed.uid:
                        assert int(match[1]) not in followed.items
                        followed.items = [n - (n > int(match[1])) for n in followed.items]

    def search(self, command: str, program: str, *options: str) -> list[int]:
        """The results of a new command."""
        got = self.peer.ok(f"{command} RETURN ({' '.join(('ALL', *options))}) {program}")
        own = f'* ESEARCH (TAG "t{self.peer.tags}")'
        answer = next(line for line in got if line.startswith(own) and not UPDATE.match(line))
        if "UPDATE" in options:
            self.followed[f"t{self.peer.tags}"] = Followed(command.startswith("UID"))
        found = numbers(answer.rsplit(" ALL ", 1)[1]) if " ALL " in answer else []
        if "UPDATE" in options:
            self.followed[f"t{self.peer.tags}"].items = list(found)
        self.hear(got)
        return found

    def step(self, dice: random.Random) -> None:
        """Hear what there is, in one of the ways."""
        way = dice.random()
        if way < 0.4:
            self.peer.tags += 1
            tag = f"t{self.peer.tags}"
            self.peer.send(f"{tag} IDLE\r\n")
            time.sleep(dice.random() / 20)
            self.peer.send("DONE\r\n")
            self.hear(self.peer.until(tag))
        elif way < 0.6:
            self.hear(self.peer.ok("SEARCH ANSWERED"))  # no EXPUNGE may be told
        elif way < 0.8:
            self.hear(self.peer.ok(f"UID STORE {dice.randint(1, 99)} +FLAGS.SILENT (\\Flagged)"))
        else:
            self.hear(self.peer.ok("NOOP"))


def change(roost: Roost, dice: random.Random, until: float) -> None:
    """Another client, at random, until then."""
    peer, steps = session(roost), 0
    while time.monotonic() < until:
        steps += 1
        low = dice.randint(1, 40 + steps)
        what = dice.random()
        if what < 0.3:
            text = f"Subject: {dice.choice('abcdef')}{steps}\r\n\r\n{dice.choice('xyz')}\r\n"
            peer.ok(f"APPEND INBOX ({dice.choice(FLAGS)}) {{{len(text)}+}}\r\n{text}")
        elif what < 0.5:
            peer.ok("UID EXPUNGE 1:*" if dice.random() < 0.5 else "EXPUNGE")
        else:
            peer.ok(f"UID STORE {low}:{low + dice.randint(0, 5)} {dice.choice('+-')}FLAGS"
                    f" ({dice.choice(FLAGS)})")
    peer.close()


def test_followed_results_equal_the_truth(roost: Roost) -> None:
    seed = os.environ.get("CONTEXT_SEED", str(random.randrange(1 << 32)))
    print(f"seed {seed}")
    dice = random.Random(seed)
    for subject in "abc":
        mail.deliver(roost, mail.letter(subject))
    follower = Follower(roost)
    for command, program in FOLLOWED:
        follower.search(command, program, "UPDATE")
    until = time.monotonic() + SECONDS
    other = threading.Thread(target=change, args=(roost, random.Random(f"{seed} other"), until))
    other.start()
    while time.monotonic() < until:
        follower.step(dice)
    other.join()
    follower.hear(follower.peer.ok("NOOP"))
    for (command, program), followed in zip(FOLLOWED, list(follower.followed.values())):
        assert followed.told > 3, program
        assert followed.items == follower.search(command, program), (command, program)
    tags = " ".join(f'"{tag}"' for tag in follower.followed)
    follower.peer.ok(f"CANCELUPDATE {tags}")
    with session(roost) as peer:
        peer.ok("STORE 1:* -FLAGS (\\Seen \\Flagged)")
    assert not [line for line in follower.peer.ok("NOOP") if "ESEARCH" in line]
