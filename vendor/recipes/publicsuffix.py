#!/usr/bin/python3
"""publicsuffix.py rules|tests VERSION FILE: print the public suffix list, or the examples published
with it, as constant tables in C.

The rules become a tree of labels, the last label of a name first. Each node has its label as an
offset into a pool (a byte that says how long it is, then the label, in lower case and as an
A-label), what is a rule there, and where its children lie, which stand side by side in the order of
their bytes. Node 0 is the root. ICANN's rules and private ones are one tree."""
import sys
import unicodedata

RULE, WILD, EXCEPTION = 1, 2, 4  # as the names in the table below


def a_label(label):
    """As it stands in DNS. The list has labels in the form that IDNA maps to, so that only
    Punycode is left to be done."""
    if label.isascii():
        assert label == label.lower(), label
        return label
    assert label == unicodedata.normalize("NFC", label.lower()), label
    return "xn--" + label.encode("punycode").decode()


class Node:
    def __init__(self, label):
        self.label, self.flags, self.children = label, 0, {}

    def below(self, labels):
        node = self
        for label in labels:
            node = node.children.setdefault(label, Node(label))
        return node


def tree(lines):
    root = Node("")
    root.flags = WILD  # "If no rules match, the prevailing rule is '*'."
    for line in lines:
        rule = line.split()[0] if line.strip() else "//"
        if rule.startswith("//"):
            continue
        flag = EXCEPTION if rule[0] == "!" else WILD if rule.startswith("*.") else RULE
        labels = rule.removeprefix("!").removeprefix("*.").split(".")
        assert "*" not in labels and "" not in labels, rule
        root.below(a_label(label) for label in reversed(labels)).flags |= flag
    return root


def in_rows(root):
    """All nodes, children of one node side by side; and where the first child of each is."""
    nodes, first = [root], []
    for node in nodes:
        first.append(len(nodes))
        nodes += [node.children[label] for label in sorted(node.children)]
    return nodes, first


def rules(date, lines):
    nodes, first = in_rows(tree(lines))
    pool, at = bytearray(), {}
    for node in nodes:
        if node.label not in at:
            at[node.label] = len(pool)
            pool += bytes([len(node.label)]) + node.label.encode()
    assert len(nodes) < 1 << 16 and len(pool) < 1 << 24
    print(f'static const char public_suffix_date[] = "{date}";\n')
    print(f"enum {{ PUBLIC_SUFFIX_RULE = {RULE}, PUBLIC_SUFFIX_WILD = {WILD}, "
          f"PUBLIC_SUFFIX_EXCEPTION = {EXCEPTION} }};\n")
    print("static const unsigned char public_suffix_labels[] = {")
    for i in range(0, len(pool), 24):
        print("\t" + "".join(f"{byte}," for byte in pool[i:i + 24]))
    print("};\n\nstatic const struct {\n\tuint32_t label : 24, flags : 8;\n"
          "\tuint16_t child, children;\n} public_suffix_nodes[] = {")
    for node, child in zip(nodes, first):
        print(f"\t{{ {at[node.label]}, {node.flags}, {child}, {len(node.children)} }},")
    print("};")


def text(word):
    """A string in C, of UTF-8."""
    return '""' if word == "null" else f'"{word}"'


def tests(_, lines):
    print("/* A name, and the part of it that somebody can register: \"\" when there is none. */")
    print("static const struct {\n\tconst char *name, *registered;\n} public_suffix_tests[] = {")
    for line in lines:
        if line.strip() and not line.startswith("//"):
            name, registered = line.split()
            print(f"\t{{ {text(name)}, {text(registered)} }},")
    print("};")


def main():
    what, version, path = sys.argv[1:]
    guard = f"PUBLIC_SUFFIX_{what.upper()}_H"
    date = f"{version[:4]}-{version[4:6]}-{version[6:8]}"
    print("/* Made by vendor/recipes/publicsuffix.py from the list of publicsuffix.org. */")
    print(f"#ifndef {guard}\n#define {guard}\n#include <stdint.h>\n")
    with open(path, encoding="utf-8") as f:
        {"rules": rules, "tests": tests}[what](date, f)
    print("\n#endif")


if __name__ == "__main__":
    main()
