"""The messages of the IMAP benches: 4 to 8 KiB as a reader of lists has them. Words by Zipf's law,
threads of some ten, a quarter with an HTML part. The same seed gives the same ones."""

import itertools
import random
import struct
import time

from servers import USER

RARE = "zwitscherling"  # a word of one message in each mailbox
WORDS = 30000
TEXT = 1 << 20  # words of the long text that prose is cut from: choosing each anew takes minutes


class Letters:
    def __init__(self, seed=1, least=4096, most=8192):
        """least and most: bytes of text."""
        self.random, self.least, self.most = random.Random(seed), least, most
        letters = "abcdefghijklmnopqrstuvwxyz"
        self.words = ["".join(self.random.choices(letters, k=self.random.randint(2, 11)))
                      for _ in range(WORDS)]
        chances = list(itertools.accumulate(1 / (i + 10) for i in range(WORDS)))
        self.text = self.random.choices(self.words, cum_weights=chances, k=TEXT)
        self.thread = []

    def prose(self, size):
        at = self.random.randrange(TEXT - size)
        lines, n = [], 0
        while n < size:
            lines.append(" ".join(self.text[at:at + 11]))
            at += 11
            n += len(lines[-1]) + 2
        return "\r\n".join(lines)[:size].rstrip("\r\n") + "\r\n"

    def subject(self):
        if not self.thread or self.random.random() < 0.1:
            self.thread = []
            self.topic = " ".join(self.random.choices(self.words[:3000], k=4))
            return self.topic
        return "Re: " + self.topic

    def letter(self, i, rare=False):
        subject = self.subject() + (" " + RARE if rare else "")
        own = f"<{i}.{self.random.randrange(10**9)}@list.example.net>"
        head = [f"From: Person {i % 211} <person{i % 211}@example.net>",
                f"To: {USER}", f"Subject: {subject}", f"Message-ID: {own}",
                time.strftime("Date: %a, %d %b %Y %H:%M:%S +0000", time.gmtime(1.6e9 + 613 * i)),
                "MIME-Version: 1.0"]
        if self.thread:
            head += [f"In-Reply-To: {self.thread[-1]}", "References: " + " ".join(self.thread[-8:])]
        self.thread.append(own)
        text = self.prose(self.random.randint(self.least, self.most)) + (RARE + "\r\n" if rare else "")
        if i % 4:
            head += ["Content-Type: text/plain; charset=utf-8"]
        else:
            half = text.rfind(" ", 0, len(text) // 2)  # never between CR and LF
            head += ['Content-Type: multipart/alternative; boundary="b"']
            text = (f"--b\r\nContent-Type: text/plain\r\n\r\n{text[:half]}\r\n"
                    f"--b\r\nContent-Type: text/html\r\n\r\n<p>{text[half:]}</p>\r\n--b--\r\n")
        return ("\r\n".join(head) + "\r\n\r\n" + text).encode()

    def write(self, path, count, rare_at=None, first=0):
        """For imap_load.c: of each message its size in four bytes, then itself. These sizes."""
        sizes = []
        with open(path, "wb") as f:
            for i in range(count):
                letter = self.letter(first + i, rare=i == rare_at)
                f.write(struct.pack("<I", len(letter)) + letter)
                sizes.append(len(letter))
        return sizes
