#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A push client that sends what git's own client never would.

    raw-push.py [options] COMMAND…

Speaks gitprotocol-pack(5) to `git receive-pack REPOSITORY` over pipes. A
COMMAND is `OLD NEW NAME`; `zero` stands for the null id, `real` as OLD for
what the server advertises, and Python's backslash escapes for bytes
(`refs/heads/a\\n…`). What the server says goes to standard output, the
statuses of the commands behind it. Exit status 0: everything was updated;
1: something was refused.

  --repo DIR       the repository
  --from CLONE     send the objects that CLONE has and the server does not
  --pack FILE      send these bytes in the place of a pack
  --no-pack        send none
  --shallow ID     tell that ID has no parents
  --option TEXT    a push option
  --many N NEW PREFIX   N more commands that create PREFIX<number>
  --atomic
  --server WORD    a word of the server's command; repeated
  --hang-up        close after the pack, and read nothing
"""

import argparse
import os
import subprocess
import sys


def pkt(data):
    return b"%04x" % (len(data) + 4) + data


def read_exactly(stream, n):
    data = b""
    while len(data) < n:
        more = stream.read(n - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def read_pkt(stream):
    """The payload; None for a flush or the end."""
    try:
        size = int(read_exactly(stream, 4), 16)
        return read_exactly(stream, size - 4) if size > 3 else None
    except EOFError:
        return None


def advertised(stream):
    refs, capabilities = {}, b""
    while True:
        line = read_pkt(stream)
        if line is None:
            return refs, capabilities
        if line.startswith(b"shallow "):
            continue
        name, _, found = line.rstrip(b"\n").partition(b"\0")
        capabilities = capabilities or found
        oid, _, name = name.partition(b" ")
        if name != b"capabilities^{}":
            refs[name] = oid


def pack_of(clone, wanted, refs):
    """What the clone has of `wanted` that `refs` do not reach."""
    have = [b"^" + o for o in set(refs.values())
            if not subprocess.run(
                ["git", "-C", clone, "cat-file", "-e", o.decode()],
                stderr=subprocess.DEVNULL).returncode]
    return subprocess.run(
        ["git", "-C", clone, "pack-objects", "--revs", "--stdout", "-q"],
        input=b"\n".join(list(wanted) + have) + b"\n",
        stdout=subprocess.PIPE, check=True).stdout


def empty_pack(clone):
    return subprocess.run(["git", "-C", clone, "pack-objects", "--stdout",
                           "-q"], input=b"", stdout=subprocess.PIPE,
                          check=True).stdout


def commands_of(args, refs, zero):
    commands = []
    for text in args.commands:
        raw = os.fsencode(text).decode("unicode_escape").encode("latin-1")
        old, new, name = raw.split(b" ", 2)
        if old == b"real":
            old = refs.get(name, zero)
        commands.append((zero if old == b"zero" else old,
                         zero if new == b"zero" else new, name))
    if args.many:
        n, new, prefix = args.many
        commands += [(zero, new.encode(), b"%s%d" % (prefix.encode(), i))
                     for i in range(int(n))]
    return commands


def demultiplexed(stream):
    """What was said to the user, and the report."""
    said, report = b"", b""
    while True:
        line = read_pkt(stream)
        if line is None:
            return said, report
        if line[0] == 1:
            report += line[1:]
        else:
            said += line[1:]


def statuses(report):
    lines = []
    while len(report) >= 4 and report[:4] != b"0000":
        size = int(report[:4], 16)
        lines.append(report[4:size].rstrip(b"\n"))
        report = report[size:]
    return lines


def send(args, server):
    refs, capabilities = advertised(server.stdout)
    sha256 = b"object-format=sha256" in capabilities
    zero = b"0" * (64 if sha256 else 40)
    wanted = [b"report-status", b"side-band-64k", b"delete-refs",
              b"agent=raw-push"]
    wanted += [b"object-format=sha256"] if sha256 else []
    wanted += [b"push-options"] if args.option else []
    wanted += [b"atomic"] if args.atomic else []
    commands = commands_of(args, refs, zero)
    out = server.stdin
    for oid in args.shallow:
        out.write(pkt(b"shallow " + oid.encode()))
    for i, command in enumerate(commands):
        line = b" ".join(command)
        out.write(pkt(line if i else line + b"\0" + b" ".join(wanted)))
    out.write(b"0000")
    if args.option:
        for option in args.option:
            out.write(pkt(os.fsencode(option)))
        out.write(b"0000")
    news = {c[1] for c in commands if c[1] != zero}
    if args.pack:
        out.write(open(args.pack, "rb").read())
    elif not args.no_pack and news:
        out.write(pack_of(args.clone, news, refs) if args.clone
                  else empty_pack(args.repo))
    out.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--repo", required=True)
    parser.add_argument("--from", dest="clone")
    parser.add_argument("--pack")
    parser.add_argument("--no-pack", action="store_true")
    parser.add_argument("--shallow", action="append", default=[])
    parser.add_argument("--option", action="append", default=[])
    parser.add_argument("--many", nargs=3)
    parser.add_argument("--atomic", action="store_true")
    parser.add_argument("--server", action="append", default=[])
    parser.add_argument("--hang-up", action="store_true")
    parser.add_argument("commands", nargs="*")
    args = parser.parse_args()

    words = args.server or ["git", "receive-pack"]
    server = subprocess.Popen(words + [args.repo], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE)
    try:
        send(args, server)
    except BrokenPipeError:
        pass
    if args.hang_up:
        server.stdout.close()
        return server.wait() and 1
    said, report = demultiplexed(server.stdout)
    lines = statuses(report)
    server.wait()
    sys.stdout.buffer.write(said)
    for line in lines:  # not the gate's words: they need not be printable
        print(line.decode("ascii", "backslashreplace"), file=sys.stderr)
    good = lines and all(line == b"unpack ok" or line.startswith(b"ok ")
                         for line in lines)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
