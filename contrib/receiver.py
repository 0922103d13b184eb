#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A small receiver of gatepost's events, for demonstrations and tests.

It listens on 127.0.0.1, writes its port to --port-file, appends every POST as one JSON line to --out, verifies Standard
Webhooks signatures (v1) by itself, and ends after --seconds. It is no
production endpoint.

--mode-file makes it misbehave. The file is read at every request and holds
one line:

  ok                    204 (also when there is no such file)
  status N [SECONDS]    answer N, with Retry-After where SECONDS are given
  refuse N TEXT         answer N to bodies that hold TEXT, 204 to others
  redirect URL          307 to URL
  drip                  200, then one byte of body every 0.2 s without end
  endless               200, then body as fast as it goes without end
  headers               200, then header lines without end
  short                 200 with less body than announced
  garbage               bytes that are not HTTP
  reset                 read the request, then reset the connection
  hang                  read the request, then say nothing
"""

import argparse
import base64
import hashlib
import hmac
import http.server
import json
import os
import socket
import ssl
import struct
import sys
import threading
import time

MAX_BODY = 16 << 20
TOLERANCE = 300  # seconds between the sender's clock and ours


def signature_state(secrets, headers, body):
    """'valid', 'invalid', 'absent', or 'unchecked' without a secret."""
    given = headers.get("webhook-signature")
    if given is None:
        return "absent"
    if not secrets:
        return "unchecked"
    stamp = headers.get("webhook-timestamp", "")
    if not stamp.isdigit() or abs(time.time() - int(stamp)) > TOLERANCE:
        return "invalid"
    content = b".".join(
        [headers.get("webhook-id", "").encode(), stamp.encode(), body])
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        mac = hmac.new(key, content, hashlib.sha256).digest()
        expected = "v1," + base64.b64encode(mac).decode()
        for one in given.split(" "):
            if hmac.compare_digest(one.encode(), expected.encode()):
                return "valid"
    return "invalid"


class Receiver(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, options):
        super().__init__(("127.0.0.1", options.port), Handler)
        self.options = options
        self.lock = threading.Lock()
        self.count = 0
        self.secrets = []
        if options.secret_file:
            with open(options.secret_file, encoding="ascii") as f:
                self.secrets = [
                    s for s in f.read().split() if s.startswith("whsec_")]

    def mode(self):
        try:
            with open(self.options.mode_file, encoding="utf-8") as f:
                return f.readline().rstrip("\n").split(" ", 2)
        except (OSError, TypeError):
            return ["ok"]

    def handle_error(self, request, client_address):
        """A client that goes away is no news here."""

    def note(self, handler, body, mode):
        headers = {k.lower(): v for k, v in handler.headers.items()}
        line = {
            "path": handler.path,
            "headers": headers,
            "signature": signature_state(self.secrets, headers, body),
            "sha256": hashlib.sha256(body).hexdigest(),
            "mode": " ".join(mode),
        }
        try:
            line["event"] = json.loads(body)
            line["id"] = line["event"].get("id")
        except (ValueError, AttributeError):
            line["body"] = base64.b64encode(body).decode()
        with self.lock:
            line["n"] = self.count
            self.count += 1
            line["answer"] = handler.plan(mode, body)
            with open(self.options.out, "a", encoding="utf-8") as f:
                f.write(json.dumps(line, sort_keys=True) + "\n")
        return line["answer"]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    def log_message(self, format, *args):
        pass

    def body(self):
        length = int(self.headers.get("content-length", "0"))
        if not 0 <= length <= MAX_BODY:
            raise ValueError("content-length")
        return self.rfile.read(length)

    def plan(self, mode, body):
        """The status that this request gets, 0 for a misbehaviour."""
        if mode[0] == "status":
            return int(mode[1])
        if mode[0] == "refuse":
            return int(mode[1]) if mode[2].encode() in body else 204
        if mode[0] == "redirect":
            return 307
        return 204 if mode[0] == "ok" else 0

    def do_POST(self):
        body = self.body()
        mode = self.server.mode()
        status = self.server.note(self, body, mode)
        if not status:
            self.close_connection = True
            getattr(self, "do_" + mode[0])()
            return
        self.send_response(status)
        if mode[0] == "status" and len(mode) > 2:
            self.send_header("Retry-After", mode[2])
        if mode[0] == "redirect":
            self.send_header("Location", mode[1])
        if status != 204:
            self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self):
        self.send_error(405)

    def raw(self, data):
        self.wfile.write(data)
        self.wfile.flush()

    def do_drip(self):
        self.raw(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while True:
            self.raw(b".")
            time.sleep(0.2)

    def do_endless(self):
        self.raw(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while True:
            self.raw(b"endless " * 8192)

    def do_headers(self):
        self.raw(b"HTTP/1.1 200 OK\r\n")
        while True:
            self.raw(b"X-More: " + b"x" * 1000 + b"\r\n")

    def do_short(self):
        self.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")

    def do_garbage(self):
        self.raw(bytes(range(256)) * 4)

    def do_reset(self):
        # With SO_LINGER 0 close(2) sends RST. The connection's two buffered
        # files hold the socket too, so it is shut by descriptor.
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        os.close(self.connection.detach())

    def do_hang(self):
        time.sleep(3600)


def write_file(path, text):
    """As a whole: who waits for the file must not read half a number."""
    if path:
        with open(path + ".tmp", "w", encoding="ascii") as f:
            f.write(text + "\n")
        os.replace(path + ".tmp", path)


def parse_options():
    p = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--out", required=True, help="events, one JSON a line")
    p.add_argument("--port-file", required=True)
    p.add_argument("--pid-file")
    p.add_argument("--port", type=int, default=0, help="0: the system's choice")
    p.add_argument("--secret-file", help="whsec_ secrets to verify with")
    p.add_argument("--mode-file")
    p.add_argument("--cert", help="certificate chain: serve https")
    p.add_argument("--key")
    p.add_argument("--seconds", type=float, default=600.0)
    return p.parse_args()


def main():
    options = parse_options()
    server = Receiver(options)
    if options.cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.cert, options.key)
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False)
    timer = threading.Timer(options.seconds, server.shutdown)
    timer.daemon = True
    timer.start()
    write_file(options.pid_file, str(os.getpid()))
    write_file(options.port_file, str(server.server_address[1]))
    try:
        server.serve_forever(poll_interval=0.1)
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
