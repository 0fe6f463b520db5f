"""IMAP beside Dovecot: the same messages in one mailbox of each, the same commands in one run.

A command's time is from its last byte to its tagged reply, all of whose bytes are read. Both servers
are warm unless a row says otherwise; the client does nothing with what it reads."""

import contextlib
import multiprocessing
import pathlib
import random
import socket
import statistics
import time

from servers import PASSWORD, USER, Dovecot, Roost

BIG = "Big"
REPEATS = 5
RARE = "zwitscherling"


# --- what is in the mailboxes -------------------------------------------------------------

class Letters:
    """Messages of 4 to 8 KiB as a reader of lists has them: words by Zipf's law, threads of some
    ten, a quarter with an HTML part. The same seed gives the same ones."""

    def __init__(self, seed=1):
        self.random = random.Random(seed)
        letters = "abcdefghijklmnopqrstuvwxyz"
        self.words = ["".join(self.random.choices(letters, k=self.random.randint(2, 11)))
                      for _ in range(30000)]
        self.weights = [1 / (i + 10) for i in range(len(self.words))]
        self.thread = []

    def prose(self, size):
        out, n = [], 0
        for word in self.random.choices(self.words, self.weights, k=size // 4):
            out.append(word)
            n += len(word) + 1
            if n >= size:
                break
        lines = [" ".join(out[i:i + 11]) for i in range(0, len(out), 11)]
        return "\r\n".join(lines) + "\r\n"

    def subject(self, i):
        if not self.thread or self.random.random() < 0.1:
            self.thread = []
            self.topic = " ".join(self.random.choices(self.words[:3000], k=4))
            return self.topic
        return "Re: " + self.topic

    def letter(self, i, rare=False):
        subject = self.subject(i) + (" " + RARE if rare else "")
        own = f"<{i}.{self.random.randrange(10**9)}@list.example.net>"
        head = [f"From: Person {i % 211} <person{i % 211}@example.net>",
                f"To: {USER}", f"Subject: {subject}", f"Message-ID: {own}",
                time.strftime("Date: %a, %d %b %Y %H:%M:%S +0000", time.gmtime(1.6e9 + 613 * i))]
        if self.thread:
            head += [f"In-Reply-To: {self.thread[-1]}", "References: " + " ".join(self.thread[-8:])]
        self.thread.append(own)
        text = self.prose(self.random.randint(4096, 8192)) + (RARE + "\r\n" if rare else "")
        if i % 4:
            head += ["MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8"]
            return ("\r\n".join(head) + "\r\n\r\n" + text).encode()
        head += ["MIME-Version: 1.0", 'Content-Type: multipart/alternative; boundary="b"']
        parts = (f"--b\r\nContent-Type: text/plain\r\n\r\n{text[:len(text) // 2]}"
                 f"--b\r\nContent-Type: text/html\r\n\r\n<p>{text[len(text) // 2:]}</p>\r\n--b--\r\n")
        return ("\r\n".join(head) + "\r\n\r\n" + parts).encode()


# --- a client that costs little -----------------------------------------------------------

class Client:
    def __init__(self, port, login=True):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.n = 0
        self.left = bytearray()  # begins with the end of the line before
        self._until(b"\r\n", 0)
        del self.left[:-2]
        if login:
            self.run(f"LOGIN {USER} {PASSWORD}")

    def _until(self, mark, searched):
        self.socket.settimeout(120)
        while (at := self.left.find(mark, searched)) < 0:
            searched = max(len(self.left) - len(mark), 0)
            data = self.socket.recv(1 << 18)
            if not data:
                raise RuntimeError("the server went away")
            self.left += data
        return at

    def run(self, command, *literals):
        """The answer's bytes; raises unless the reply is OK. Literals are put where {} is, as
        LITERAL+."""
        self.n += 1
        tag = b"a%d" % self.n
        parts = command.encode().split(b"{}")
        out = [tag + b" " + parts[0]]
        for literal, part in zip(literals, parts[1:]):
            out += [b"{%d+}\r\n" % len(literal), literal, part]
        self.socket.sendall(b"".join(out) + b"\r\n")
        return self.reply(tag)

    def reply(self, tag):
        begin = self._until(b"\r\n" + tag + b" ", 0) + 2
        end = self._until(b"\r\n", begin)
        answer = bytes(self.left[2:end + 2])
        line = bytes(self.left[begin:end])
        del self.left[:end]
        if not line.startswith(tag + b" OK"):
            raise RuntimeError(line.decode(errors="replace"))
        return answer

    def seconds(self, command):
        begin = time.perf_counter()
        answer = self.run(command)
        return time.perf_counter() - begin, len(answer)

    def close(self):
        with contextlib.suppress(OSError, RuntimeError):
            self.run("LOGOUT")
        self.socket.close()


# --- what is measured ---------------------------------------------------------------------

def append_some(port, letters, batch, go):
    client = Client(port)
    go.wait()
    for i in range(0, len(letters), batch):
        some = letters[i:i + batch]
        client.run("APPEND Small" + " {}" * len(some), *some)
    client.close()


def append_rate(server, letters, connections, batch):
    """Messages a second."""
    Client(server.ports["imap"]).run("CREATE Small")
    share = len(letters) // connections
    go = multiprocessing.Event()
    workers = [multiprocessing.Process(target=append_some, args=(
        server.ports["imap"], letters[i * share:(i + 1) * share], batch, go))
        for i in range(connections)]
    for worker in workers:
        worker.start()
    time.sleep(0.3)
    begin = time.perf_counter()
    go.set()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    rate = share * connections / (time.perf_counter() - begin)
    Client(server.ports["imap"]).run("DELETE Small")
    return rate


def fill(server, count):
    client = Client(server.ports["imap"])
    client.run(f"CREATE {BIG}")
    letters = Letters()
    multi = b"MULTIAPPEND" in client.run("CAPABILITY")
    batch = 100 if multi else 1
    for i in range(0, count, batch):
        some = [letters.letter(n, rare=n == count // 3) for n in range(i, min(i + batch, count))]
        client.run(f"APPEND {BIG}" + " {}" * len(some), *some)
    client.close()


def logins(port, count, go):
    go.wait()
    for _ in range(count):
        Client(port).socket.close()


def login_rate(server, count, processes=2):
    go = multiprocessing.Event()
    Client(server.ports["imap"]).close()
    workers = [multiprocessing.Process(target=logins, args=(server.ports["imap"], count, go))
               for _ in range(processes)]
    for worker in workers:
        worker.start()
    time.sleep(0.3)
    begin = time.perf_counter()
    go.set()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    return processes * count / (time.perf_counter() - begin)


def select_times(server):
    """(after a start of the server, the median of later ones), in ms"""
    server.stop()
    server.start()
    client = Client(server.ports["imap"])
    first = client.seconds(f"SELECT {BIG}")[0]
    later = []
    for _ in range(20):
        client.run("UNSELECT")
        later.append(client.seconds(f"SELECT {BIG}")[0])
    client.close()
    return first * 1000, statistics.median(later) * 1000


ROWS = [("FETCH 1:* (UID FLAGS)", "FETCH 1:* (UID FLAGS)", 13, None),
        ("FETCH 1:* ENVELOPE", "FETCH 1:* (ENVELOPE)", 100, "ENVELOPE"),
        ("FETCH 1:* BODYSTRUCTURE", "FETCH 1:* (BODYSTRUCTURE)", 60, "BODYSTRUCTURE"),
        ("SEARCH SUBJECT, rare", f"SEARCH SUBJECT {RARE}", 5, None),
        ("SEARCH BODY, rare", f"SEARCH BODY {RARE}", 5, None),
        ("SEARCH UNSEEN", "SEARCH UNSEEN", 5, None),
        ("SORT (DATE)", "SORT (DATE) UTF-8 ALL", 20, "SORT"),
        ("SORT (SUBJECT)", "SORT (SUBJECT) UTF-8 ALL", 20, None),
        ("THREAD REFERENCES", "THREAD REFERENCES UTF-8 ALL", 30, "THREAD=REFERENCES")]


def commands(server, have):
    """{row: (first ms, later ms)} of one start of the server, whose caches are forgotten."""
    server.stop()
    server.forget()
    server.start()
    client = Client(server.ports["imap"])
    client.run(f"SELECT {BIG}")
    out = {}
    for name, command, _, needs in ROWS:
        if name.startswith(("SORT", "THREAD")) and needs and needs.encode() not in have \
                or name.startswith("SORT") and b"SORT" not in have:
            continue
        first = client.seconds(command)[0] * 1000
        later = [client.seconds(command)[0] * 1000 for _ in range(REPEATS)]
        out[name] = (first, statistics.median(later))
    client.close()
    return out


def bodies(server):
    """MB/s of BODY.PEEK[] of all: (with nothing in memory, with all)"""
    server.stop()
    drop_caches()
    server.start()
    client = Client(server.ports["imap"])
    client.run(f"SELECT {BIG}")
    rates = []
    for _ in range(3):
        seconds, size = client.seconds("FETCH 1:* (BODY.PEEK[])")
        rates.append(size / seconds / 1e6)
    client.close()
    return rates[0], max(rates[1:])


def drop_caches():
    with contextlib.suppress(OSError):
        pathlib.Path("/proc/sys/vm/drop_caches").write_text("3")


def changes(server):
    """(STORE, STORE .SILENT, EXPUNGE of half), in ms; the last changes the mailbox."""
    client = Client(server.ports["imap"])
    client.run(f"SELECT {BIG}")
    told, silent = [], []
    for i in range(3):
        sign = "+" if i % 2 == 0 else "-"
        told.append(client.seconds(f"STORE 1:* {sign}FLAGS (\\Flagged)")[0])
        silent.append(client.seconds(f"STORE 1:* {sign}FLAGS.SILENT (\\Draft)")[0])
    exists = int(client.run(f"STATUS {BIG} (MESSAGES)").split(b"MESSAGES ")[1].split(b")")[0])
    client.run("STORE " + ",".join(f"{n}" for n in range(1, exists, 2)) + " +FLAGS.SILENT (\\Deleted)")
    expunge = client.seconds("EXPUNGE")[0]
    client.close()
    return [statistics.median(told) * 1000, statistics.median(silent) * 1000, expunge * 1000]


def measure(server, count):
    server.start()
    letters = Letters(seed=2)
    some = [letters.letter(n) for n in range(max(count // 25, 400))]
    capability = Client(server.ports["imap"]).run("CAPABILITY")
    out = {"append": append_rate(server, some, 1, 1), "append4": append_rate(server, some, 4, 1)}
    if b"MULTIAPPEND" in capability:
        out["multi"] = append_rate(server, some, 1, 100)
    fill(server, count)
    out["logins"] = login_rate(server, 1000)
    out["select"] = select_times(server)
    server.settle()
    out["commands"] = commands(server, capability)
    out["bodies"] = bodies(server)
    out["changes"] = changes(server)
    server.stop()
    server.close()
    return out


def bench(binary, folder, count):
    return measure(Dovecot(folder), count), measure(Roost(binary, folder), count)


def table(peer, roost):
    rows = []

    def rate(name, a, b, goal, unit):
        ratio = f"{b / a:.1f}" if a and b else "-"
        rows.append((name, f"{a:,.0f}" if a else "-", f"{b:,.0f}" if b else "-", ratio, goal, unit))

    def span(name, a, b, goal):
        rows.append((name, *(f"{x:.1f}" if x is not None else "-" for x in (a, b)),
                     f"{a / b:.1f}" if a and b else "-", f"{goal} ms" if goal else "", "ms"))

    rate("APPEND, one connection", peer["append"], roost["append"], "3 times", "messages/s")
    rate("MULTIAPPEND of 100", peer.get("multi"), roost.get("multi"), "5 times", "messages/s")
    rate("APPEND, 4 connections", peer["append4"], roost["append4"], "5 times", "messages/s")
    rate("logins", peer["logins"], roost["logins"], "5000/s", "a second")
    span("SELECT, first", peer["select"][0], roost["select"][0], 1)
    span("SELECT, later", peer["select"][1], roost["select"][1], 1)
    for name, _, goal, _ in ROWS:
        a, b = (x["commands"].get(name, (None, None)) for x in (peer, roost))
        span(name + ", first", a[0], b[0], goal)
        span(name + ", later", a[1], b[1], goal)
    rate("FETCH BODY.PEEK[], cold", peer["bodies"][0], roost["bodies"][0], "300 MB/s", "MB/s")
    rate("FETCH BODY.PEEK[], warm", peer["bodies"][1], roost["bodies"][1], "600 MB/s", "MB/s")
    for i, (name, goal) in enumerate((("STORE 1:* +FLAGS", 60), ("STORE 1:* +FLAGS.SILENT", 30),
                                      ("EXPUNGE of half", None))):
        span(name, peer["changes"][i], roost["changes"][i], goal)
    out = ["| work | Dovecot | Roost | times | goal | in |", "|---|---|---|---|---|---|"]
    return "\n".join(out + ["| " + " | ".join(row) + " |" for row in rows])
