#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make t/fuzz/corpus anew: small inputs that each target accepts, or nearly.

What stands in t/vectors is a seed as it is, and not copied.
"""

import base64
import json
import pathlib
import shutil
import struct
import sys
import zlib

HERE = pathlib.Path(__file__).resolve().parent
VECTORS = HERE.parent / "vectors"
CORPUS = HERE / "corpus"


def seed(target, name, content):
    path = CORPUS / target / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def body(path):
    """The bytes in an armour, or of a public key."""
    lines = path.read_text().splitlines()
    if lines[0].startswith("-----"):
        return base64.b64decode("".join(lines[1:-1]))
    return base64.b64decode(lines[0].split()[1])


WHO = "A U Thor <author@example.com> 1700000000 +0000\n"
TREE = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n"


def commits():
    sig = (VECTORS / "ssh/ed25519.sig").read_text()
    folded = sig.rstrip("\n").replace("\n", "\n ") + "\n"
    head = f"{TREE}author {WHO}committer {WHO}"
    parent = "parent " + "1" * 40 + "\n"
    seed("commit", "root", head + "\nbegin\n")
    seed("commit", "merge", TREE + parent * 2 + head[len(TREE):] + "\nmerge\n")
    seed("commit", "signed", head + "gpgsig " + folded + "\nsigned\n")
    seed("commit", "headers", head + "encoding UTF-8\nmergetag object "
         + "2" * 40 + "\n type commit\nHG:extra \xe9\n\nm\n")
    seed("commit", "sha256", head.replace(TREE, "tree " + "3" * 64 + "\n")
         + "gpgsig-sha256 " + folded + "\nsigned\n")


def trailers():
    seed("trailers", "plain", "subject\n\nbody\n\nReviewed-by: A <a@x>\n"
         "Assisted-by: Claude:claude-opus-4-6\nSigned-off-by: A <a@x>\n")
    seed("trailers", "folded", "s\n\nKey: one\n two\n\tthree\nOther:x\n")
    seed("trailers", "divider", "s\n\nKey: a\n---\nKey: b\n")
    seed("trailers", "mixed", "s\n\nno trailer\n(cherry picked from commit "
         + "1" * 40 + ")\nFixes #7\nKey : v\n\n")


def trees():
    def entry(mode, name, n):
        return f"{mode} {name}".encode() + b"\0" + bytes([n]) * 20

    seed("tree", "files", entry("100644", "a", 1) + entry("100755", "a-b", 2)
         + entry("40000", "a.d", 3) + entry("120000", "z", 4)
         + entry("160000", "zz", 5))
    seed("tree", "order", entry("40000", "a", 1) + entry("100644", "a-", 2))


def pushes():
    a, b, null = "a" * 40, "b" * 40, "0" * 40
    seed("push", "two", f"{a} {b} refs/heads/main\n"
         f"{null} {b} refs/tags/v1\n")
    seed("push", "delete", f"{a} {null} refs/heads/old/\xe9\n")
    seed("push", "sha256", "%s %s refs/heads/main\n" % ("a" * 64, "b" * 64))
    seed("push", "odd", f"{a} {b} refs/heads/-x\n{a} {b} refs/heads/-x\n")


def certificates():
    a, b, null = "a" * 40, "b" * 40, "0" * 40
    sig = (VECTORS / "ssh/ed25519.sig").read_text()
    head = f"certificate version 0.1\npusher {WHO}"
    rest = "pushee file:///srv/git/r.git\nnonce 1700000000-" + "c" * 40 + "\n"
    seed("push_cert", "two", f"{head}{rest}push-option one\npush-option two\n"
         f"\n{a} {b} refs/heads/main\n{null} {b} refs/tags/v1\n{sig}")
    seed("push_cert", "least", f"{head}\n{a} {b} refs/heads/main\n{sig}")


def notes():
    key = base64.b64encode(b"\1" + bytes(range(32))).decode()
    sig = base64.b64encode(b"\x12\x34\x56\x78" + bytes(64)).decode()
    cosig = base64.b64encode(b"\x12\x34\x56\x79" + bytes(72)).decode()
    root = base64.b64encode(bytes(32)).decode()
    note = (f"example.com/log\n7\n{root}\n\n"
            f"\u2014 example.com/log {sig}\n\u2014 witness {cosig}\n")
    seed("note", "checkpoint", note)
    seed("note", "text", f"a text\n\n\u2014 name {sig}\n")
    seed("note", "vkeys", f"# keys\nexample.com/log+12345678+{key}\n")
    extra = base64.b64encode(b'{"kind":"decision"}').decode()
    seed("proof", "one", f"c2sp.org/tlog-proof@v1\nextra {extra}\nindex 3\n"
         f"{root}\n{root}\n\n{note}")
    seed("cosign", "request", f"old 3\n{root}\n{root}\n\n{note}")
    seed("cosign", "first", f"old 0\n\n{note}")
    seed("cosign", "question", "old 12\n")


def frames():
    def frame(record, persons):
        head = "#record 7 %d %d 01890a5d-ac96-774b-bcce-b302099a8057" % (
            len(record), len(persons))
        crc = zlib.crc32(head.encode(), zlib.crc32(record))
        line = "%s %08x %08x\n" % (head, crc, zlib.crc32(persons))
        return line.encode() + record + b"\n" + persons + b"\n"

    seed("frame", "one", frame(b'{"kind":"decision"}', b"[]"))
    seed("frame", "torn", b'{"a":1}\n' + frame(b"{}", b"[1]")[:-4])


def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def delta_of(base, size, copies):
    """A delta that copies (offset, length) of its base, then adds bytes."""
    out = varint(base) + varint(size)
    for at, n in copies:
        out += bytes([0x80 | 1 | 16, at, n])
    return out + b"\x04tail"


def entry_head(kind, size):
    out = [kind << 4 | size & 15]
    size >>= 4
    while size:
        out[-1] |= 128
        out.append(size & 127)
        size >>= 7
    return bytes(out)


def packs():
    whole = b"a line of a file\n" * 3
    first = entry_head(3, len(whole)) + zlib.compress(whole)
    delta = delta_of(len(whole), 20, [(0, 16)])
    near = entry_head(6, len(delta)) + bytes([len(first)]) + zlib.compress(delta)
    far = entry_head(7, len(delta)) + bytes(20) + zlib.compress(delta)
    seed("pack", "blob", first)
    seed("pack", "ofs-delta", first[:60] + near)
    seed("pack", "ref-delta", first + far)
    seed("delta", "copy", delta_of(24, 20, [(0, 16)]).ljust(24, b"\0")
         + delta_of(24, 20, [(0, 16)]))
    seed("delta", "adds", b"base" * 4 + varint(8) + varint(4) + b"\x04tail")
    file = b"blob %d\0" % len(whole) + whole
    seed("loose", "blob", b"\0" + file)
    seed("loose", "long", b"\0blob 3\0four")
    seed("loose", "raw", b"\1" + zlib.compress(file))
    seed("loose", "file", zlib.compress(file))


def signatures():
    for name in ("ed25519", "p256", "p521", "rsa", "sk-ed25519-01",
                 "sk-p256-01", "certificate"):
        seed("ssh_blob", name, body(VECTORS / f"ssh/{name}.sig"))
    for name in ("good-ed25519", "good-p256", "good-sk", "critical", "nested"):
        blob = body(VECTORS / f"ssh-cert/{name}.sig")
        n, = struct.unpack(">I", blob[10:14])
        seed("ssh_cert", name, blob[14:14 + n])
    for name in ("good-rsa", "good-p256", "good-gpgsm", "attached",
                 "two-signers"):
        seed("cms", name, body(VECTORS / f"x509/{name}.sig"))


def statuses():
    key = "0123456789ABCDEF0123456789ABCDEF01234567"
    good = f"""[GNUPG:] NEWSIG
[GNUPG:] KEY_CONSIDERED {key} 0
[GNUPG:] SIG_ID q3qQ 2023-11-14 1700000000
[GNUPG:] GOODSIG {key[24:]} Alice <alice@example.com>
[GNUPG:] VALIDSIG {key} 2023-11-14 1700000000 0 4 0 22 10 00 {key}
"""
    seed("openpgp_status", "good", good)
    seed("openpgp_status", "two", good * 2)
    seed("openpgp_status", "bad", f"[GNUPG:] NEWSIG\n[GNUPG:] BADSIG "
         f"{key[24:]} Alice\n")
    seed("openpgp_status", "unknown", "[GNUPG:] NEWSIG\n[GNUPG:] ERRSIG "
         f"{key[24:]} 22 10 00 1700000000 9 {key}\n[GNUPG:] NO_PUBKEY "
         f"{key[24:]}\n")


def envelopes():
    null = "0" * 40
    statement = json.dumps({
        "type": "https://in-toto.io/Statement/v1",
        "subject": [{"digest": {"gitTree": null}}],
        "predicate_type": "https://gittuf.dev/reference-authorization/v0.2",
        "predicate": {"fromID": null, "targetID": null,
                      "targetRef": "refs/heads/main"}})
    for name, sigs in (("one", ["c2ln"]), ("none", [])):
        seed("gittuf", name, json.dumps({
            "payloadType": "application/vnd.gittuf+json",
            "payload": base64.b64encode(statement.encode()).decode(),
            "signatures": [{"keyid": "k", "sig": s} for s in sigs]}))


def wires():
    """As signature_encode lays them out."""
    def text(s, n):
        return s.encode().ljust(n, b"\0")

    def wire(status, principal, signer, why):
        return (bytes([status, 0]) + struct.pack(">I", principal)
                + text("openpgp", 12) + text("EdDSA", 48)
                + text("0123", 96) + text(signer, 256) + text(why, 200))

    for name, args in (("good", (1, 1, "alice", "")),
                       ("other", (1, 2, "bob", "")),
                       ("bad", (3, 0, "", "it does not match"))):
        seed("signature_wire", name, wire(*args))


def sinks():
    for n, text in enumerate((
            "${json:/a|null} ${jsonstr:/b/c~1d|none} $${ ${id}",
            "${map:/verdict|pass=1,reject=3,*=0} ${url:summary}",
            "${base64:record}${html:comment}${index}",
            "\"\\</script>\u202e\u0000\n",
            "/issues/${remote-id}.json?cf_1=${change-key}",
            "X-Key: ${secret}")):
        seed("template", str(n), text)
    for n, text in enumerate((
            '/errors==false\n{"errors":false,"id":7}',
            '/items/*/create/status==200|201|409\n'
            '{"items":[{"create":{"status":201}},{"create":{"status":400}}]}',
            '/error_code==200\n{"error_code":200}\r\n{"error_code":500}',
            '/issue/journals/*/notes=~abc\n'
            '{"issue":{"journals":[{"notes":"x abc"}]}}',
            '/total>0\n{"total":1}', '/r/*/s!=error\n{"r":[{}]}',
            '/id\n<html>')):
        seed("sink_answer", str(n), text)
    for n, text in enumerate((
            '/id==${ticket}\n{"id":7,"state":"Scheduled","start":"2020-01-01",'
            '"end":"2199-12-31 23:59:59","backout":"x",'
            '"about":[{"name":"a/b"}]}',
            '/id\n{"id":7,"state":"\\u001b[31m","about":[{"name":"a/bc"}]}',
            '200-299,409\n{"access_token":"a.b","token_type":"Bearer",'
            '"expires_in":"3600"}',
            '409\n{"access_token":"a\\r\\nX: y","expires_in":-1}',
            '200\n{"error":"invalid_client"}')):
        seed("ticket_answer", str(n), text)
    head = '{"id":"01934f6e-7b3a-7cc1-9d3f-000000000001","kind":"%s"'
    refs = ('"repository":"a/b","refs":[{"name":"refs/heads/main",'
            '"old":"00","new":"11","gates":["g"]}]')
    for kind, text in (
            ("decision", '"verdict":"reject","problems":2,"severity":"high",'
             '"pusher":{"person":0},"findings":[{"commit":"aabb","subject":'
             '"</pre>\\u001b[31m","text":"{person:0} and {person:?}"}],'
             '"approvals":[{"counted":true,"person":1}],'
             '"provenance":[{"agent":"x"}],' + refs),
            ("emergency", '"state":"open","ticket":"INC-1","reason":"r",'
             '"excused_rules":["a","b"],' + refs),
            ("outcome", '"decision":"x",' + refs)):
        seed("tell", kind, head % kind + "," + text + "}")
    seed("tell", "id", head % "decision" + ',"problems":1,"findings":['
         '{"commit":"a\\u001b[31m"}],"refs":[{"old":"\\n","new":"x"}]}')


def main():
    keep = {"report", "found", "timestamp"}
    for old in CORPUS.iterdir() if CORPUS.exists() else ():
        if old.name not in keep:
            shutil.rmtree(old)
    for make in (commits, trailers, trees, pushes, frames, packs, signatures,
                 certificates, notes, statuses, envelopes, wires, sinks):
        make()


if __name__ == "__main__":
    sys.exit(main())
