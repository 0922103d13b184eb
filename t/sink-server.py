#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Endpoints of several products, and their faults, on loopback.

    sink-server.py PORT-FILE LOG MODE-FILE [NAME[=CERTIFICATE]...]

For each NAME it listens at one more port, which NAME.port tells: https with a
certificate (and its key, in one file), else at 127.0.0.2.

Each request is one JSON line in LOG: method, path, headers, body, status, and
at which port, by NAME. MODE-FILE has one word a line, each used for one request
that is no GET:
  ok            (or nothing left)
  lost          do what is asked, then break the connection
  kill          break the connection before anything is done
  status N      answer N, do nothing
  later N       429 with Retry-After: N
  date N        503 with a Retry-After that is a date in N seconds
  error         200 with the product's way to say that it failed
  echo          400 with all that was sent in the body
  say TEXT      400 with that
  hang [N]      no answer, for 4 or N seconds
  wait N        N seconds, then as ok
  drip          200, and a byte of the body now and then
  endless       200, and a body without an end
  headers       200, and headers without an end
  short         200, and less of a body than was announced
  garbage       what is no HTTP
  reset         the connection is reset
  redirect URL  302
`after MODE` does what is asked before it. `always MODE` stays, `every MODE`
stays and is for GET, too. An issue 9N is answered by the status N, and a query
for a key that begins with odd by 400. Bulks refuse what has the word poison in
it, until there is a file MODE-FILE.cured.
"""

import email.utils
import http.server
import json
import os
import socket
import ssl
import struct
import sys
import threading
import time
import urllib.parse

OK = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
RAW = ("drip", "endless", "headers", "short", "garbage", "reset")
lock = threading.Lock()
tickets = {}     # number -> {"key", "text", "comments"}
documents = {}   # id -> document
twice = []       # ids that were created when they were there
acks = {}        # ack id -> number of questions so far


def poisoned(text):
    return "poison" in text and not os.path.exists(sys.argv[3] + ".cured")


def next_mode(is_get):
    try:
        with open(sys.argv[3]) as f:
            lines = f.read().splitlines()
    except FileNotFoundError:
        return "ok"
    if not lines:
        return "ok"
    if lines[0].startswith("every "):
        return lines[0][6:]
    if is_get:
        return "ok"
    if lines[0].startswith("always "):
        return lines[0][7:]
    with open(sys.argv[3], "w") as f:
        f.write("".join(line + "\n" for line in lines[1:]))
    return lines[0]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def reply(self, status, value, headers=()):
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.tell(status)
        self.send_response(status)
        for name, text in headers:
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def tell(self, status):
        self.note["status"] = status
        with lock, open(sys.argv[2], "a") as f:
            f.write(json.dumps(self.note) + "\n")

    def handle_one(self):
        size = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(size)
        self.note = {"method": self.command, "path": self.path,
                     "at": self.server.name,
                     "headers": {k.lower(): v for k, v in
                                 self.headers.items()},
                     "body": body.decode(), "status": 0}
        self.dispatch(body)

    do_GET = do_POST = do_PUT = do_PATCH = handle_one

    def dispatch(self, body):
        with lock:
            mode, _, word = next_mode(self.command == "GET").partition(" ")
        if mode == "after":
            self.act(body, False)
            mode, _, word = word.partition(" ")
        if mode == "kill":
            return self.cut()
        if mode == "hang":
            self.tell(0)
            time.sleep(int(word or 4))
            self.close_connection = True
            return self.connection.shutdown(socket.SHUT_RDWR)
        if mode == "wait":
            self.tell(0)
            time.sleep(int(word))
        if mode in RAW:
            self.tell(0)
            self.close_connection = True
            return getattr(self, "raw_" + mode)()
        if mode == "redirect":
            return self.reply(302, {}, [("Location", word)])
        if mode == "status":
            return self.reply(int(word), {"message": "no"})
        if mode == "later":
            return self.reply(429, {}, [("Retry-After", word)])
        if mode == "date":
            when = email.utils.formatdate(time.time() + int(word),
                                          usegmt=True)
            return self.reply(503, {}, [("Retry-After", when)])
        if mode == "say":
            return self.reply(400, word.encode())
        if mode == "echo":
            text = json.dumps(self.note["headers"])
            return self.reply(400, {"sent": text})
        status, value = self.act(body, mode == "error")
        if mode == "lost":
            return self.cut()
        self.reply(status, value)

    def act(self, body, fail):
        path = urllib.parse.urlsplit(self.path)
        with lock:
            status, value = self.product(
                path.path, urllib.parse.parse_qs(path.query), body, fail)
        self.note["done"] = not fail
        return status, value

    def raw(self, head, part, pause=0.0):
        self.wfile.write(head)
        try:
            end = time.monotonic() + 4
            while part and time.monotonic() < end:
                self.wfile.write(part)
                time.sleep(pause)
        except OSError:
            pass

    def raw_drip(self):
        self.raw(OK + b"\r\n", b"{", 0.2)

    def raw_endless(self):
        self.raw(OK + b"\r\n", b"endless " * 8192)

    def raw_headers(self):
        self.raw(OK, b"X-More: " + b"x" * 1000 + b"\r\n")

    def raw_short(self):
        self.raw(OK + b"Content-Length: 100\r\n\r\n{", b"")

    def raw_garbage(self):
        self.raw(bytes(range(256)) * 4, b"")

    def raw_reset(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                   struct.pack("ii", 1, 0))
        os.close(self.connection.detach())

    def cut(self):
        self.tell(0)
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def product(self, path, query, body, fail):
        parts = path.strip("/").split("/")
        return getattr(self, "on_" + parts[0].partition(".")[0],
                       self.on_hook)(
            parts[1:], query, body, fail)

    def on_hook(self, parts, query, body, fail):
        return 200, b"<html>" if fail else {"taken": True}

    # Tickets: a create with the same key makes a second one.
    def on_issues(self, parts, query, body, fail):
        if parts:
            number = int(parts[0])
            if number // 1000 == 9:
                return number % 1000, {}
            if number not in tickets:
                return 404, {}
            if fail:
                return 200, {"errors": ["You may not"]}
            if self.command == "PUT":
                tickets[number]["comments"].append(
                    json.loads(body)["issue"]["notes"])
                return 200, {"noted": True}
            t = tickets[number]
            return 200, {"issue": {
                "id": number, "description": t["text"],
                "journals": [{"notes": n} for n in t["comments"]]}}
        if self.command == "GET":
            if query["key"][0].startswith("odd"):
                return 400, {"error": "no such query"}
            found = [n for n, t in tickets.items()
                     if t["key"] == query["key"][0]]
            return 200, {"issues": [{"id": n} for n in found],
                         "total_count": len(found)}
        issue = json.loads(body)["issue"]
        if fail:
            return 422, {"errors": ["Subject cannot be blank"]}
        tickets[len(tickets) + 1] = {"key": issue["key"], "comments": [],
                                     "text": issue["description"]}
        return 201, {"issue": {"id": len(tickets)}}

    def on_reset(self, parts, query, body, fail):
        for kept in tickets, documents, twice, acks:
            kept.clear()
        return 200, {}

    def on_dump(self, parts, query, body, fail):
        return 200, {"tickets": tickets, "documents": documents,
                     "twice": twice}

    # Records under their id, created once.
    def on_records(self, parts, query, body, fail):
        if self.command == "GET":
            one = documents.get(query["id"][0])
            return 200, {"total": 1 if one else 0}
        document = json.loads(body)
        if document["id"] in documents:
            twice.append(document["id"])
        documents[document["id"]] = document
        return 201, {"id": 7}

    def on__bulk(self, parts, query, body, fail):
        if fail:
            return 200, {"error": {"type": "cluster_block_exception"}}
        lines = body.decode().split("\n")
        items = []
        for action, text in zip(lines[0::2], lines[1::2]):
            name = "bulk-" + json.loads(action)["create"]["_id"]
            status = 201
            if name in documents:
                status = 409
            elif poisoned(text):
                status = 400
            else:
                documents[name] = json.loads(text)
            items.append({"create": {"_id": name, "status": status}})
        bad = any(i["create"]["status"] > 299 for i in items)
        return 200, {"errors": bad, "items": items}

    def on_topic(self, parts, query, body, fail):
        out = b""
        for line in body.decode().splitlines():
            code = 500 if fail or poisoned(line) else 200
            out += json.dumps({"error_code": code}).encode() + b"\r\n"
        return 200, out

    def on_rows(self, parts, query, body, fail):
        return 201, b""

    def on_collector(self, parts, query, body, fail):
        if parts == ["ack"]:
            out = {}
            for n in json.loads(body)["acks"]:
                acks[n] = acks.get(n, 0) + 1
                out[str(n)] = acks[n] > 2
            return 200, {"acks": out}
        return 200, {"text": "Success", "code": 0, "ackId": len(acks)}

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, name, certificate):
        self.name = name
        self.tls = None
        if certificate:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(certificate)
        super().__init__(("127.0.0.2" if name and not certificate else
                          "127.0.0.1", 0), Handler)

    def finish_request(self, request, client_address):
        if self.tls:  # not where it accepts: a client may say nothing
            request = self.tls.wrap_socket(request, server_side=True)
        super().finish_request(request, client_address)

    def handle_error(self, request, client_address):
        pass

    def serve(self, port_file):
        with open(port_file + ".new", "w") as f:
            f.write("%d\n" % self.server_address[1])
        os.rename(port_file + ".new", port_file)
        self.serve_forever()


def main():
    for argument in sys.argv[4:]:
        name, _, certificate = argument.partition("=")
        threading.Thread(target=Server(name, certificate).serve,
                         args=[name + ".port"], daemon=True).start()
    Server("", "").serve(sys.argv[1])


if __name__ == "__main__":
    main()
