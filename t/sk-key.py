#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A security key made of a file: what sk-ssh-ed25519 signs, by openssl.

    sk-key.py new FILE FLAGS    a key; FLAGS are what each signature says: 00
                                untouched, 01 touched, 05 and a PIN was given
    sk-key.py -Y sign -n NAMESPACE -f FILE [-U] DATA
                                as git calls gpg.ssh.program: DATA.sig

OpenSSH's PROTOCOL.u2f and PROTOCOL.sshsig have the bytes.
"""
import base64
import hashlib
import struct
import subprocess
import sys
import tempfile

TYPE = b"sk-ssh-ed25519@openssh.com"
APPLICATION = b"ssh:"
COUNTER = struct.pack(">I", 5)


def string(data):
    return struct.pack(">I", len(data)) + data


def openssl(*arguments):
    return subprocess.run(("openssl",) + arguments, check=True,
                          stdout=subprocess.PIPE).stdout


def blob(path):
    point = openssl("pkey", "-in", path, "-pubout", "-outform", "DER")[-32:]
    return string(TYPE) + string(point) + string(APPLICATION)


def new(path, flags):
    openssl("genpkey", "-algorithm", "ed25519", "-out", path)
    with open(path + ".flags", "w") as out:
        out.write(flags)
    with open(path + ".pub", "w") as out:
        out.write("%s %s\n" % (TYPE.decode(),
                               base64.b64encode(blob(path)).decode()))


def sign(path, namespace, data):
    with open(path + ".flags") as file:
        flags = bytes.fromhex(file.read())
    with open(data, "rb") as file:
        digest = hashlib.sha512(file.read()).digest()
    head = string(namespace.encode()) + string(b"") + string(b"sha512")
    message = b"SSHSIG" + head + string(digest)
    with tempfile.NamedTemporaryFile() as file:
        file.write(hashlib.sha256(APPLICATION).digest() + flags + COUNTER +
                   hashlib.sha256(message).digest())
        file.flush()
        raw = openssl("pkeyutl", "-sign", "-inkey", path, "-rawin", "-in",
                      file.name)
    signature = string(string(TYPE) + string(raw) + flags + COUNTER)
    text = base64.b64encode(b"SSHSIG" + struct.pack(">I", 1) +
                            string(blob(path)) + head + signature).decode()
    lines = [text[i:i + 70] for i in range(0, len(text), 70)]
    with open(data + ".sig", "w") as out:
        out.write("-----BEGIN SSH SIGNATURE-----\n%s\n"
                  "-----END SSH SIGNATURE-----\n" % "\n".join(lines))


def main(arguments):
    if arguments[0] == "new":
        new(arguments[1], arguments[2])
        return
    options = dict(zip(arguments, arguments[1:]))
    sign(options["-f"], options["-n"], arguments[-1])


main(sys.argv[1:])
