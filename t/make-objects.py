#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Put objects of unreasonable size into a repository, in one pack.

    make-objects.py REPO [--parent COMMIT] WHAT [NUMBER…]

WHAT is one of

    bomb LEVELS WIDTH    trees that expand to WIDTH ** LEVELS files
    deep LEVELS          that many directories in each other
    wide N               one directory of N files
    tags N               a tag of a tag of a tag …, N times
    message BYTES        a message of that length
    trailers N           N trailers
    parents N            a merge of N commits
    chain N              N commits in a row
    undo BYTES           a database step, and an undo script of that size

Prints the id of the last object: a tag for `tags`, else a commit on top of
COMMIT (for trees, with them as the directory `src`).
"""

import hashlib
import struct
import subprocess
import sys
import zlib

TYPES = {"commit": 1, "tree": 2, "blob": 3, "tag": 4}
WHO = "Alice <alice@example.com> 1790000000 +0000"


class Pack:
    def __init__(self, repo):
        self.repo = repo
        out = self.git("rev-parse", "--show-object-format")
        self.algo = out.stdout.decode().strip()
        self.parts, self.seen = [], set()

    def git(self, *args, **kw):
        return subprocess.run(["git", "-C", self.repo, *args],
                              stdout=subprocess.PIPE, check=True, **kw)

    def add(self, kind, data):
        h = hashlib.new(self.algo, b"%s %d\0" % (kind.encode(), len(data)))
        h.update(data)
        oid = h.hexdigest()
        if oid not in self.seen:
            self.seen.add(oid)
            n, head = len(data), bytearray()
            byte, n = TYPES[kind] << 4 | n & 15, n >> 4
            while n:
                head.append(byte | 128)
                byte, n = n & 127, n >> 7
            head.append(byte)
            self.parts.append(bytes(head) + zlib.compress(data, 1))
        return oid

    def tree(self, entries):
        return self.add("tree", b"".join(
            b"%s %s\0" % (mode.encode(), name.encode()) + bytes.fromhex(oid)
            for mode, name, oid in entries))

    def commit(self, tree, parents, message="x\n"):
        lines = ["tree " + tree] + ["parent " + p for p in parents]
        lines += ["author " + WHO, "committer " + WHO, "", message]
        return self.add("commit", "\n".join(lines).encode())

    def store(self):
        body = b"PACK" + struct.pack(">II", 2, len(self.parts))
        body += b"".join(self.parts)
        body += hashlib.new(self.algo, body).digest()
        self.git("index-pack", "--stdin", input=body)


def nested(pack, levels, names):
    oid = pack.tree([("100644", "f", pack.add("blob", b"x\n"))])
    for _ in range(levels - 1):
        oid = pack.tree([("40000", n, oid) for n in names])
    return oid


def main():
    args = sys.argv[1:]
    pack, parent = Pack(args.pop(0)), None
    if args[0] == "--parent":
        parent = args[1]
        args = args[2:]
    what, numbers = args[0], [int(a) for a in args[1:]]
    parents = [parent] if parent else []
    empty = pack.tree([])
    message = "x\n"
    inner = None

    if what == "bomb":
        inner = nested(pack, numbers[0] + 1,
                       ["d%03d" % i for i in range(numbers[1])])
    elif what == "deep":
        inner = nested(pack, numbers[0], ["d"])
    elif what == "wide":
        blob = pack.add("blob", b"x\n")
        inner = pack.tree([("100644", "f%08d" % i, blob)
                           for i in range(numbers[0])])
    elif what == "undo":
        undo = pack.add("blob", b"-- \n" * (numbers[0] // 4))
        step = pack.add("blob", b"create table t();\n")
        inner = pack.tree([("100644", "U1__t.sql", undo),
                           ("100644", "V1__t.sql", step)])
        message = "x\n\nRollback-plan: src/U1__t.sql\n"
    elif what == "message":
        message = "x\n\n" + "m" * numbers[0] + "\n"
    elif what == "trailers":
        message = "x\n\n" + "".join("Key-%d: value\n" % i
                                    for i in range(numbers[0]))
    elif what == "parents":
        parents += [pack.commit(empty, [], "root %d\n" % i)
                    for i in range(numbers[0])]
    elif what == "chain":
        for i in range(numbers[0] - 1):
            parents = [pack.commit(empty, parents, "link %d\n" % i)]

    tree = pack.tree([("40000", "src", inner)]) if inner else empty
    last = pack.commit(tree, parents, message)
    if what == "tags":
        kind = "commit"
        for i in range(numbers[0]):
            last = pack.add("tag", ("object %s\ntype %s\ntag t%d\ntagger %s"
                                    "\n\nx\n" % (last, kind, i, WHO)).encode())
            kind = "tag"
    pack.store()
    print(last)


if __name__ == "__main__":
    main()
