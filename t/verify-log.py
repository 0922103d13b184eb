# SPDX-License-Identifier: Apache-2.0
#
# verify-log.py DIRECTORY VKEY: an independent check of a log as C2SP
# tlog-tiles, checkpoint and signed-note specify it. Computes the root from
# the entry bundles alone, compares every tile with it, and has openssl check
# the signature. Knows nothing of gatepost.

import base64, hashlib, os, subprocess, sys, tempfile

WIDTH = 256


def fail(why):
    print("log refused: " + why)
    sys.exit(1)


def sha(data):
    return hashlib.sha256(data).digest()


def root_of(hashes):
    if not hashes:
        return sha(b"")
    while len(hashes) > 1:
        pairs = [
            sha(b"\x01" + hashes[i] + hashes[i + 1])
            for i in range(0, len(hashes) - 1, 2)
        ]
        hashes = pairs + (hashes[-1:] if len(hashes) % 2 else [])
    return hashes[0]


def number(n):
    parts = ["%03d" % (n % 1000)]
    while n >= 1000:
        n //= 1000
        parts.insert(0, "x%03d" % (n % 1000))
    return "/".join(parts)


def read_tile(prefix, level, n, width):
    path = f"{prefix}/tile/{level}/{number(n)}"
    for name in [path] if width == WIDTH else [f"{path}.p/{width}", path]:
        if os.path.exists(name):
            return open(name, "rb").read()
    fail(f"no tile {level}/{n} of width {width}")


def bundle(data, width, name):
    out = []
    for _ in range(width):
        if len(data) < 2:
            fail(name + " is cut off")
        n = int.from_bytes(data[:2], "big")
        if len(data) < 2 + n:
            fail(name + " is cut off")
        out.append(data[2 : 2 + n])
        data = data[2 + n :]
    return out


def check_signature(text, lines, vkey):
    name, ident, key = vkey.split("+", 2)
    key = base64.b64decode(key)
    want = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
    if want.hex() != ident:
        fail("the key's id is not its own")
    if key[0] != 1:
        fail("not an Ed25519 key")
    for line in lines:
        dash, signer, blob = line.split(" ")
        raw = base64.b64decode(blob)
        if dash == "\u2014" and signer == name and raw[:4] == want:
            break
    else:
        fail("not signed by that key")
    with tempfile.TemporaryDirectory() as d:
        write = lambda f, b: open(os.path.join(d, f), "wb").write(b)
        # SubjectPublicKeyInfo of RFC 8410
        write("key", bytes.fromhex("302a300506032b6570032100") + key[1:])
        write("sig", raw[4:])
        write("text", text.encode())
        command = "openssl pkeyutl -verify -pubin -keyform DER -inkey key"
        command += " -rawin -in text -sigfile sig"
        done = subprocess.run(command.split(), cwd=d, capture_output=True)
    if done.returncode != 0:
        fail("the signature does not hold")


def read_checkpoint(prefix, vkey):
    note = open(prefix + "/checkpoint", encoding="utf-8").read()
    at = note.rindex("\n\n")
    text, signatures = note[: at + 1], note[at + 2 :].splitlines()
    check_signature(text, signatures, vkey)
    origin, size, root = text.splitlines()[:3]
    if origin != vkey.split("+")[0]:
        fail("another origin")
    return int(size), base64.b64decode(root)


def main(prefix, vkey):
    size, root = read_checkpoint(prefix, vkey)
    leaves = []
    for first in range(0, size, WIDTH):
        n, width = first // WIDTH, min(WIDTH, size - first)
        entries = bundle(
            read_tile(prefix, "entries", n, width), width, f"bundle {n}"
        )
        leaves += [sha(b"\x00" + e) for e in entries]
    if root_of(leaves) != root:
        fail("the entries have another root")
    level, hashes = 0, leaves
    while hashes:
        for first in range(0, len(hashes), WIDTH):
            want = hashes[first : first + WIDTH]
            got = read_tile(prefix, level, first // WIDTH, len(want))
            if got[: 32 * len(want)] != b"".join(want):
                fail(f"tile {level}/{first // WIDTH} differs")
        hashes = [
            root_of(hashes[i : i + WIDTH])
            for i in range(0, len(hashes) - WIDTH + 1, WIDTH)
        ]
        level += 1
    print(f"log accepted: {size} entries")


main(*sys.argv[1:])
