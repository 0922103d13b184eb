#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A witness (C2SP tlog-witness), to test against.

Written from the specifications alone: what it knows of trees, notes and
proofs it has from RFC 6962, RFC 9162 and C2SP, not from gatepost; signatures
are openssl's. It keeps its key and what it cosigned in a folder, so that it
can be stopped and started.
"""

import argparse
import base64
import hashlib
import http.server
import json
import os
import subprocess
import tempfile
import time


def openssl(*args, data=b""):
    return subprocess.run(("openssl",) + args, input=data, check=True,
                          stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout


def with_file(data, use):
    with tempfile.NamedTemporaryFile() as f:
        f.write(data)
        f.flush()
        return use(f.name)


def key_id(name, kind, public):
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) +
                          public).digest()[:4]


class Key:
    def __init__(self, folder, name, kind=4):
        self.path = os.path.join(folder, "key.pem")
        if not os.path.exists(self.path):
            openssl("genpkey", "-algorithm", "ED25519", "-out", self.path)
        der = openssl("pkey", "-in", self.path, "-pubout", "-outform", "DER")
        self.name, self.kind, self.public = name, kind, der[-32:]
        self.id = key_id(name, kind, self.public)

    def vkey(self):
        return "%s+%s+%s" % (self.name, self.id.hex(), base64.b64encode(
            bytes([self.kind]) + self.public).decode())

    def sign(self, message):
        return with_file(message, lambda f: openssl(
            "pkeyutl", "-sign", "-rawin", "-inkey", self.path, "-in", f))

    def cosign(self, text, when):
        said = b"cosignature/v1\ntime %d\n" % when + text
        raw = self.id + when.to_bytes(8, "big") + self.sign(said)
        return "\u2014 %s %s\n" % (self.name,
                                   base64.b64encode(raw).decode())


def holds(public, message, signature):
    der = bytes.fromhex("302a300506032b6570032100") + public

    def check(name):
        with_file(signature, lambda s: with_file(message, lambda m: openssl(
            "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER",
            "-inkey", name, "-sigfile", s, "-in", m)))
    try:
        with_file(der, check)
        return True
    except subprocess.CalledProcessError:
        return False


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def consistent(first, second, first_root, second_root, proof):
    """RFC 9162, 2.1.4.2"""
    if first == 0:
        return not proof
    if first == second:
        return not proof and first_root == second_root
    path = list(proof)
    if first & (first - 1) == 0:
        path.insert(0, first_root)
    if not path:
        return False
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return fr == first_root and sr == second_root and sn == 0


class Refused(Exception):
    def __init__(self, status, body="", kind="text/plain"):
        self.status, self.body, self.kind = status, body, kind


class Witness:
    def __init__(self, args):
        self.args = args
        self.key = Key(args.dir, args.name)
        self.logs = {}
        for line in open(args.logs):
            if line.strip():
                name, kid, blob = line.strip().split("+", 2)
                raw = base64.b64decode(blob)
                assert key_id(name, raw[0], raw[1:]).hex() == kid
                self.logs.setdefault(name, []).append(raw)

    def seen(self, origin):
        try:
            known = json.load(open(self.file(origin)))
            return known["size"], bytes.fromhex(known["root"])
        except FileNotFoundError:
            return 0, b""

    def file(self, origin):
        return os.path.join(self.args.dir, "seen-" + hashlib.sha256(
            origin.encode()).hexdigest())

    def keep(self, origin, size, root):
        with open(self.file(origin) + ".new", "w") as f:
            json.dump({"size": size, "root": root.hex()}, f)
        os.rename(self.file(origin) + ".new", self.file(origin))

    def is_signed(self, origin, text, lines):
        for line in lines:
            dash, name, blob = line.split(" ")
            raw = base64.b64decode(blob)
            for key in self.logs[origin]:
                if (name == origin and key[0] == 1 and
                        raw[:4] == key_id(name, 1, key[1:]) and
                        holds(key[1:], text, raw[4:])):
                    return True
        return False

    def add_checkpoint(self, body):
        head, note = body.split(b"\n\n", 1)
        text, signatures = note.split(b"\n\n", 1)
        text += b"\n"
        lines = head.decode().split("\n")
        if not lines[0].startswith("old ") or len(lines) > 64:
            raise Refused(400)
        old = int(lines[0][4:])
        assert lines[0] == "old %d" % old
        proof = [base64.b64decode(x) for x in lines[1:]]
        origin, size, root = text.decode().split("\n")[:3]
        size, root = int(size), base64.b64decode(root)
        if origin not in self.logs:
            raise Refused(404)
        if not self.is_signed(origin, text,
                              signatures.decode().split("\n")[:-1]):
            raise Refused(403)
        if old > size:
            raise Refused(400)
        known, known_root = self.seen(origin)
        if old != known or (old == size and old and known_root != root):
            raise Refused(409, "%d\n" % known, "text/x.tlog.size")
        if not consistent(old, size, known_root, root, proof):
            raise Refused(422)
        self.keep(origin, size, root)
        return self.answer(text)

    def answer(self, text):
        mode, now = self.mode(), int(time.time())
        if mode == "forged":
            return self.key.cosign(text.replace(b"\n", b"x\n", 1), now)
        if mode == "other":
            with tempfile.TemporaryDirectory() as folder:
                return Key(folder, self.args.name).cosign(text, now)
        if mode == "garbage":
            return "\u2014 not a signature\n"
        # somebody else's line, to be ignored, comes with it
        with tempfile.TemporaryDirectory() as folder:
            return (Key(folder, "somebody.example").cosign(text, now) +
                    self.key.cosign(text, now))

    def mode(self):
        try:
            return open(self.args.mode_file).read().strip()
        except (OSError, TypeError):
            return "ok"


def handler(witness):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            mode = witness.mode()
            with open(witness.args.out, "a") as f:
                f.write(json.dumps({"path": self.path,
                                    "body": body.decode()}) + "\n")
            try:
                if not self.path.endswith("/w/add-checkpoint"):
                    raise Refused(404)
                if mode.isdigit():
                    raise Refused(int(mode))
                self.say(200, witness.add_checkpoint(body), "text/plain")
            except Refused as why:
                self.say(why.status, why.body, why.kind)

        def say(self, status, body, kind):
            with open(witness.args.out + ".answers", "a") as f:
                f.write("%d\n" % status)
            body = body.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass
    return Handler


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--dir", required=True)
    p.add_argument("--name", default="witness.example/w1")
    p.add_argument("--logs", help="the vkeys of known logs")
    p.add_argument("--out", default="/dev/null")
    p.add_argument("--mode-file")
    p.add_argument("--port", type=int, default=0)
    p.add_argument("--port-file")
    p.add_argument("--vkey", action="store_true", help="print it and end")
    args = p.parse_args()
    if args.vkey:
        print(Key(args.dir, args.name).vkey())
        return
    server = http.server.HTTPServer(("127.0.0.1", args.port),
                                    handler(Witness(args)))
    with open(args.port_file + ".new", "w") as f:
        f.write("%d\n" % server.server_address[1])
    os.rename(args.port_file + ".new", args.port_file)
    server.serve_forever()


if __name__ == "__main__":
    main()
