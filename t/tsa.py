#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A time-stamping authority (RFC 3161) behind HTTP: `openssl ts -reply`.

The folder has openssl's configuration `tsa.conf`; the mode file picks what
answers: a section of it, `again` for the answer before, `garbage`, or an HTTP
status.
"""

import argparse
import http.server
import os
import subprocess
import tempfile


def reply(folder, section, query):
    with tempfile.TemporaryDirectory() as scratch:
        ask, answer = scratch + "/q", scratch + "/r"
        with open(ask, "wb") as f:
            f.write(query)
        subprocess.run(["openssl", "ts", "-reply", "-config", "tsa.conf",
                        "-section", section, "-queryfile", ask, "-out",
                        answer], cwd=folder, check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(answer, "rb") as f:
            return f.read()


def handler(args):
    class Handler(http.server.BaseHTTPRequestHandler):
        last = b""

        def do_POST(self):
            query = self.rfile.read(int(self.headers["Content-Length"]))
            mode = open(args.mode_file).read().strip()
            with open(args.out, "a") as f:
                f.write("%s %s\n" % (mode, self.headers["Content-Type"]))
            if mode.isdigit():
                self.send_error(int(mode))
                return
            if mode == "garbage":
                body = b"no answer"
            elif mode == "again":
                body = Handler.last
            else:
                body = Handler.last = reply(args.dir, mode, query)
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass
    return Handler


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--dir", required=True)
    p.add_argument("--out", required=True)
    p.add_argument("--mode-file", required=True)
    p.add_argument("--port-file", required=True)
    args = p.parse_args()
    server = http.server.HTTPServer(("127.0.0.1", 0), handler(args))
    with open(args.port_file + ".new", "w") as f:
        f.write("%d\n" % server.server_address[1])
    os.rename(args.port_file + ".new", args.port_file)
    server.serve_forever()


if __name__ == "__main__":
    main()
