#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Check the text format of Prometheus on standard input: each metric has HELP
and TYPE before its samples, once, and its samples together; names and labels
are well-formed; counters end in _total; no sample comes twice."""

import re
import sys

NAME = r"[a-z][a-z0-9_]*"
LABEL = rf'{NAME}="(?:[^"\\\n]|\\[\\"n])*"'
SAMPLE = re.compile(
    rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (-?[0-9.e+]+)")
text = sys.stdin.buffer.read().decode()
assert text.endswith("\n"), "no line feed at the end"
helped, types, seen = set(), {}, set()
current = None
for line in text[:-1].split("\n"):
    if line.startswith("# HELP "):
        name = line.split(" ")[2]
        assert re.fullmatch(NAME, name), line
        assert name not in helped, "HELP twice: " + line
        assert line.endswith("."), "no sentence: " + line
        helped.add(name)
        current = name
    elif line.startswith("# TYPE "):
        _, _, name, kind = line.split(" ")
        assert name == current and name not in types, line
        assert kind in ("gauge", "counter"), line
        assert (kind == "counter") == name.endswith("_total"), line
        types[name] = kind
    else:
        m = SAMPLE.fullmatch(line)
        assert m, "no sample: " + line
        assert m.group(1) == current and current in types, line
        assert m.group(1).startswith("gatepost_"), line
        assert (m.group(1), m.group(2)) not in seen, "twice: " + line
        seen.add((m.group(1), m.group(2)))
        float(m.group(3))
assert helped == set(types), "HELP and TYPE differ"
print(len(seen), "samples")
