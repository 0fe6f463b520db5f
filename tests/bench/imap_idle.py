"""A thousand sessions in IDLE on one mailbox: when has the last heard of a new message?

The clock begins before the APPEND is sent, so its commit and sync are in the time. The sessions are
one process that waits with epoll and reads them one after the other: its own work is in it, too."""

import contextlib
import select
import statistics
import time

from imap_client import Client

SESSIONS = 1000
REPEATS = 9
MESSAGE = b"From: a@example.net\r\nSubject: news\r\n\r\nA line.\r\n"


class Crowd:
    def __init__(self, port, mailbox):
        self.poll = select.epoll()
        self.sockets = {}
        for _ in range(SESSIONS):
            client = Client(port, mailbox)
            client.buffer = None  # 64 MiB of all
            client.socket.sendall(b"i IDLE\r\n")
            while b"+ " not in client.socket.recv(4096):
                pass
            self.sockets[client.socket.fileno()] = client.socket
            self.poll.register(client.socket, select.EPOLLIN)

    def hear(self):
        """Until each has got something."""
        silent = set(self.sockets)
        while silent:
            ready = self.poll.poll(30)
            if not ready:
                raise RuntimeError(f"{len(silent)} sessions have heard nothing")
            for number, _ in ready:
                self.sockets[number].recv(4096)
                silent.discard(number)

    def close(self):
        for s in self.sockets.values():
            s.close()
        self.poll.close()


def last_ms(server, mailbox):
    figures = []
    with contextlib.closing(Crowd(server.ports["imap"], mailbox)) as crowd, \
            contextlib.closing(Client(server.ports["imap"])) as sender:
        for i in range(REPEATS + 1):
            begin = time.perf_counter()
            sender.send(f"APPEND {mailbox} {{}}", [MESSAGE + b"%d\r\n" % i])
            crowd.hear()
            figures.append((time.perf_counter() - begin) * 1000)
            while not sender.socket.recv(4096).endswith(b"\r\n"):
                pass
            time.sleep(0.1)
    return statistics.median(figures[1:])
