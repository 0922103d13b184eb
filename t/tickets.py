#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a real ticketing system has, asked through its own interface.

    tickets.py redmine|request-tracker URL KEY-FILE list
    tickets.py redmine|request-tracker URL KEY-FILE attachments

`list` prints one line of JSON a ticket, oldest first: its number, the change's
key, the subject, and the texts: what opened it and each comment, in the
system's order. `attachments` prints ticket, name and content of each.
"""

import json
import sys
import urllib.parse
import urllib.request


class Redmine:
    def __init__(self, url, key):
        self.url, self.key = url, key

    def get(self, path, raw=False):
        request = urllib.request.Request(
            path if path.startswith("http") else self.url + path,
            headers={"X-Redmine-API-Key": self.key})
        with urllib.request.urlopen(request, timeout=60) as answer:
            content = answer.read()
        return content if raw else json.loads(content)

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
        self.url, self.key = url + "/REST/2.0", key

    def get(self, path):
        request = urllib.request.Request(
            self.url + path, headers={"Authorization": "token " + self.key})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

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
                if p["Filename"]:
                    yield t["id"], p["Filename"], p["Content"]


def main():
    kind, url, key_file, what = sys.argv[1:]
    with open(key_file, encoding="ascii") as file:
        key = file.read().strip()
    system = {"redmine": Redmine, "request-tracker": RequestTracker}[kind]
    for item in getattr(system(url, key), what)():
        print(json.dumps(item))


if __name__ == "__main__":
    main()
