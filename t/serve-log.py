# SPDX-License-Identifier: Apache-2.0
#
# serve-log.py DIRECTORY PORT-FILE HOW-FILE [CERTIFICATE KEY]: serve the files
# of a log over http, or https, on loopback. HOW-FILE has lines `HOW PATH`:
# what happens to those whose path begins so.
#
#     redirect  sent elsewhere, where they are
#     cut       end before they should, in the middle of the connection
#     short     end before they should, and say so
#     long      never end
#     slow      never begin
#     fail      503

import http.server, os, ssl, sys, time

root, port_file, how_file = sys.argv[1:4]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def head(self, status, length, more=()):
        self.send_response(status)
        for name, value in more:
            self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def how(self, path):
        for line in open(how_file).read().splitlines():
            how, _, prefix = line.partition(" ")
            if path.startswith(prefix):
                return how

    def do_GET(self):
        path = self.path.lstrip("/")
        how = self.how(path)
        if path.startswith("elsewhere/"):
            path = path[10:]
        name = os.path.join(root, path)
        if how == "redirect":
            return self.head(302, 0, [("Location", "/elsewhere/" + path)])
        if how == "fail":
            return self.head(503, 0)
        if how == "slow":
            time.sleep(20)
        if ".." in path or not os.path.isfile(name):
            return self.head(404, 0)
        data = open(name, "rb").read()
        if how == "short":
            data = data[: len(data) // 2]
        self.head(200, 1 << 40 if how == "long" else len(data))
        if how == "cut":
            data = data[: len(data) // 2]
            self.close_connection = True
        while how == "long":
            self.wfile.write(bytes(65536))
        self.wfile.write(data)

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *args):
        pass


server = Server(("127.0.0.1", 0), Handler)
if len(sys.argv) > 4:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[4], sys.argv[5])
    server.socket = context.wrap_socket(server.socket, server_side=True)
with open(port_file + ".new", "w") as f:
    f.write("%d\n" % server.server_address[1])
os.rename(port_file + ".new", port_file)
server.serve_forever()
