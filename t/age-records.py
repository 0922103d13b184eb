# SPDX-License-Identifier: Apache-2.0
#
# age-records.py LEDGER DAYS: all records of a ledger that nobody uses were made
# so many days earlier. Nothing of it is sealed any more.

import datetime, glob, os, re, shutil, sys, zlib

ledger, days = sys.argv[1], int(sys.argv[2])
UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(rb'("time":")([0-9TZ:.-]+)"')


def older_id(match):
    ms = int(match[0][:13].replace(b"-", b""), 16) - days * 86400000
    h = b"%012x" % ms
    return h[:8] + b"-" + h[8:] + match[0][13:]


def older_time(match):
    t = datetime.datetime.strptime(match[2].decode(), "%Y-%m-%dT%H:%M:%S.%fZ")
    t -= datetime.timedelta(days=days)
    return match[1] + (t.isoformat(timespec="milliseconds") + 'Z"').encode()


def main():
    for path in glob.glob(os.path.join(ledger, "segments", "*.log")):
        lines = open(path, "rb").read().split(b"\n")[:-1]
        with open(path, "wb") as out:
            for head, line, persons in zip(lines[::3], lines[1::3], lines[2::3]):
                line = TIME.sub(older_time, UUID.sub(older_id, line))
                head = UUID.sub(older_id, head).rsplit(b" ", 2)[0]
                crc = zlib.crc32(head, zlib.crc32(line))
                out.write(head + b" %08x %08x\n" % (crc, zlib.crc32(persons)))
                out.write(line + b"\n" + persons + b"\n")
    for name in "sealed", "keys":
        shutil.rmtree(os.path.join(ledger, name), ignore_errors=True)
    state = os.path.join(ledger, "state")
    if os.path.exists(state):
        os.unlink(state)  # it says how long the last segment is


main()
