#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A token endpoint, a sink that wants its tokens, and one that wants a client
certificate, each with TLS on loopback.

    oauth-server.py CERT KEY CLIENT-CA PORTS LOG MODE-FILE

PORTS gets the three port numbers, in that order. Each request is one JSON line
in LOG. MODE-FILE has one word a line, each used for one request:
  ok            (or nothing left)
  live N        a token that expires in N seconds (token endpoint)
  error CODE    refuse so, with a description that says back the login
  status N      answer N
  endless       200, then body without end
  garbage       200, and no JSON
  inject        a token with a line feed in it
  mac           a token of another type
  redirect      307 to the sink
  revoke        (sink) 401, and forget all tokens
  echo          (sink) 400 with all headers in the body
"""

import base64
import http.server
import json
import os
import ssl
import sys
import threading
import urllib.parse

CERT, KEY, CLIENT_CA, PORTS, LOG, MODES = sys.argv[1:]
CLIENT = ("git gate:1", "s3cr+t/%4 x=")
lock = threading.Lock()
tokens = set()
made = [0]
servers = []


def next_mode(kind):
    """The first line that is for `kind`, `token` or `sink`."""
    try:
        with open(MODES) as f:
            lines = f.read().splitlines()
    except FileNotFoundError:
        return "ok", ""
    for i, line in enumerate(lines):
        if line.partition(" ")[0] == kind:
            with open(MODES, "w") as f:
                f.write("".join(l + "\n" for l in lines[:i] + lines[i + 1:]))
            mode, _, word = line.partition(" ")[2].partition(" ")
            return mode, word
    return "ok", ""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    def log_message(self, format, *args):
        pass

    def reply(self, status, value, headers=()):
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        for name, text in headers:
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        return status

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with lock:
            note = {"kind": self.server.kind, "path": self.path,
                    "headers": {k.lower(): v for k, v in
                                self.headers.items()},
                    "body": body.decode(), "id": None}
            if self.server.kind != "token":
                note["id"] = json.loads(body)["id"]
            note["client"] = dict(
                x[0] for x in (self.connection.getpeercert() or {}).get(
                    "subject", ())).get("commonName")
            mode, word = next_mode(self.server.kind.partition("-")[0])
            try:
                note["status"] = getattr(self, "on_" + self.server.kind[:4])(
                    body, mode, word)
            finally:
                with open(LOG, "a") as f:
                    f.write(json.dumps(note) + "\n")

    def trouble(self, mode, word):
        if mode == "status":
            return self.reply(int(word), {})
        if mode == "garbage":
            return self.reply(200, b"<html>hello")
        if mode == "redirect":
            return self.reply(307, {}, [("Location", "https://localhost:%d/"
                                         % servers[1].server_port)])
        if mode == "echo":
            return self.reply(400, dict(self.headers.items()))
        if mode == "endless":
            self.close_connection = True
            self.send_response(200)
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b" " * 65536)
            except OSError:
                return 0
        return None

    def on_toke(self, body, mode, word):
        done = self.trouble(mode, word)
        if done is not None:
            return done
        login = self.headers.get("Authorization", "")
        pair = base64.b64decode(login.removeprefix("Basic ")).decode()
        pair = tuple(map(urllib.parse.unquote_plus, pair.split(":")))
        if mode == "error":
            return self.reply(400, {"error": word, "error_description":
                                    "no %s:%s" % pair})
        form = urllib.parse.parse_qs(body.decode())
        if form.get("grant_type") != ["client_credentials"]:
            return self.reply(400, {"error": "unsupported_grant_type"})
        if pair != CLIENT:
            return self.reply(401, {"error": "invalid_client"},
                              [("WWW-Authenticate", "Basic")])
        made[0] += 1
        token = "tok-%d-~+/==" % made[0]
        tokens.add(token)
        if mode == "inject":
            token += "\r\nX-Evil: yes"
        return self.reply(200, {
            "access_token": token,
            "token_type": "mac" if mode == "mac" else "Bearer",
            "expires_in": int(word) if mode == "live" else 3600})

    def on_sink(self, body, mode, word):
        if mode == "revoke":
            tokens.clear()
        done = self.trouble(mode, word)
        if done is not None:
            return done
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.server.kind == "sink" and token not in tokens:
            return self.reply(401, {}, [("WWW-Authenticate", "Bearer")])
        return self.reply(204, b"")


for kind in ("token", "sink", "sink-mtls"):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERT, KEY)
    if kind == "sink-mtls":
        context.load_verify_locations(CLIENT_CA)
        context.verify_mode = ssl.CERT_REQUIRED
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *args: None
    server.kind = kind
    server.socket = context.wrap_socket(server.socket, server_side=True,
                                        do_handshake_on_connect=False)
    servers.append(server)
with open(PORTS + ".new", "w") as f:
    f.write(" ".join(str(s.server_port) for s in servers) + "\n")
os.rename(PORTS + ".new", PORTS)
for server in servers[1:]:
    threading.Thread(target=server.serve_forever, daemon=True).start()
threading.Timer(120, os._exit, (0,)).start()
servers[0].serve_forever()
