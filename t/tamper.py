# SPDX-License-Identifier: Apache-2.0
#
# tamper.py LEDGER HOW [ARGUMENT…]: change a ledger behind gatepost's back.

import os, re, shutil, sys, zlib

os.chdir(sys.argv[1])
how, args = sys.argv[2], sys.argv[3:]


def read(path):
    return open(path, "rb").read()


def write(path, data):
    # another inode: what is mapped or linked elsewhere stays as it is
    if os.path.exists(path):
        os.unlink(path)
    open(path, "wb").write(data)


def frames(path):
    """the frames of a segment"""
    data, out = read(path), []
    while data.startswith(b"#record "):
        head, rest = data.split(b"\n", 1)
        words = head.split(b" ")
        end = len(head) + 1 + int(words[2]) + 1 + int(words[3]) + 1
        out.append(data[:end])
        data = data[end:]
    return out


def segment_of(index):
    names = sorted(n for n in os.listdir("segments") if n.endswith(".log"))
    name = [n for n in names if int(n[:20]) <= index][-1]
    return "segments/" + name, index - int(name[:20])


def signed(index, line, persons):
    """a frame with good checksums"""
    ident = re.search(rb'"id":"([0-9a-f-]{36})"', line).group(1)
    head = b"#record %d %d %d %s" % (index, len(line), len(persons), ident)
    crc = zlib.crc32(head, zlib.crc32(line))
    head += b" %08x %08x\n" % (crc, zlib.crc32(persons))
    return head + line + b"\n" + persons + b"\n"


def edit(index, change):
    path, at = segment_of(index)
    all_frames = frames(path)
    all_frames[at : at + 1] = change(all_frames[at])
    write(path, b"".join(all_frames))


if how == "flip":  # FILE OFFSET: a bit
    data = bytearray(read(args[0]))
    data[int(args[1])] ^= 1
    write(args[0], bytes(data))
elif how == "cut":  # FILE BYTES: from its end
    write(args[0], read(args[0])[: -int(args[1])])
elif how == "add":  # FILE TEXT
    write(args[0], read(args[0]) + args[1].encode())
elif how == "remove":  # FILE
    os.unlink(args[0])
elif how == "copy":  # FROM TO
    write(args[1], read(args[0]))
elif how == "exchange":  # FILE FILE
    one, two = read(args[0]), read(args[1])
    write(args[0], two)
    write(args[1], one)
elif how == "sub":  # FILE OLD NEW
    data = read(args[0])
    assert args[1].encode() in data
    write(args[0], data.replace(args[1].encode(), args[2].encode(), 1))
elif how == "spoil-record":  # INDEX: a bit of the record's line
    edit(
        int(args[0]),
        lambda f: [f.replace(b'"kind":"d', b'"kind":"e', 1)],
    )
elif how == "spoil-persons":  # INDEX
    edit(int(args[0]), lambda f: [f[:-4] + bytes([f[-4] ^ 1]) + f[-3:]])
elif how == "spoil-header":  # INDEX
    edit(int(args[0]), lambda f: [b"#" + b"x" + f[2:]])
elif how == "drop-record":  # INDEX
    edit(int(args[0]), lambda f: [])
elif how == "double-record":  # INDEX
    edit(int(args[0]), lambda f: [f, f])
elif how == "swap-records":  # INDEX, and the next
    path, at = segment_of(int(args[0]))
    f = frames(path)
    f[at], f[at + 1] = f[at + 1], f[at]
    write(path, b"".join(f))
elif how == "rewrite-record":  # INDEX OLD NEW: with good checksums
    index = int(args[0])

    def rewrite(f):
        head, line, persons, _ = f.split(b"\n")
        assert args[1].encode() in line
        line = line.replace(args[1].encode(), args[2].encode(), 1)
        return [signed(index, line, persons)]

    edit(index, rewrite)
elif how == "rewrite-persons":  # INDEX OLD NEW
    index = int(args[0])

    def rewrite(f):
        head, line, persons, _ = f.split(b"\n")
        assert args[1].encode() in persons
        persons = persons.replace(args[1].encode(), args[2].encode(), 1)
        return [signed(index, line, persons)]

    edit(index, rewrite)
elif how == "forget-state":
    os.unlink("state")
else:
    sys.exit("what?")
