"""Starts a supportd-sandbox of the test's own and ends it."""
import contextlib
import json
import os
import subprocess
import tempfile
import urllib.error
import urllib.request


@contextlib.contextmanager
def sandbox(program, *arguments):
    """Yields what the sandbox says of itself: addresses and keys."""
    with tempfile.TemporaryDirectory() as directory:
        ports = os.path.join(directory, "ports.json")
        process = subprocess.Popen([program, "--ports-file", ports, *arguments], stdout=subprocess.PIPE, text=True)
        try:
            line = process.stdout.readline()
            with open(ports, encoding="utf-8") as written:
                assert json.load(written) == json.loads(line)
            yield json.loads(line)
        finally:
            process.terminate()
            assert process.wait(timeout=30) == 0, "the sandbox did not end cleanly"


def call(url, method="GET", body=None, headers=None, timeout=30):
    """(status, headers, parsed JSON or raw bytes)."""
    data = json.dumps(body).encode() if isinstance(body, (dict, list)) else body
    request = urllib.request.Request(url, data=data, method=method, headers=headers or {})
    if data is not None and not request.has_header("Content-type"):
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            status, fields, raw = answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        status, fields, raw = error.code, error.headers, error.read()
    try:
        return status, fields, json.loads(raw)
    except ValueError:
        return status, fields, raw
