# SPDX-License-Identifier: Apache-2.0
"""signed-differential.py GATEPOST POLICY MANUAL COUNT [KIND:COUNT...] OBJECT...

For t3005-differential.sh, in a repository: COUNT changed copies of each
signed object (a tag or a commit, by name) are judged by `gatepost inspect` and
by git verify-tag or verify-commit, which ask ssh-keygen, gpg and gpgsm. Prints
TAP lines: nothing that git refuses may be good for us, and what we alone
refuse must be of a kind that the manual lists.
"""
import base64
import collections
import concurrent.futures
import json
import os
import random
import re
import subprocess
import sys

# What we alone refuse: our reason, and the words of the manual for it.
LISTED = (
    (r'^text after the end of the signature$|^a second signature inside',
     'anything behind the end of a signature'),
    (r'(END|BEGIN) line', 'a first or last line of the armour'),
    (r'^the signature.s armour is not canonical: ',
     'lines of other widths'),
    (r' header where it should be$|^more than one signature header$|'
     r'^(the|an?) [^:]*header|folded line|'
     r'^something other than an empty line behind the tagger$',
     'headers that come twice, out of their order'),
    (r'^a NUL byte ', 'a NUL byte'),
    (r'^the signature is not accepted: ',
     'CMS signature that is not in the one form'),
    (r'^OpenPGP: (there is more than one signature|it is not a signature of)',
     'one signature of a document as bytes'),
    (r'certificate|^libcrypto', 'the certificates that a signature brings'),
)


def run(*args, **kwargs):
    return subprocess.run(args, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=False, **kwargs)


# ---- changes ----

def flip(r, b):
    at = r.randrange(len(b))
    return b[:at] + bytes([b[at] ^ 1 << r.randrange(8)]) + b[at + 1:]


def delete(r, b):
    at = r.randrange(len(b))
    return b[:at] + b[at + r.randint(1, 4):]


def insert(r, b):
    at = r.randrange(len(b) + 1)
    odd = (b'\0', b'\n', b'\r', b' ', b'\t', b'=', b'-', b'\xff', b'A', b'\n\n')
    return b[:at] + r.choice(odd) + b[at:]


def cut(r, b):
    return b[:r.randrange(len(b))]


def append(r, b):
    tails = (b'\n', b' ', b'x', b'\r\n', b'x\n', b'\n\nReviewed-by: M <m@x>\n',
             b'-----BEGIN PGP SIGNATURE-----\n', b'\0')
    return b + r.choice(tails)


def double(r, b):
    at = r.randrange(len(b))
    end = r.randint(at, len(b))
    return b[:end] + b[at:end] + b[end:]


def spread(r, b):  # a blank at a line's end, somewhere
    lines = b.split(b'\n')
    at = r.randrange(len(lines))
    lines[at] += r.choice((b' ', b'\t', b'\r', b'  '))
    return b'\n'.join(lines)


def crlf(r, b):
    return b.replace(b'\n', b'\r\n')


def line_twice(r, b):
    lines = b.split(b'\n')
    at = r.randrange(len(lines))
    return b'\n'.join(lines[:at] + [lines[at]] + lines[at:])


def line_gone(r, b):
    lines = b.split(b'\n')
    del lines[r.randrange(len(lines))]
    return b'\n'.join(lines)


def lines_swapped(r, b):
    lines = b.split(b'\n')
    at = r.randrange(len(lines) - 1)
    lines[at], lines[at + 1] = lines[at + 1], lines[at]
    return b'\n'.join(lines)


def line_moved(r, b):
    lines = b.split(b'\n')
    line = lines.pop(r.randrange(len(lines)))
    lines.insert(r.randrange(len(lines) + 1), line)
    return b'\n'.join(lines)


# ---- changes of headers, each with the lines that continue it ----

def headers(b):
    head, _, rest = b.partition(b'\n\n')
    out = []
    for line in head.split(b'\n'):
        if out and line[:1] == b' ':
            out[-1] += b'\n' + line
        else:
            out.append(line)
    return out, rest


def joined(h, rest):
    return b'\n'.join(h) + b'\n\n' + rest


def header_twice(r, b):
    h, rest = headers(b)
    h.insert(r.randrange(len(h) + 1), r.choice(h))
    return joined(h, rest)


def header_moved(r, b):
    h, rest = headers(b)
    one = h.pop(r.randrange(len(h)))
    h.insert(r.randrange(len(h) + 1), one)
    return joined(h, rest)


def header_new(r, b):
    h, rest = headers(b)
    new = (b'encoding UTF-8', b'encoding ISO-8859-1', b'x-y z', b'gpgsig x',
           b'mergetag object', b'HG:extra x', b'gpgsig-sha256 x', b'x')
    h.insert(r.randrange(len(h) + 1), r.choice(new))
    return joined(h, rest)


def header_renamed(r, b):
    h, rest = headers(b)
    at = r.randrange(len(h))
    name, _, value = h[at].partition(b' ')
    names = (b'gpgsig', b'gpgsig-sha256', b'Gpgsig', b'gpgsig2', b'author',
             name.upper())
    h[at] = r.choice(names) + b' ' + value
    return joined(h, rest)


def header_into_message(r, b):
    h, rest = headers(b)
    one = h.pop(r.randrange(len(h)))
    return joined(h, r.choice((one + b'\n' + rest, rest + one + b'\n')))


def header_folded(r, b):  # its value goes on in another line
    h, rest = headers(b)
    at = r.randrange(len(h))
    h[at] += r.choice((b'\n ', b'\n x', b'\n  ', b'\n\t'))
    return joined(h, rest)


# ---- changes inside of the armour ----

ARMOUR = re.compile(rb'( ?)-----BEGIN ([A-Z ]+)-----\n(.*?)-----END \2-----',
                    re.S)


def crc24(b):
    crc = 0xb704ce
    for byte in b:
        crc ^= byte << 16
        for _ in range(8):
            crc <<= 1
            if crc & 0x1000000:
                crc ^= 0x1864cfb
    return crc & 0xffffff


def rearmour(label, blob, width, indent):
    text = base64.b64encode(blob)
    lines = [text[i:i + width] for i in range(0, len(text), width)]
    if label.startswith(b'PGP'):
        lines.insert(0, b'')
        lines.append(b'=' + base64.b64encode(crc24(blob).to_bytes(3, 'big')))
    lines.insert(0, b'-----BEGIN ' + label + b'-----')
    lines.append(b'-----END ' + label + b'-----')
    # a continued header has a blank before each line but the first
    return (b'\n' + indent).join(lines)


def inside(change):
    def apply(r, b):
        found = list(ARMOUR.finditer(b))
        if not found:
            return b
        m = found[-1]
        label = m.group(2)
        body = m.group(3)
        indent = b' ' if b'\n ' in body else b''
        lines = [x.strip() for x in body.split(b'\n')]
        lines = [x for x in lines if x and b':' not in x and x[:1] != b'=']
        try:
            blob = base64.b64decode(b''.join(lines))
        except ValueError:
            return b
        width = {b'SSH SIGNATURE': 70}.get(label, 64)
        if change is None:
            width = r.randint(60, 80)
        else:
            blob = change(r, blob)
        return (b[:m.start()] + m.group(1) +
                rearmour(label, blob, width, indent) + b[m.end():])
    return apply


def armour_header(r, b):
    m = list(ARMOUR.finditer(b))[-1]
    at = b.index(b'\n', m.start()) + 1
    indent = b' ' if b'\n ' in m.group(3) else b''
    new = r.choice((b'Version: GnuPG v2', b'Comment: x', b'Hash: SHA256', b'',
                    b'Charset: UTF-8', b' '))
    return b[:at] + indent + new + b'\n' + b[at:]


def signature_twice(r, b):
    m = list(ARMOUR.finditer(b))[-1]
    return b[:m.end()] + b'\n' + b[m.start():]


def before_signature(r, b):
    m = list(ARMOUR.finditer(b))[-1]
    new = (b'x', b'\n', b' ', b'x\n', b'-----BEGIN PGP MESSAGE-----\n',
           b'-----BEGIN SSH SIGNATURE-----\n')
    return b[:m.start()] + r.choice(new) + b[m.start():]


CHANGES = {
    'none': lambda r, b: b,
    'flip': flip, 'delete': delete, 'insert': insert, 'cut': cut,
    'append': append, 'double': double, 'spread': spread, 'crlf': crlf,
    'line-twice': line_twice, 'line-gone': line_gone,
    'lines-swapped': lines_swapped, 'line-moved': line_moved,
    'header-twice': header_twice, 'header-moved': header_moved,
    'header-new': header_new, 'header-renamed': header_renamed,
    'header-into-message': header_into_message,
    'header-folded': header_folded,
    'rewrap': inside(None), 'blob-flip': inside(flip),
    'blob-flip-2': inside(flip), 'blob-delete': inside(delete),
    'blob-insert': inside(insert), 'blob-cut': inside(cut),
    'blob-double': inside(double), 'blob-append': inside(append),
    'armour-header': armour_header, 'signature-twice': signature_twice,
    'before-signature': before_signature,
}


# ---- objects and judges ----

class Case:
    def __init__(self, source, kind, how, data):
        self.source, self.kind, self.how = source, kind, how
        self.data = data
        self.id = self.ours = self.why = self.theirs = None


def make_cases(names, count, counts):
    cases = []
    for name in names:
        kind = run('git', 'cat-file', '-t', name).stdout.decode().strip()
        data = run('git', 'cat-file', kind, name).stdout
        r = random.Random(name + os.environ.get('SEED', ''))
        hows = list(CHANGES)
        n = counts.get(name.split('-')[0], count)
        for i in range(n):
            how = hows[i % len(hows)]
            cases.append(Case(name, kind, how, CHANGES[how](r, data)))
    return cases


def store(cases, directory):
    for kind in ('tag', 'commit'):
        some = [c for c in cases if c.kind == kind]
        paths = []
        for i, c in enumerate(some):
            path = os.path.join(directory, f'{kind}-{i}')
            with open(path, 'wb') as f:
                f.write(c.data)
            paths.append(path)
        out = run('git', 'hash-object', '-w', '-t', kind, '--literally',
                  '--stdin-paths', input='\n'.join(paths).encode())
        ids = out.stdout.decode().split()
        assert len(ids) == len(some), 'hash-object'
        for c, one in zip(some, ids):
            c.id = one


def ask_us(cases, gatepost, policy):
    ids = sorted({c.id for c in cases})
    said = {}
    for i in range(0, len(ids), 1000):
        out = run(gatepost, 'inspect', '--json', '--no-walk', '--policy',
                  policy, *ids[i:i + 1000])
        for line in out.stdout.splitlines():
            one = json.loads(line)
            said[one['id']] = one
    for c in cases:
        one = said[c.id]
        sig = one['signature']
        c.ours = bool(sig) and sig['status'] == 'good' and 'fault' not in one
        c.why = one.get('fault') or (sig or {}).get('why') or 'no signature'


def ask_git(c):
    c.theirs = run('git', 'verify-' + c.kind, c.id,
                   stdin=subprocess.DEVNULL).returncode == 0


def ask_them(cases):
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(ask_git, cases))


# ---- what comes of it ----

def listed(case):
    for pattern, words in LISTED:
        if re.search(pattern, case.why):
            return words
    return None


tests = [0, 0]


def result(good, name, details=()):
    tests[0] += 1
    print(f'{"ok" if good else "not ok"} {tests[0]} - {name}')
    if not good:
        tests[1] += 1
        for line in details:
            print('# ' + line)


def judge(cases, manual):
    worse = [c for c in cases if c.ours and not c.theirs]
    stricter = [c for c in cases if c.theirs and not c.ours]
    both = [c for c in cases if c.theirs and c.ours]
    result(not worse, 'nothing that git refuses is good for us',
           [f'{c.source} {c.how} {c.id}' for c in worse])
    kinds = collections.Counter(listed(c) for c in stricter)
    result(None not in kinds, 'what we alone refuse is of a kind that is known',
           sorted({f'{c.source} {c.how}: {c.why}' for c in stricter
                   if not listed(c)}))
    for words in sorted(k for k in kinds if k):
        result(words in manual, f'the manual lists: {words} ({kinds[words]})')
    for name in sorted({c.source for c in cases}):
        result(any(c.source == name and c.how == 'none' for c in both),
               f'{name} unchanged is good for both')
    print(f'# {len(cases)} judged, {len(both)} good for both, '
          f'{len(stricter)} for git alone')


def main():
    gatepost, policy, manual, count = sys.argv[1:5]
    names, counts = [], {}
    for arg in sys.argv[5:]:
        if ':' in arg:
            kind, n = arg.split(':')
            counts[kind] = int(n)
        else:
            names.append(arg)
    cases = make_cases(names, int(count), counts)
    directory = os.path.join(os.path.dirname(policy), 'cases')
    os.mkdir(directory)
    store(cases, directory)
    ask_us(cases, gatepost, policy)
    ask_them(cases)
    with open(manual, encoding='utf-8') as f:
        text = ' '.join(line for line in f.read().split('\n'))
    judge(cases, text)
    print(f'1..{tests[0]}')
    sys.exit(1 if tests[1] else 0)


main()
