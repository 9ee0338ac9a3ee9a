"""Reads paths that the return_to validator accepted, one a line, and asks another parser where each leads.

    judge.py ada         Ada, the WHATWG parser of Node.js and Cloudflare (ada-url from PyPI)
    judge.py chromium    Chromium itself, headless

Ends with 1 when one leads away from our own origin, or to a path that begins with two slashes.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

BASE = "https://app.example/callback?code=a&state=b"
ORIGIN = "https://app.example"
# What the parser must call foreign, or it judges nothing.
CONTROLS = ["//evil.example", "/\\evil.example", "/\t/evil.example", "https://evil.example/", "javascript:alert(1)"]
BATCH = 50_000


def ada(paths):
    import ada_url

    for path in paths:
        try:
            url = ada_url.URL(path, base=BASE)
        except ValueError:
            yield None
        else:
            yield url.origin, url.pathname


PAGE = """<!doctype html><meta charset="utf-8"><pre id="answer"></pre><script>
const paths = %s;
document.getElementById("answer").textContent = "BEGIN" + paths.map(path => {
    try {
        const url = new URL(path, %s);
        return url.origin === %s && url.pathname[0] === "/" && url.pathname[1] !== "/" ? "y" : "n";
    } catch { return "e"; }
}).join("") + "END";
</script>"""


def chromium(paths):
    # In a script of a page "<" may end it.
    text = json.dumps(paths).replace("<", "\\u003c")
    with tempfile.TemporaryDirectory() as folder:
        page = pathlib.Path(folder, "page.html")
        page.write_text(PAGE % (text, json.dumps(BASE), json.dumps(ORIGIN)))
        command = ["chromium", "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        command += [f"--user-data-dir={folder}/profile", "--dump-dom", page.as_uri()]
        output = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=300, check=True)
    found = re.search(rb"BEGIN([yne]*)END", output.stdout)
    if not found or len(found[1]) != len(paths):
        sys.exit("Chromium has not answered about every path")
    for letter in found[1].decode():
        yield {"y": (ORIGIN, "/"), "n": ("elsewhere", ""), "e": None}[letter]


def stays(answer):
    return answer is not None and answer[0] == ORIGIN and not answer[1].startswith("//")


def batches(lines, size):
    batch = []
    for line in lines:
        batch.append(line.removesuffix("\n"))
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def main():
    judge = {"ada": ada, "chromium": chromium}[sys.argv[1]]
    if any(map(stays, judge(CONTROLS))):
        sys.exit("the parser finds nothing wrong with a path that leaves the origin")
    count = 0
    for batch in batches(open(sys.stdin.fileno(), encoding="utf-8", newline="\n"), BATCH):
        for path, answer in zip(batch, judge(batch), strict=True):
            count += 1
            if not stays(answer):
                sys.exit(f"accepted, and leads to {answer}: {path!r}")
    print(f"{count} accepted paths, all of them on our own origin")
    if not count:
        sys.exit("nothing was judged")


main()
