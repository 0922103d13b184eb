#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a real ticketing system has, asked through its own interface.

    tickets.py redmine|request-tracker URL KEY-FILE list
    tickets.py redmine|request-tracker URL KEY-FILE attachments
    tickets.py redmine|request-tracker URL LOGIN:PASSWORD make
    tickets.py redmine|request-tracker URL LOGIN:PASSWORD set NUMBER WORDS

`list` prints one line of JSON a ticket, oldest first: its number, the change's
key, the subject, and the texts: what opened it and each comment, in the
system's order. `attachments` prints ticket, name and content of each.

The others are what people do there. `make` reads lines NAME WORDS, makes a
ticket for each, and prints NAME=NUMBER. WORDS are KEY=VALUE; all are good for
a push by default: state (good, later, over), approval, backout, repository,
start and end (days from now), where (Changes; Closed is a place that the
courier does not see).
"""

import base64
import datetime
import json
import shlex
import sys
import urllib.parse
import urllib.request


GOOD = {"state": "good", "approval": "approved", "backout": "restore it",
        "repository": "one", "start": "-1", "end": "1", "where": "Changes"}


def day(words, name):
    days = datetime.timedelta(days=int(words[name]))
    return str((datetime.datetime.now(datetime.timezone.utc) + days).date())


def send(url, header, method="GET", what=None):
    request = urllib.request.Request(
        url, method=method, data=what and json.dumps(what).encode(),
        headers={**header, "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read()


def basic(key):
    return {"Authorization":
            "Basic " + base64.b64encode(key.encode()).decode()}


class Redmine:
    def __init__(self, url, key):
        self.url = url
        self.header = basic(key) if ":" in key else {"X-Redmine-API-Key": key}

    def get(self, path, raw=False):
        content = send(path if path.startswith("http") else self.url + path,
                       self.header)
        return content if raw else json.loads(content)

    def put(self, method, path, words):
        states = {"good": 2, "later": 1, "over": 5}
        values = {2: "approval", 3: "backout", 4: "repository"}
        issue = {"status_id": states.get(words.get("state")),
                 "custom_fields": [{"id": k, "value": words[v]}
                                   for k, v in values.items() if v in words]}
        if method == "POST":
            issue |= {"project_id": words["where"].lower(), "tracker_id": 3,
                      "subject": "a change", "start_date": day(words, "start"),
                      "due_date": day(words, "end")}
        return send(self.url + path, self.header, method, {"issue": issue})

    def make(self, words):
        made = json.loads(self.put("POST", "/issues.json", words))
        number = made["issue"]["id"]
        # every issue begins as new, whatever is asked for
        self.set(number, {"state": words["state"]})
        return number

    def set(self, number, words):
        self.put("PUT", f"/issues/{number}.json", words)

    def issues(self):
        found = self.get("/issues.json?status_id=*&sort=id&limit=100")
        for issue in found["issues"]:
            yield self.get("/issues/%d.json?include=journals,attachments"
                           % issue["id"])["issue"]

    def list(self):
        for issue in self.issues():
            yield {"id": str(issue["id"]), "subject": issue["subject"],
                   "key": issue["custom_fields"][0]["value"],
                   "texts": [issue["description"]] +
                            [j["notes"] for j in issue["journals"]
                             if j["notes"]]}

    def attachments(self):
        for issue in self.issues():
            for a in issue["attachments"]:
                content = self.get(a["content_url"], raw=True)
                yield str(issue["id"]), a["filename"], content.decode()


class RequestTracker:
    def __init__(self, url, key):
        self.url = url + "/REST/2.0"
        self.header = basic(key) if ":" in key else {
            "Authorization": "token " + key}

    def get(self, path):
        return json.loads(send(self.url + path, self.header))

    def put(self, method, path, words):
        states = {"good": "open", "later": "new", "over": "resolved"}
        fields = {"approval": "Approval", "backout": "Backout plan",
                  "repository": "Repository"}
        ticket = {"CustomFields": {v: words[k] for k, v in fields.items()
                                   if words.get(k)}}
        if "state" in words:
            ticket["Status"] = states[words["state"]]
        if method == "POST":
            where = {"Changes": "Changes", "Closed": "Closed shop"}
            ticket |= {"Queue": where[words["where"]], "Subject": "a change",
                       "Starts": day(words, "start") + " 00:00:00",
                       "Due": day(words, "end") + " 00:00:00"}
        return send(self.url + path, self.header, method, ticket)

    def make(self, words):
        return json.loads(self.put("POST", "/ticket", words))["id"]

    def set(self, number, words):
        self.put("PUT", f"/ticket/{number}", words)

    def every(self, path):
        page = 1
        while True:
            items = self.get(f"{path}&per_page=100&page={page}")["items"]
            yield from items
            if len(items) < 100:
                return
            page += 1

    def tickets(self):
        query = urllib.parse.quote("Queue='Changes'")
        return self.every(f"/tickets?query={query}&orderby=id"
                          "&fields=Subject,CustomFields")

    def parts(self, ticket):
        return self.every(f"/ticket/{ticket['id']}/attachments"
                          "?fields=Content,ContentType,Filename")

    def list(self):
        for t in self.tickets():
            yield {"id": t["id"], "subject": t["Subject"],
                   "key": "".join(t["CustomFields"][0]["values"]),
                   "texts": [p["Content"] for p in self.parts(t)
                             if p["ContentType"] == "text/plain"
                             and not p["Filename"]]}

    def attachments(self):
        for t in self.tickets():
            for p in self.parts(t):
                if not p["Filename"]:
                    continue
                content = p["Content"]
                # a list has the bytes of a file, each as a character
                if p["ContentType"] == "application/octet-stream":
                    content = content.encode("latin-1").decode()
                yield t["id"], p["Filename"], content


def words_of(given):
    return dict(w.split("=", 1) for w in given)


def main():
    kind, url, key, what, *more = sys.argv[1:]
    if ":" not in key:
        with open(key, encoding="ascii") as file:
            key = file.read().strip()
    systems = {"redmine": Redmine, "request-tracker": RequestTracker}
    system = systems[kind](url, key)
    if what == "set":
        return system.set(more[0], words_of(more[1:]))
    if what == "make":
        for line in sys.stdin:
            name, *words = shlex.split(line)
            print(f"{name}={system.make(GOOD | words_of(words))}", flush=True)
        return
    for item in getattr(system, what)():
        print(json.dumps(item))


if __name__ == "__main__":
    main()
