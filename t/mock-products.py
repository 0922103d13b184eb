#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Products that no test can install, as their documentation has them.

    mock-products.py --port-file F --pid-file F --state F [--drop REGEX]

Each refuses, with the status that it has for that, what it would not take:
wrong headers, another media type, a body of another shape. What it took is in
--state after each request, as JSON: {"product": {"key": [body, ...]}}; "refused"
has what it did not take, and why.

--drop: the first request of each product whose path matches is taken, and its
answer lost.
"""

import argparse
import http.server
import json
import os
import re
import threading
import urllib.parse

GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
routes = []


class Refusal(Exception):
    def __init__(self, status, body):
        super().__init__(body)
        self.status, self.body = status, body


def route(method, pattern, product):
    def add(function):
        routes.append((method, re.compile(pattern + r"\Z"), product, function))
        return function
    return add


def need(fine, status, body):
    if not fine:
        raise Refusal(status, body)


def json_of(r, media="application/json"):
    need(r.media == media, 415, {"message": "media type " + r.media})
    try:
        return json.loads(r.body)
    except ValueError as error:
        raise Refusal(400, {"message": str(error)}) from error


def lines_of(r, media):
    need(r.media == media, 406, {"error": "media type " + r.media})
    need(r.body.endswith(b"\n"), 400, {"error": "must end with a newline"})
    try:
        return [json.loads(x) for x in r.body.splitlines()]
    except ValueError as error:
        raise Refusal(400, {"error": str(error)}) from error


# ------------------------------------------------------------------- streams

@route("POST", r"/services/collector/event", "splunk")
def splunk_event(r):
    need(r.headers.get("Authorization") == "Splunk token-1", 403,
         {"text": "Invalid token", "code": 4})
    need(GUID.match(r.headers.get("X-Splunk-Request-Channel", "")), 400,
         {"text": "Data channel is missing", "code": 10})
    decoder, text, at, events = json.JSONDecoder(), r.body.decode(), 0, []
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        event, at = decoder.raw_decode(text, at)
        need(event.get("event"), 400,
             {"text": "Event field is required", "code": 12})
        # in seconds
        need(1e9 < float(event["time"]) < 1e10, 400,
             {"text": "Invalid data format", "code": 6})
        events.append(event)
    need(events, 400, {"text": "No data", "code": 5})
    for event in events:
        r.keep(event["fields"]["gatepost_id"], event)
    r.server.acks.append(0)
    return 200, {"text": "Success", "code": 0,
                 "ackId": len(r.server.acks) - 1}


@route("POST", r"/services/collector/ack\?channel=[0-9a-fA-F-]{36}",
       "splunk-ack")
def splunk_ack(r):
    need(r.headers.get("Authorization") == "Splunk token-1", 403,
         {"text": "Invalid token", "code": 4})
    answer = {}
    for n in json_of(r)["acks"]:
        answer[str(n)] = r.server.acks[n] > 0  # not when asked first
        r.server.acks[n] += 1
    return 200, {"acks": answer}


@route("POST", r"/gatepost/_bulk", "elasticsearch")
def bulk(r):
    need(r.headers.get("Authorization", "").startswith("Basic "), 401, {})
    rows, items = lines_of(r, "application/x-ndjson"), []
    need(len(rows) % 2 == 0, 400, {"error": "an action without a source"})
    for action, source in zip(rows[::2], rows[1::2]):
        key = action["create"]["_id"]
        result = {"_index": "gatepost", "_id": key, "status": 201}
        if r.has(key):
            result["status"] = 409
            result["error"] = {"type": "version_conflict_engine_exception"}
        else:
            need("@timestamp" in source, 400, {"error": "@timestamp"})
            r.keep(key, source)
        items.append({"create": result})
    return 200, {"took": 3, "items": items,
                 "errors": any(i["create"]["status"] == 409 for i in items)}


@route("POST", r"/\?query=INSERT%20INTO%20gatepost%20FORMAT%20JSONEachRow.*",
       "clickhouse")
def clickhouse(r):
    need(r.headers.get("X-ClickHouse-Key") == "password-1", 403, {})
    for row in lines_of(r, "application/x-ndjson"):
        need(all(isinstance(v, str) for v in row.values()), 400, row)
        if not r.has(row["id"]):  # the engine's part
            r.keep(row["id"], row)
    return 200, None


@route("POST", r"/v3/clusters/lkc-1/topics/gatepost/records", "kafka")
def kafka(r):
    record = json_of(r)
    need(record["key"]["type"] == "STRING" and
         isinstance(record["key"]["data"], str), 400, record)
    need(record["value"]["type"] == "JSON", 400, record)
    key = record["value"]["data"]["id"]
    if not r.server.failed:  # a broker that is not there
        r.server.failed.append(key)
        return 200, {"error_code": 50003, "message": "not enough replicas"}
    r.keep(key, record)
    return 200, {"error_code": 200, "cluster_id": "lkc-1",
                 "topic_name": "gatepost", "partition_id": 0, "offset": 7}


@route("POST", r"/gatepost\?on_conflict=id", "postgrest")
def postgrest(r):
    need(r.headers.get("Authorization") == "Bearer jwt-1", 401, {})
    rows = json_of(r)
    need(isinstance(rows, list), 400, {"message": "no array"})
    need(len({tuple(sorted(row)) for row in rows}) == 1, 400,
         {"code": "PGRST102", "message": "All object keys must match"})
    for row in rows:
        if r.has(row["id"]):
            need("resolution=ignore-duplicates" in r.headers.get("Prefer", ""),
                 409, {"code": "23505"})
        else:
            r.keep(row["id"], row)
    return 201, None


@route("POST", r"/hook", "webhook")
def webhook(r):
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature"):
        need(r.headers.get(name), 401, {"missing": name})
    event = json_of(r, "application/cloudevents+json")
    r.keep(event["id"], event)
    return 204, None


@route("POST", r"/ocsf", "ocsf")
def ocsf(r):
    finding = json_of(r)
    r.keep(finding["metadata"]["uid"], finding)
    return 202, {}


@route("POST", r"/vsa", "vsa")
def vsa(r):
    statement = json_of(r, "application/vnd.in-toto+json")
    r.keep(statement["subject"][0]["digest"]["gitCommit"], statement)
    return 201, {}


# ------------------------------------------------------------------- tickets

@route("POST", r"/api/now/import/u_gatepost_import", "servicenow-import")
def import_set(r):
    row = json_of(r)
    need(all(isinstance(v, str) for v in row.values()), 400,
         {"error": {"message": "values are strings"}})
    status = "updated" if r.has(row["u_id"]) else "inserted"
    if not r.server.transformed:
        r.server.transformed.append(row["u_id"])
        status = "error"
    elif status == "inserted":
        r.keep(row["u_id"], row)
    return 201, {"import_set": "ISET0010001",
                 "staging_table": "u_gatepost_import",
                 "result": [{"transform_map": "gatepost", "status": status,
                             "sys_id": "a" * 32}]}


@route("POST", r"/api/now/table/change_request\?.*", "servicenow")
def change_request(r):
    need(r.headers.get("Authorization", "").startswith("Basic "), 401, {})
    body = json_of(r)
    need(all(isinstance(v, str) for v in body.values()), 400, {})
    r.keep("%032x" % (len(r.all()) + 1), body)
    return 201, {"result": {"sys_id": "%032x" % len(r.all()),
                            "number": "CHG%07d" % len(r.all())}}


def by_number(r, number):
    """As the Table API shows it with sysparm_display_value=all."""
    need(r.query["sysparm_display_value"] == "all" and
         r.query["sysparm_limit"] == "1", 400, {})
    rows = {"CHG0000077": ("Scheduled", "-2", "approved", "Approved",
                           "2020-01-01 00:00:00", "restore the dump"),
            "CHG0000078": ("Scheduled", "-2", "approved", "Approved",
                           "2020-01-01 00:00:00", ""),
            "CHG0000079": ("Closed", "3", "approved", "Approved",
                           "2020-01-01 00:00:00", "restore the dump"),
            "CHG0000080": ("Scheduled", "-2", "requested", "Requested",
                           "2020-01-01 00:00:00", "restore the dump"),
            "CHG0000081": ("Scheduled", "-2", "approved", "Approved",
                           "2099-01-01 00:00:00", "restore the dump")}
    if number not in rows:
        return []
    state, kept, approval, shown, start, plan = rows[number]
    both = lambda value, text: {"value": value, "display_value": text}
    row = {"sys_id": both("%032x" % int(number[3:]),
                          "%032x" % int(number[3:])),
           "number": both(number, number), "state": both(kept, state),
           "approval": both(approval, shown),
           "start_date": both(start, "in the zone and form of the user"),
           "end_date": both("2099-12-31 23:59:59", "likewise"),
           "backout_plan": both(plan, plan)}
    return [{k: row[k] for k in r.query["sysparm_fields"].split(",")}]


@route("GET", r"/api/now/table/change_request\?.*", "servicenow")
def change_requests(r):
    number = re.fullmatch(r"number=(CHG[0-9]+)", r.query["sysparm_query"])
    if number:
        return 200, {"result": by_number(r, number[1])}
    asked = re.match(r"correlation_id=(.*)\^ORnumber=(.*)\^ORDERBY",
                     r.query["sysparm_query"])
    found = [k for k, v in r.all().items()
             if v[0]["correlation_id"] == asked[1]]
    return 200, {"result": [{"sys_id": k, "number": "CHG1"} for k in found]}


@route("PATCH", r"/api/now/table/change_request/[0-9a-f]{32}\?.*",
       "servicenow")
def work_notes(r):
    key = r.path.split("/")[-1].split("?")[0]
    need(r.has(key), 404, {"error": {"message": "No Record found"}})
    r.keep(key, json_of(r))
    return 200, {"result": {"sys_id": key}}


@route("GET", r"/api/now/table/sys_journal_field\?.*", "servicenow")
def journal(r):
    asked = re.match(r"element_id=(.*)\^valueLIKE(.*)",
                     r.query["sysparm_query"])
    notes = [n for n in r.all().get(asked[1], []) if asked[2] in n["work_notes"]]
    return 200, {"result": [{"sys_id": "b" * 32} for _ in notes]}


@route("POST", r"/rest/api/2/issue", "jira")
def issue(r):
    need(r.headers.get("Authorization") == "Bearer pat-1", 401, {})
    fields = json_of(r)["fields"]
    need(fields["project"]["key"] == "CHG" and fields["issuetype"]["name"],
         400, {"errors": {"project": "project is required"}})
    need(len(fields["summary"]) <= 255 and "\n" not in fields["summary"], 400,
         {"errors": {"summary": "Summary must be less than 255 characters"}})
    need(all(re.match(r"\S+\Z", x) for x in fields["labels"]), 400,
         {"errors": {"labels": "The label contains spaces"}})
    key = "CHG-%d" % (len(r.all()) + 1)
    r.keep(key, {"body": fields["description"], "labels": fields["labels"]})
    return 201, {"id": "10000", "key": key, "self": "…"}


@route("GET", r"/rest/api/2/search\?.*", "jira")
def search(r):
    label = re.search(r'labels="([^"]*)"', r.query["jql"])[1]
    found = [k for k, v in r.all().items() if label in v[0]["labels"]]
    return 200, {"total": len(found), "issues": [{"key": k} for k in found]}


@route("GET", r"/rest/api/2/issue/CHG-\d+\?fields=.*", "jira")
def one_issue(r):
    key = r.path.split("/")[-1].split("?")[0]
    need(r.has(key), 404, {"errorMessages": ["Issue Does Not Exist"]})
    first, *more = r.all()[key]
    return 200, {"key": key, "fields": {"description": first["body"],
                                        "comment": {"comments": more}}}


@route("POST", r"/rest/api/2/issue/CHG-\d+/comment", "jira")
def comment(r):
    key = r.path.split("/")[-2]
    need(r.has(key), 404, {"errorMessages": ["Issue Does Not Exist"]})
    r.keep(key, {"body": json_of(r)["body"]})
    return 201, {"id": "1"}


@route("POST", r"/rest/api/2/issue/CHG-\d+/remotelink", "jira-link")
def remote_link(r):
    link = json_of(r)
    need(link["object"]["url"] and link["object"]["title"], 400, {})
    there = r.has(link["globalId"])
    if not there:
        r.keep(link["globalId"], link)
    return 200 if there else 201, {"id": 10000, "self": "…"}


# -------------------------------------------------------------------- server

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def all(self):
        return self.server.state.setdefault(self.product, {})

    def has(self, key):
        return key in self.all()

    def keep(self, key, body):
        self.all().setdefault(key, []).append(body)

    def find(self):
        for method, pattern, product, function in routes:
            if method == self.command and pattern.match(self.path):
                self.product = product
                return function
        raise Refusal(404, {"error": "no such resource"})

    def answer(self):
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.media = self.headers.get("Content-Type", "").partition(";")[0]
        self.query = dict(urllib.parse.parse_qsl(
            urllib.parse.urlsplit(self.path).query))
        self.product = ""
        with self.server.lock:
            try:
                status, body = self.find()(self)
            except (Refusal, KeyError, TypeError, ValueError) as error:
                status = getattr(error, "status", 400)
                body = getattr(error, "body", {"error": repr(error)})
                self.server.state.setdefault("refused", []).append(
                    [self.command, self.path, status, body,
                     self.body.decode("utf-8", "replace")])
            write(self.server.args.state, json.dumps(self.server.state))
        if self.lose(status):
            return
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        if content:
            self.send_header("Content-Type", "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def lose(self, status):
        drop = self.server.args.drop
        if (not drop or self.command == "GET" or status >= 300
                or self.product in self.server.lost
                or not re.match(drop, self.path)):
            return False
        self.server.lost.add(self.product)
        self.close_connection = True
        return True

    do_GET = do_POST = do_PATCH = do_PUT = answer

    def log_message(self, *args):
        pass


def write(path, text):
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.rename(path + ".new", path)


def main():
    parser = argparse.ArgumentParser()
    for name in ("port-file", "pid-file", "state"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--drop")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.args = parser.parse_args()
    server.state, server.lock, server.lost = {}, threading.Lock(), set()
    server.acks, server.failed, server.transformed = [], [], []
    write(server.args.pid_file, f"{os.getpid()}\n")
    write(server.args.port_file, f"{server.server_address[1]}\n")
    server.serve_forever()


if __name__ == "__main__":
    main()
