#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A ticketing system on loopback, and its faults.

    ticket-server.py PORT-FILE FOLDER LOG [CERTIFICATE]

Where PORT-FILE is there, that port is taken again.

GET /t/NUMBER answers what is in FOLDER/NUMBER: a line with a status or a
fault, then the body.
  N        that status
  hang     no answer
  drip     a byte a second
  endless  a body without an end
  elsewhere  302 to another address
Each request is a line of LOG. All else is 200.
"""

import http.server
import os
import ssl
import sys
import threading
import time


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def reply(self, status, body, headers=()):
        self.send_response(status)
        for name, text in headers:
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.reply(200, b"{}")

    def slowly(self, pause, most):
        self.send_response(200)
        self.send_header("Content-Length", str(1 << 40))
        self.end_headers()
        for _ in range(most):
            self.wfile.write(b" " if pause else b" " * 65536)
            self.wfile.flush()
            time.sleep(pause)

    def do_GET(self):
        with open(sys.argv[3], "a") as f:
            f.write(self.path + "\n")
        path = os.path.join(sys.argv[2], os.path.basename(self.path))
        if not os.path.exists(path):
            return self.reply(404, b"")
        with open(path, "rb") as f:
            word, _, body = f.read().partition(b"\n")
        word = word.decode()
        if word == "hang":
            time.sleep(20)
        elif word == "drip":
            self.slowly(1, 20)
        elif word == "endless":
            self.slowly(0, 10000)
        elif word == "elsewhere":
            self.reply(302, b"", [("Location", "http://localhost:%d/t/CHG0000001"
                                   % self.server.server_port)])
        else:
            self.reply(int(word), body)

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *args):
        pass


port = 0
if os.path.exists(sys.argv[1]):
    with open(sys.argv[1]) as f:
        port = int(f.read())
server = Server(("127.0.0.1", port), Handler)
if len(sys.argv) > 4:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[4])
    server.socket = context.wrap_socket(server.socket, server_side=True)
with open(sys.argv[1] + ".new", "w") as f:
    f.write(str(server.server_port))
os.rename(sys.argv[1] + ".new", sys.argv[1])
threading.Timer(120, lambda: os._exit(0)).start()
server.serve_forever()
