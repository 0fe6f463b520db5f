"""Mail as it is: real text and attachments that do not compress, for 100 mailboxes. How fast it is
delivered, what it costs with its index, what it takes on the disk, what is used again after an
expunge, and what memory a large store takes.

The text is that of ../shared/corpus/lists where it is there, else generated (letters.py)."""

import base64
import contextlib
import dataclasses
import os
import pathlib
import random
import struct
import subprocess
import tarfile
import time

import measure
from imap_client import Client
from letters import Letters
from servers import PASSWORD, PostfixDovecot, Roost
from smtp_servers import Load as Sender

ROOT = pathlib.Path(__file__).resolve().parents[2]
LISTS = ROOT.parent / "shared" / "corpus" / "lists" / "linux-man-6000.tar.xz"
BOXES = 100
TEXTS = 6000
ATTACHMENTS = 400          # random ones; each message is one of them with a Received field of its own
ATTACHMENT_BYTES = 102400
SESSIONS = (1, 10, 50)
GIB_MESSAGES = 2**30 // ATTACHMENT_BYTES
MEAN_BYTES = 5900
LONGEST = 40000  # of the texts: patches of many pages would make the mean say little


def users():
    return [f"u{i}@example.org" for i in range(BOXES)]


# --- what is sent ---------------------------------------------------------------------------


def list_texts():
    with tarfile.open(LISTS) as archive:  # read from its begin to its end: it is compressed
        found = {m.name: archive.extractfile(m).read() for m in archive
                 if m.isfile() and m.size <= LONGEST}
    for name in sorted(found):
        yield found[name].replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def texts():
    """Of 5.9 KB in the mean."""
    if not LISTS.exists():
        letters = Letters(1, 1000, 10000)
        return [letters.letter(i) for i in range(TEXTS)]
    found, total = [], 0
    for text in list_texts():
        if len(text) <= MEAN_BYTES or total <= MEAN_BYTES * len(found):
            found.append(text)
            total += len(text)
    return found


def attachments():
    chance = random.Random(1)
    for i in range(ATTACHMENTS):
        text = base64.encodebytes(chance.randbytes(ATTACHMENT_BYTES * 57 // 78)).replace(b"\n", b"\r\n")
        yield (f"From: <author@peer.example>\r\nTo: <u@example.org>\r\nSubject: file {i}\r\n"
               f"Message-ID: <file-{i}@peer.example>\r\nMIME-Version: 1.0\r\n"
               "Content-Type: application/octet-stream; name=file.bin\r\n"
               "Content-Transfer-Encoding: base64\r\n\r\n").encode() + text


@dataclasses.dataclass
class Corpus:
    label: str
    path: pathlib.Path
    count: int
    mean: float

    @staticmethod
    def write(label, folder, name, messages):
        path, count, size = pathlib.Path(folder) / name, 0, 0
        with open(path, "wb") as f:
            for text in messages:
                f.write(struct.pack("<I", len(text)) + text)
                count, size = count + 1, size + len(text)
        return Corpus(label, path, count, size / count)


# --- the servers ------------------------------------------------------------------------------


class RoostBoxes(Roost):
    """Without the checks that ask DNS, since Postfix and Dovecot as shipped make none: the authors
    of real mail have domains, whose name servers a bench must not wait for."""

    def environment(self):
        return super().environment() | {f"ROOST_{name}": "off" for name in
                                        ("SPF", "DKIM_VERIFY", "DMARC", "FCRDNS", "DNSSEC")}

    def start(self):
        took = super().start()
        if not (self.root / "boxes").exists():
            while not (self.root / "control.sock").exists():  # ports open before the store is ready
                time.sleep(0.002)
            for user in users():
                subprocess.run([self.binary, "account", "add", user], env=self.environment(),
                               input=PASSWORD, text=True, check=True, stdout=subprocess.DEVNULL)
            (self.root / "boxes").touch()
        return took

    def folder_bytes(self):
        return disk_use(self.root)


class PeerBoxes(PostfixDovecot):
    def start(self):
        self.dovecot.users = users()
        super().start()

    def stored(self, want):
        return sum(len(names) for path, _, names in os.walk(self.dovecot.root / "mail")
                   if path.endswith("dbox-Mails")) - self.indexes()

    def indexes(self):
        """Files of Dovecot's own that lie among the messages."""
        return sum(name.startswith("dovecot.") for path, _, names in
                   os.walk(self.dovecot.root / "mail") if path.endswith("dbox-Mails") for name in names)

    def settle(self):
        """Nothing follows the delivery."""

    def folder_bytes(self):
        return disk_use(self.dovecot.root / "mail")


def disk_use(folder):
    """Blocks of all files, as the file system counts them."""
    return sum(os.lstat(os.path.join(path, name)).st_blocks * 512
               for path, _, names in os.walk(folder) for name in names)


# --- loads --------------------------------------------------------------------------------------


@dataclasses.dataclass
class Result:
    rate: float
    cpu_ms: float  # of CPU time a message, until the index has it


def send(sender, server, corpus, sessions, count):
    return sender.send(server.ports["smtp"], sessions, count, "u#@example.org", domains=BOXES,
                       words=("-F", corpus.path))[1]


def load(sender, server, corpus, sessions, count):
    before, cpu = server.stored(0), server.cpu.usage()
    begin = time.monotonic()
    took = send(sender, server, corpus, sessions, count)
    while server.stored(before + count) - before < count:
        if time.monotonic() - begin > 300:
            raise RuntimeError(f"{server.name} lost messages")
        time.sleep(0.02)
        took = time.monotonic() - begin
    server.settle()
    used = server.cpu.usage() - cpu if cpu is not None else float("nan")
    return Result(count / took, used / count * 1000)


@contextlib.contextmanager
def running(server):
    server.start()
    try:
        yield server
    finally:
        server.stop()


def speed(sender, servers, corpora, seconds, sessions):
    rows = []
    for corpus in corpora:
        for n in sessions:
            found = []
            for server in servers:
                guess = load(sender, server, corpus, n, 200).rate
                found.append(load(sender, server, corpus, n, max(200, int(guess * seconds))))
            rows.append((corpus.label, n, *found))
    return rows


# --- space ----------------------------------------------------------------------------------------


def expunge_all(server):
    for user in users():
        client = Client(server.ports["imap"], "INBOX", user=user)
        client.run("STORE 1:* +FLAGS.SILENT (\\Deleted)")
        client.run("EXPUNGE")
        client.close()


def space(sender, binary, folder, make, corpus, count):
    """Bytes of the folder after count messages, after they are gone, and after as many again."""
    server, sizes = make(binary, folder) if make is RoostBoxes else make(folder), []
    with running(server):
        for again in (False, True):
            send(sender, server, corpus, 10, count)
            while not isinstance(server, RoostBoxes) and server.stored(0) < count:
                time.sleep(0.1)
            server.settle()
            time.sleep(2)  # until a quiet server has brought its journal into its tree
            sizes.append(server.folder_bytes())
            if not again and isinstance(server, RoostBoxes):
                expunge_all(server)
                time.sleep(2)
                sizes.append(server.folder_bytes())
            elif not again:
                break
    server.close()
    return sizes


def memory(sender, binary, folder, corpus):
    """(anonymous, mapped) bytes resident with a store of 1 GiB, after it was filled and after a start."""
    server, rows = RoostBoxes(binary, folder), []
    with running(server):
        send(sender, server, corpus, 10, GIB_MESSAGES)
        server.settle()
        rows.append(("filled", *measure.memory_parts(server.process.pid)))
    with running(server):
        client = Client(server.ports["imap"], "INBOX", user=users()[0])
        client.run("FETCH 1:* (FLAGS ENVELOPE)")
        client.close()
        rows.append(("started anew, one mailbox listed", *measure.memory_parts(server.process.pid)))
    server.close()
    return rows


# --- the whole -----------------------------------------------------------------------------------


def bench(binary, folder, seconds, sessions=SESSIONS, parts=("speed", "space", "memory")):
    sender, folder = Sender(300), pathlib.Path(folder)
    text = Corpus.write("text", folder, "texts", texts())
    files = Corpus.write("100 KiB base64", folder, "files", attachments())
    text.label = f"{text.mean / 1000:.1f} KB of text"
    found = {}
    if "speed" in parts:
        (folder / "speed").mkdir()
        os.chmod(folder / "speed", 0o755)
        servers = [RoostBoxes(binary, folder / "speed"), PeerBoxes(folder / "speed")]
        with contextlib.ExitStack() as stack:
            for server in servers:
                stack.enter_context(running(server))
            found["speed"] = speed(sender, servers, (text, files), seconds, sessions)
        for server in servers:
            server.close()
    if "space" in parts:
        found["space"] = []
        for make in (RoostBoxes, PeerBoxes):
            below = folder / f"space-{make.__name__}"
            below.mkdir(mode=0o755)
            found["space"].append((make.name, text.mean * text.count,
                                   space(sender, binary, below, make, text, text.count)))
    if "memory" in parts:
        (folder / "memory").mkdir()
        found["memory"] = memory(sender, binary, folder / "memory", files)
    return found


def table(found):
    out = []
    if "speed" in found:
        out += ["| message | sessions | Roost msg/s | P+D msg/s | ratio | Roost CPU ms, with the index "
                "| P+D CPU ms | ratio |", "|---|---|---|---|---|---|---|---|"]
        for label, n, r, p in found["speed"]:
            out.append(f"| {label} | {n} | {r.rate:.0f} | {p.rate:.0f} | {r.rate / p.rate:.1f} "
                       f"| {r.cpu_ms:.2f} | {p.cpu_ms:.2f} | {r.cpu_ms / p.cpu_ms:.2f} |")
    if "space" in found:
        out += ["", "| data folder | mail MiB | on the disk MiB | times | all expunged | as much again |",
                "|---|---|---|---|---|---|"]
        for name, mail, sizes in found["space"]:
            later = [f"{s / 2**20:.1f}" for s in sizes[1:]] or ["-", "-"]
            out.append(f"| {name} | {mail / 2**20:.1f} | {sizes[0] / 2**20:.1f} "
                       f"| {sizes[0] / mail:.2f} | {' | '.join(later)} |")
    if "memory" in found:
        out += ["", "| 1 GiB of mail | anonymous MiB | mapped MiB |", "|---|---|---|"]
        out += [f"| {what} | {a / 2**20:.1f} | {m / 2**20:.1f} |" for what, a, m in found["memory"]]
    return "\n".join(out)
