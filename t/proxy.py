#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Stand between a client and an http server on loopback, and do harm.

    proxy.py --to URL --port-file F --pid-file F --log F [--faults F] [--run CMD]

A line of the file --faults is one fault: WHAT METHOD PATH [always], METHOD and
PATH being regular expressions that match from the beginning. The first line
that a request matches happens to it, and is taken out of the file unless it
says always.

    drop     the server has answered in full: the client gets nothing
    cut      half of the request's body reaches the server, then both are cut
    refuse   cut before the server hears of it
    delay    the answer comes two seconds late
    STATUS   a number: that status and an empty body, the server hears nothing

--run CMD is run by the shell at the fault, before the client can see it: with
`drop` when the server has committed, with `cut` when it waits for the rest.
Every request is a line of JSON in --log: method, path, fault, status, body.
"""

import argparse
import http.client
import http.server
import json
import os
import re
import socket
import struct
import subprocess
import threading
import time
import urllib.parse

lock = threading.Lock()
HOP = {"connection", "keep-alive", "transfer-encoding", "content-length",
       "host"}


def take_fault(path, method, target):
    """The first that matches, taken out of the file."""
    with lock:
        try:
            with open(path, encoding="utf-8") as file:
                lines = file.read().splitlines()
        except (OSError, TypeError):
            return None
        for i, line in enumerate(lines):
            what, on_method, on_path, *more = line.split()
            if re.match(on_method, method) and re.match(on_path, target):
                break
        else:
            return None
        if not more:
            with open(path + ".new", "w", encoding="utf-8") as file:
                file.writelines(f"{x}\n" for x in lines[:i] + lines[i + 1:])
            os.rename(path + ".new", path)
        return what


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def reset(self):
        """End the connection with a reset, as a dying server's kernel does."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                   struct.pack("ii", 1, 0))
        self.wfile.close()
        self.rfile.close()
        self.connection.close()

    def fault_command(self):
        if self.server.args.run:
            subprocess.run(self.server.args.run, shell=True, check=False,
                           stdin=subprocess.DEVNULL)

    def cut(self, body):
        """Half a request, by hand."""
        head = f"{self.command} {self.path} HTTP/1.1\r\n"
        head += "".join(f"{k}: {v}\r\n" for k, v in self.headers.items())
        with socket.create_connection(self.server.upstream, 10) as s:
            s.sendall(head.encode("latin-1") + b"\r\n" + body[:len(body) // 2])
            time.sleep(0.2)
            self.fault_command()

    def forward(self, body):
        """Status, headers and body of the real answer."""
        connection = http.client.HTTPConnection(*self.server.upstream, 60)
        headers = {k: v for k, v in self.headers.items()
                   if k.lower() not in HOP}
        headers["Host"] = "%s:%d" % self.server.upstream
        connection.request(self.command, self.path, body or None, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, answer.getheaders(), content

    def send(self, status, headers, content):
        self.send_response(status)
        for key, value in headers:
            if key.lower() not in HOP:
                self.send_header(key, value)
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def answer(self):
        body = self.body()
        fault = take_fault(self.server.args.faults, self.command, self.path)
        said = {"method": self.command, "path": self.path, "fault": fault,
                "status": None, "body": body.decode("utf-8", "replace")}
        try:
            said["status"] = self.act(fault, body)
        except OSError:  # of the server, too: as if it were not there
            said["fault"] = fault or "unreachable"
        with lock, open(self.server.args.log, "a", encoding="utf-8") as log:
            log.write(json.dumps(said) + "\n")
        if said["status"] is None or fault == "drop":
            self.reset()

    def act(self, fault, body):
        if fault == "refuse":
            return None
        if fault == "cut":
            self.cut(body)
            return None
        if fault and fault.isdigit():
            self.send(int(fault), [], b"")
            return int(fault)
        status, headers, content = self.forward(body)
        if fault == "delay":
            time.sleep(2)
        if fault == "drop":
            self.fault_command()
        else:
            self.send(status, headers, content)
        return status

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # connections that it cut itself


def write(path, text):
    with open(path + ".new", "w", encoding="ascii") as file:
        file.write(text)
    os.rename(path + ".new", path)


def main():
    parser = argparse.ArgumentParser()
    for name in ("to", "port-file", "pid-file", "log"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--faults")
    parser.add_argument("--run")
    args = parser.parse_args()
    server = Server(("127.0.0.1", 0), Handler)
    url = urllib.parse.urlsplit(args.to)
    server.upstream = (url.hostname, url.port)
    server.args = args
    write(args.pid_file, f"{os.getpid()}\n")
    write(args.port_file, f"{server.server_address[1]}\n")
    server.serve_forever()


if __name__ == "__main__":
    main()
