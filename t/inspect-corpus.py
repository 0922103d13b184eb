#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compare `gatepost inspect --json` with what git says of the same commits.

usage: inspect-corpus.py GATEPOST corpus FILE.ndjson.gz   git's answers are in
                                                          the file
       inspect-corpus.py GATEPOST repository DIR          git log is asked
Prints the differences and a line `N commits, N differ`.
"""
import base64
import gzip
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import zlib

BATCH = 900


def lines_of(trailers):
    return [f"{key}: {value}" for key, value in trailers]


def clean(text):
    """The lines of a text without the empty ones."""
    return [line for line in text.split("\n") if line]


def inspect(gatepost, repository, arguments):
    run = subprocess.run(
        [gatepost, "-C", repository, "inspect", "--json", *arguments],
        stdout=subprocess.PIPE, check=True)
    for line in run.stdout.splitlines():
        yield json.loads(line)


def encoding_of(raw):
    for line in raw.split(b"\n\n", 1)[0].split(b"\n"):
        if line.startswith(b"encoding "):
            return line[9:].decode("ascii", "replace")
    return None


def recode(raw, encoding):
    """The commit as git shows it: its message in UTF-8, no encoding header."""
    head, message = raw.split(b"\n\n", 1)
    head = b"\n".join(line for line in head.split(b"\n")
                      if not line.startswith(b"encoding "))
    return head + b"\n\n" + message.decode(encoding).encode()


def write_object(repository, raw):
    data = b"commit %d\0" % len(raw) + raw
    name = hashlib.sha1(data).hexdigest()
    folder = os.path.join(repository, "objects", name[:2])
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name[2:]), "wb") as out:
        out.write(zlib.compress(data, 1))
    return name


def corpus(gatepost, path):
    wanted, skipped = {}, 0
    with tempfile.TemporaryDirectory() as top:
        repository = os.path.join(top, "corpus.git")
        subprocess.run(["git", "init", "-q", "--bare", repository], check=True)
        with gzip.open(path, "rt") as rows:
            for row in map(json.loads, rows):
                raw = base64.b64decode(row["object"])
                encoding = encoding_of(raw)
                if encoding:
                    try:
                        raw = recode(raw, encoding)
                    except (LookupError, UnicodeDecodeError):
                        skipped += 1
                        continue
                wanted[write_object(repository, raw)] = [
                    line for line in row["trailers"] if line]
        names = list(wanted)
        for at in range(0, len(names), BATCH):
            for got in inspect(gatepost, repository,
                               ["--no-walk", *names[at:at + BATCH]]):
                yield got, wanted[got["id"]]
    if skipped:
        print(f"# {skipped} commits in an encoding that Python lacks")


def repository(gatepost, path):
    said = subprocess.run(
        ["git", "-C", path, "log", "--all", "--encoding=UTF-8", "-z",
         "--format=%H%x01%e%x01%(trailers:only,unfold)"],
        stdout=subprocess.PIPE, check=True).stdout
    wanted = {}
    for entry in said.split(b"\0"):
        if entry:
            name, encoding, text = entry.split(b"\1", 2)
            if not encoding or encoding.upper() in (b"UTF-8", b"UTF8"):
                wanted[name.decode()] = clean(text.decode("utf-8", "replace"))
    for got in inspect(gatepost, path, ["--all"]):
        if got["id"] in wanted:
            yield got, wanted[got["id"]]


def main():
    gatepost, what, path = sys.argv[1:]
    seen = differ = 0
    for got, wanted in {"corpus": corpus, "repository": repository}[what](
            gatepost, path):
        seen += 1
        told = [line for entry in lines_of(got.get("trailers", []))
                for line in clean(entry)]
        if told != wanted:
            differ += 1
            if differ <= 20:
                print(f"# {got['id']}: {told!r}, git: {wanted!r}"
                      f" {got.get('fault', '')}")
    print(f"{seen} commits, {differ} differ")
    return 1 if differ or not seen else 0


if __name__ == "__main__":
    sys.exit(main())
