"""How much of the store's tree a key space takes, read from the pages of its file (LMDB's format, which
lmdb.h and mdb.c describe). Nobody has the file open meanwhile."""

import pathlib
import struct

HEAD = 16  # of a page: number, 2 unused, flags, the ends of its two halves (or pages of a run)
BRANCH, LEAF = 0x01, 0x02
BIG = 0x01  # a node whose value lies in a run of pages of its own


class Tree:
    def __init__(self, path):
        self.bytes = pathlib.Path(path).read_bytes()
        self.page_bytes = struct.unpack_from("<I", self.bytes, HEAD + 24)[0]
        metas = [self._meta(n) for n in (0, 1)]
        self.root = max(metas)[1]

    def _meta(self, page):
        at = page * self.page_bytes + HEAD
        magic, version, _, _ = struct.unpack_from("<IIQQ", self.bytes, at)
        assert magic == 0xBEEFC0DE and version == 1, "not a file of LMDB"
        root = struct.unpack_from("<Q", self.bytes, at + 24 + 48 + 40)[0]  # of the second of two
        return struct.unpack_from("<Q", self.bytes, at + 24 + 96 + 8)[0], root

    def _nodes(self, at):
        """(key, value's size or page below, flags, where the value is)"""
        lower, = struct.unpack_from("<H", self.bytes, at + 12)
        for offset, in struct.iter_unpack("<H", self.bytes[at + HEAD:at + lower]):
            low, high, flags, key_bytes = struct.unpack_from("<HHHH", self.bytes, at + offset)
            begin = at + offset + 8
            yield (self.bytes[begin:begin + key_bytes], low | high << 16, flags, begin + key_bytes)

    def space_bytes(self, number):
        """Bytes of the pages and parts of pages that rows of the space fill."""
        return self._below(self.root, number)

    def _below(self, page, number):
        at = page * self.page_bytes
        flags, = struct.unpack_from("<H", self.bytes, at + 10)
        nodes = list(self._nodes(at))
        if flags & LEAF:
            return sum(self._row(*node) for node in nodes if node[0][:1] == bytes([number]))
        total = 0
        for i, (key, low, high, _) in enumerate(nodes):
            first = key[0] if i else 0
            last = nodes[i + 1][0][0] if i + 1 < len(nodes) else 255
            if first <= number <= last:
                total += self._below(low | high << 32, number)
        return total

    def _row(self, key, size, flags, at):
        if not flags & BIG:
            return 8 + 2 + len(key) + size
        run, = struct.unpack_from("<Q", self.bytes, at)
        pages, = struct.unpack_from("<I", self.bytes, run * self.page_bytes + 12)
        return 8 + 2 + len(key) + 8 + pages * self.page_bytes
