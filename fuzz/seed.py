#!/usr/bin/env python3
"""Writes the seeds of each target from the hostile corpus and the program's own files."""
import base64, glob, gzip, hashlib, json, os, shutil

here = os.path.dirname(os.path.abspath(__file__))
corpus = os.environ.get("HOSTILE") or os.path.join(here, "..", "tests", "hostile")
root = os.environ.get("ROOT") or os.path.join(here, "..")
LARGEST = 65536


def rows(prefix):
    for path in sorted(glob.glob(os.path.join(corpus, prefix + "*.jsonl"))):
        for line in open(path, encoding="utf-8"):
            row = json.loads(line)
            data = row["payload"]
            if row["enc"] == "b64":
                yield base64.b64decode(data)
            elif row["enc"] == "gzb64":
                yield gzip.decompress(base64.b64decode(data))
            else:
                yield data.encode()


def write(target, seeds):
    place = os.path.join(here, "seeds", target)
    shutil.rmtree(place, ignore_errors=True)
    os.makedirs(place)
    for seed in seeds:
        seed = seed[:LARGEST]
        name = hashlib.sha256(seed).hexdigest()[:16]
        with open(os.path.join(place, name), "wb") as file:
            file.write(seed)


def files(*patterns):
    for pattern in patterns:
        for path in sorted(glob.glob(os.path.join(root, pattern))):
            yield open(path, "rb").read()


text = [row for prefix in ("01", "02", "08", "12") for row in rows(prefix)]
mails = [row for prefix in ("03", "04") for row in rows(prefix)]
page = b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n"
write("sanitize", text + list(rows("11")) + list(rows("10")))
write("mime", mails + [page + row for row in rows("13")])
write("html", list(rows("13")) + text)
write("search", list(rows("07")))
write("wrap", [b"\x50" + row for row in text])
write("keymap", files("assets/keys*.toml", "assets/keymap*.toml") or [])
write("config", list(files("assets/*.toml")) + [b'me = "nina"\n[accounts.a]\nprovider = "email"\n'])
