"""JMAP beside Cyrus: one client over one HTTP connection asks an account that grows, as a mail program does. Times are
from the first byte of the request to the last one of the answer; decoding it is not counted."""

import base64
import contextlib
import http.client
import json
import pathlib
import statistics
import struct
import time

from cyrus import Cyrus
from imap_client import Client, Loader
from letters import RARE, Letters
from servers import PASSWORD, USER, Roost

SMALL, MILLION = 1000, 1000000
CHUNK = 50000  # messages of one file of letters
APPENDED = 100  # messages of one command while the mailbox is filled
CALLS, WARM = 400, 20
IMPORTED, IN_CALL = 900, 100  # messages (LIMIT_jmap_uploads_kept is 1,000); of one Email/import
CHANGED = 1000  # keywords of one Email/set
SYNCED = 500  # ids of one page of the first sync
USING = ["urn:ietf:params:jmap:core", "urn:ietf:params:jmap:mail"]
LISTED = ["threadId", "mailboxIds", "keywords", "receivedAt", "subject", "from", "preview"]


class Jmap:
    """One connection and its account."""

    def __init__(self, port, user=USER, path="/.well-known/jmap", api="/jmap/api"):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        word = base64.b64encode(f"{user}:{PASSWORD}".encode()).decode()
        self.headers = {"Authorization": f"Basic {word}", "Content-Type": "application/json"}
        self.api = api
        session = json.loads(self.http("GET", path))
        self.account = session["primaryAccounts"][USING[1]]
        self.upload = session["uploadUrl"].replace("{accountId}", self.account)
        self.upload = "/" + self.upload.split("://", 1)[-1].split("/", 1)[-1]
        self.inbox = next(m["id"] for m in self.call("Mailbox/get", ids=None)["list"]
                          if m["role"] == "inbox")

    def http(self, method, path, body=None, **headers):
        self.connection.request(method, path, body, {**self.headers, **headers})
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status not in (200, 201):
            raise RuntimeError(f"{path}: {answer.status} {text[:300]}")
        return text

    def request(self, *calls):
        """A request of these method calls, each a name and its arguments, as bytes."""
        return json.dumps({"using": USING, "methodCalls": [
            [name, {"accountId": self.account, **arguments}, str(i)]
            for i, (name, arguments) in enumerate(calls)]}).encode()

    def timed(self, request):
        """(milliseconds, the method responses)"""
        begin = time.perf_counter()
        text = self.http("POST", self.api, request)
        took = (time.perf_counter() - begin) * 1000
        responses = json.loads(text)["methodResponses"]
        for name, arguments, _ in responses:
            if name == "error":
                raise RuntimeError(str(arguments))
        return took, [arguments for _, arguments, _ in responses]

    def call(self, name, **arguments):
        return self.timed(self.request((name, arguments)))[1][0]

    def close(self):
        self.connection.close()


def back(call, name, path):
    return {"resultOf": str(call), "name": name, "path": path}


def page(c):
    """The first page of the inbox: 50 threads, and of each what a list shows."""
    return c.request(
        ("Email/query", {"filter": {"inMailbox": c.inbox}, "limit": 50, "collapseThreads": True,
                         "sort": [{"property": "receivedAt", "isAscending": False}]}),
        ("Email/get", {"#ids": back(0, "Email/query", "/ids"), "properties": ["threadId"]}),
        ("Thread/get", {"#ids": back(1, "Email/get", "/list/*/threadId")}),
        ("Email/get", {"#ids": back(0, "Email/query", "/ids"), "properties": LISTED}))


def page_ms(c):
    """p50 and p99."""
    request = page(c)
    answers = c.timed(request)[1]
    assert len(answers[3]["list"]) == 50 and "preview" in answers[3]["list"][0], answers[3]
    took = sorted(c.timed(request)[0] for _ in range(WARM + CALLS))
    return took[len(took) // 2], took[len(took) * 99 // 100]


def search_ms(c):
    request = c.request(("Email/query", {"filter": {"text": RARE}}))
    assert len(c.timed(request)[1][0]["ids"]) == 1
    return statistics.median(c.timed(request)[0] for _ in range(100))


def keywords_ms(c):
    """Each time the other way round, so that each call changes all of them."""
    ids, took = [], []
    while len(ids) < CHANGED:
        ids += c.call("Email/query", filter={"inMailbox": c.inbox}, position=len(ids),
                      limit=CHANGED - len(ids))["ids"]
    for i in range(20):
        request = c.request(("Email/set", {"update": {
            key: {"keywords/$flagged": None if i % 2 else True} for key in ids}}))
        ms, answers = c.timed(request)
        assert len(answers[0]["updated"]) == CHANGED, answers[0]
        took.append(ms)
    return statistics.median(took)


def changes_ms(c, imap, letters):
    took = []
    for letter in letters:
        state = c.call("Email/get", ids=[])["state"]
        imap.run("APPEND INBOX {}", letter)
        ms, answers = c.timed(c.request(("Email/changes", {"sinceState": state})))
        assert len(answers[0]["created"]) == 1, answers[0]
        took.append(ms)
    return statistics.median(took)


def import_rates(c, letters):
    """Messages a second, with their uploads and without; each upload is a request."""
    uploads, imports = 0, 0
    for first in range(0, len(letters), IN_CALL):
        begin = time.perf_counter()
        blobs = [json.loads(c.http("POST", c.upload, letter, **{"Content-Type": "message/rfc822"}))["blobId"]
                 for letter in letters[first:first + IN_CALL]]
        uploads += time.perf_counter() - begin
        ms, answers = c.timed(c.request(("Email/import", {"emails": {
            f"e{i}": {"blobId": blob, "mailboxIds": {c.inbox: True}} for i, blob in enumerate(blobs)}})))
        assert len(answers[0]["created"]) == len(blobs), answers[0]
        imports += ms / 1000
    return len(letters) / (uploads + imports), len(letters) / imports


def sync_rate(c):
    """Emails a second: ids of the mailbox by pages, then what a list shows of each."""
    begin, got = time.perf_counter(), 0
    while True:
        text = c.http("POST", c.api, c.request(
            ("Email/query", {"filter": {"inMailbox": c.inbox}, "position": got, "limit": SYNCED,
                             "sort": [{"property": "receivedAt", "isAscending": False}]}),
            ("Email/get", {"#ids": back(0, "Email/query", "/ids"), "properties": LISTED})))
        n = text.count(b'"preview"')
        got += n
        if n < SYNCED:
            return got / (time.perf_counter() - begin)


def read_letters(path):
    data, at, found = path.read_bytes(), 0, []
    while at < len(data):
        size, = struct.unpack_from("<I", data, at)
        found.append(data[at + 4:at + 4 + size])
        at += 4 + size
    return found


class Bench:
    def __init__(self, folder, servers):
        self.folder, self.servers = pathlib.Path(folder), servers
        self.loader, self.letters = Loader(folder), Letters(least=500, most=1500)
        self.file, self.written, self.rows = self.folder / "letters", 0, []

    def write(self, count, rare=False):
        self.letters.write(self.file, count, rare_at=count // 3 if rare else None, first=self.written)
        self.written += count

    def fill(self, count, rare=False):
        """More messages, until INBOX has that many."""
        while self.written < count:
            n = min(CHUNK, count - self.written)
            self.write(n, rare)
            for server in self.servers:
                self.loader.run(server, self.file, "INBOX", 1, APPENDED, 0, n)
        for server in self.servers:
            server.settle()

    def row(self, name, unit, goal, measured):
        """measured: a figure of a connection, or several with names and goals of their own."""
        figures = []
        for server in self.servers:
            with contextlib.closing(server.jmap()) as c:
                figures.append(measured(server, c))
        if isinstance(name, str):
            name, goal, figures = [name], [goal], [[f] for f in figures]
        for i, one in enumerate(name):
            self.rows.append((one, unit, goal[i], [f[i] for f in figures]))
            print(self.rows[-1], flush=True)

    def pages(self, count):
        self.fill(count, rare=count > SMALL)
        self.row([f"inbox page of {count:,} messages, {p}" for p in ("p50", "p99")], "ms", [3, 10],
                 lambda _, c: page_ms(c))

    def run(self, count, million):
        self.pages(SMALL)
        self.servers = self.servers[-1:]  # filling Cyrus with more takes minutes
        self.pages(count)
        self.row("text search of a rare word", "ms", 5, lambda _, c: search_ms(c))
        self.row(f"Email/get of all, {SYNCED} in a request", "emails/s", 20000, lambda _, c: sync_rate(c))
        self.row(f"Email/set of {CHANGED:,} keywords in one call", "ms", 30, lambda _, c: keywords_ms(c))
        self.write(50)
        letters = read_letters(self.file)
        self.row("Email/changes after one message", "ms", 1,
                 lambda server, c: changes_ms(c, Client(server.ports["imap"]), letters))
        for name, batch in (("APPEND, one after the other", 1),
                            (f"MULTIAPPEND of {IN_CALL}", IN_CALL)):
            self.write(IMPORTED)
            self.row(name, "messages/s", None, lambda server, _, b=batch: self.loader.run(
                server, self.file, "INBOX", 1, b, 0, IMPORTED))
        self.write(IMPORTED)
        letters = read_letters(self.file)
        self.row([f"Email/import of {IN_CALL}, with an upload of each", "the same, without the uploads"],
                 "messages/s", [None, None], lambda _, c: import_rates(c, letters))
        if million:
            self.pages(MILLION)
        return self.rows


class JmapRoost(Roost):
    def jmap(self):
        return Jmap(self.ports["http"])


class JmapCyrus(Cyrus):
    def jmap(self):
        return Jmap(self.ports["http"], path="/jmap/", api="/jmap/")


def bench(binary, folder, count, million):
    """Beside Cyrus, when its packages can be had."""
    servers = [JmapCyrus(folder)] if Cyrus.fetch() else []
    servers.append(JmapRoost(binary, folder))
    with contextlib.ExitStack() as stack:
        for server in servers:
            stack.callback(server.close)
            server.start()
            stack.callback(server.stop)
        return [s.name for s in servers], Bench(folder, servers).run(count, million)


def table(names, rows):
    out = [f"| JMAP | {' | '.join(names)} | in | goal |", "|---|" + "---|" * (len(names) + 2)]
    for name, unit, goal, figures in rows:
        figures = [None] * (len(names) - len(figures)) + figures
        shown = " | ".join("-" if f is None else f"{f:,.0f}" if f >= 100 else f"{f:.2f}" for f in figures)
        out.append(f"| {name} | {shown} | {unit} | {f'{goal:,}' if goal else ''} |")
    return "\n".join(out)
