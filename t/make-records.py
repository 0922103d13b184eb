# SPDX-License-Identifier: Apache-2.0
#
# make-records.py LEDGER COUNT [BYTES [FROM]]: append records to a ledger that
# nobody uses, as gatepost-records(5) describes them, of about so many bytes
# each. Their ids depend on their number; FROM is added to it for those.

import hashlib, json, os, sys, zlib

ledger, count = sys.argv[1], int(sys.argv[2])
size = int(sys.argv[3]) if len(sys.argv) > 3 else 600
start = int(sys.argv[4]) if len(sys.argv) > 4 else 0
SEGMENT = 64 << 20
START = 1767225600000  # 2026-01-01, in milliseconds


def uuid7(i):
    i += start
    ms = START + i
    rest = hashlib.sha256(b"%d" % i).hexdigest()
    h = "%012x" % ms
    return f"{h[:8]}-{h[8:]}-7{rest[:3]}-8{rest[3:6]}-{rest[6:18]}"


def record(i):
    person = '{"salt":"%032x","principal":"p%d"}' % (i, i % 7)
    digest = hashlib.sha256(person.encode()).hexdigest()
    head = (
        f'{{"v":1,"id":"{uuid7(i)}","kind":"decision",'
        f'"time":"2026-01-01T00:00:00.000Z","host":"test",'
        f'"gatepost":"0.1.0","persons":["sha256:{digest}"],'
        f'"repository":"r{i % 10}","verdict":"pass","n":{i},"pad":"'
    )
    pad = "x" * max(0, size - len(head) - 2)
    return (head + pad + '"}').encode(), ("[" + person + "]").encode()


def frame(i):
    line, persons = record(i)
    head = b"#record %d %d %d %s" % (i, len(line), len(persons), uuid7(i).encode())
    crc = zlib.crc32(head, zlib.crc32(line))
    head += b" %08x %08x\n" % (crc, zlib.crc32(persons))
    return head + line + b"\n" + persons + b"\n"


def present(directory):
    """how many records there are"""
    last = sorted(n for n in os.listdir(directory) if n.endswith(".log"))[-1]
    lines = open(os.path.join(directory, last), "rb").read().split(b"\n")
    return int(last[:20]) + sum(l.startswith(b"#record ") for l in lines)


def main():
    directory = os.path.join(ledger, "segments")
    out, room = None, 0
    first = present(directory)
    for i in range(first, first + count):
        if room <= 0:
            if out:
                out.close()
            out = open(os.path.join(directory, "%020d.log" % i), "wb")
            room = SEGMENT
        data = frame(i)
        out.write(data)
        room -= len(data)
    if out:
        out.close()
    state = os.path.join(ledger, "state")
    if os.path.exists(state):
        os.unlink(state)  # it speaks of an empty ledger


main()
