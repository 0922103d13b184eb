#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Git over http on loopback: git http-backend behind a small server.

    http-server.py ROOT PORT-FILE

Who pushes is the user of the request's Authorization, whatever the password:
the server tells the backend in REMOTE_USER, as a web server would that has
checked it. Writes its port to PORT-FILE when it listens.
"""

import base64
import http.server
import os
import subprocess
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def body(self):
        if self.headers.get("Transfer-Encoding", "") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        data = b""
        while True:
            size = int(self.rfile.readline(), 16)
            data += self.rfile.read(size)
            self.rfile.readline()
            if not size:
                return data

    def user(self):
        kind, _, word = self.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "basic":
            return None
        return base64.b64decode(word).decode().partition(":")[0]

    def environment(self, body):
        path, _, query = self.path.partition("?")
        env = {"PATH": os.environ["PATH"], "GIT_PROJECT_ROOT": sys.argv[1],
               "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path,
               "QUERY_STRING": query, "REQUEST_METHOD": self.command,
               "CONTENT_TYPE": self.headers.get("Content-Type", ""),
               "CONTENT_LENGTH": str(len(body)), "REMOTE_ADDR": "127.0.0.1"}
        if self.user():
            env["REMOTE_USER"] = self.user()
        for name in self.headers:  # as CGI passes them (RFC 3875, 4.1.18)
            key = "HTTP_" + name.upper().replace("-", "_")
            env.setdefault(key, self.headers[name])
        if "Git-Protocol" in self.headers:
            env["GIT_PROTOCOL"] = self.headers["Git-Protocol"]
        return env

    def answer(self):
        body = self.body()
        if not self.user() and "receive-pack" in self.path:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        out = subprocess.run(["git", "http-backend"], input=body,
                             env=self.environment(body),
                             stdout=subprocess.PIPE).stdout
        head, _, content = out.partition(b"\r\n\r\n")
        lines = [h.partition(": ") for h in head.decode().split("\r\n")]
        status = [v for k, _, v in lines if k == "Status"] or ["200"]
        self.send_response(int(status[0].split()[0]))
        for key, _, value in lines:
            if key != "Status":
                self.send_header(key, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = answer

    def log_message(self, *args):
        pass


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with open(sys.argv[2] + ".new", "w") as f:
        f.write("%d\n" % server.server_address[1])
    os.rename(sys.argv[2] + ".new", sys.argv[2])
    server.serve_forever()


if __name__ == "__main__":
    main()
