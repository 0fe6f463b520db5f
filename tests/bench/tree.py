"""How much of the store's tree a key space takes, read from the pages of its file (LMDB's format, which
lmdb.h and mdb.c describe). Nobody has the file open meanwhile.

    python3 tests/bench/tree.py FILE    the spaces that take the most, and how well pages are filled
"""

import pathlib
import re
import struct
import sys

HEAD = 16  # of a page: number, 2 unused, flags, the ends of its two halves (or pages of a run)
BRANCH, LEAF = 0x01, 0x02
BIG = 0x01  # a node whose value lies in a run of pages of its own


class Tree:
    def __init__(self, path):
        self.bytes = pathlib.Path(path).read_bytes()
        self.page_bytes = struct.unpack_from("<I", self.bytes, HEAD + 24)[0]
        metas = [self._meta(n) for n in (0, 1)]
        _, self.root, self.free, self.last_page = max(metas)

    def _meta(self, page):
        at = page * self.page_bytes + HEAD
        magic, version, _, _ = struct.unpack_from("<IIQQ", self.bytes, at)
        assert magic == 0xBEEFC0DE and version == 1, "not a file of LMDB"
        free, root = (struct.unpack_from("<Q", self.bytes, at + 24 + 48 * n + 40)[0] for n in (0, 1))
        last, number = struct.unpack_from("<QQ", self.bytes, at + 24 + 96)
        return number, root, free, last

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

    def leaves(self, root):
        """The nodes of each leaf, leaf by leaf."""
        below = [root] if root != 2**64 - 1 else []
        while below:
            at = below.pop() * self.page_bytes
            flags, = struct.unpack_from("<H", self.bytes, at + 10)
            nodes = list(self._nodes(at))
            if flags & LEAF:
                yield nodes
            else:
                below += [low | high << 32 for _, low, high, _ in nodes]

    def free_pages(self):
        """Pages that later commits use again."""
        total = 0
        for nodes in self.leaves(self.free):
            for _, _, flags, at in nodes:
                if flags & BIG:
                    run, = struct.unpack_from("<Q", self.bytes, at)
                    at = run * self.page_bytes + HEAD
                total += struct.unpack_from("<Q", self.bytes, at)[0]
        return total

    def spaces(self):
        """{number: [rows, bytes in leaves, bytes of runs, what rows fill of the runs]}, leaves."""
        found, leaves = {}, 0
        for nodes in self.leaves(self.root):
            leaves += 1
            for key, size, flags, at in nodes:
                row = found.setdefault(key[0], [0, 0, 0, 0])
                whole = self._row(key, size, flags, at)
                small = 8 + 2 + len(key) + (8 if flags & BIG else size)
                row[0] += 1
                row[1] += small
                row[2] += whole - small
                row[3] += size if flags & BIG else 0
        return found, leaves


def names():
    text = (pathlib.Path(__file__).parents[2] / "app" / "model" / "store" / "spaces.def").read_text()
    return {int(n): name for n, name in re.findall(r"^SPACE\((\d+), *(\w+),", text, re.M)}


def table(path):
    tree, known = Tree(path), names()
    found, leaves = tree.spaces()
    out = ["| space | rows | in leaves MiB | in runs MiB | of these filled |", "|---|---|---|---|---|"]
    for number, (rows, small, runs, filled) in sorted(found.items(), key=lambda r: -r[1][1] - r[1][2]):
        out.append(f"| {known.get(number, number)} | {rows} | {small / 2**20:.2f} | {runs / 2**20:.2f} "
                   f"| {filled / runs if runs else 1:.2f} |")
    fill = sum(r[1] for r in found.values()) / (leaves * (tree.page_bytes - HEAD))
    mib = tree.page_bytes / 2**20
    return "\n".join(out + ["", f"{leaves * mib:.2f} MiB of leaves, filled to {fill:.2f}; "
                            f"{tree.free_pages() * mib:.2f} MiB free; "
                            f"{(tree.last_page + 1) * mib:.2f} MiB in all."])


if __name__ == "__main__":
    print(table(sys.argv[1]))
