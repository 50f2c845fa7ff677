#!/usr/bin/python3
"""The sandbox's Zendesk must satisfy a client that nobody here wrote: npm's node-zendesk, installed from the lockfile
in node-zendesk/ into the build tree. node_zendesk_test.py SANDBOX DIRECTORY"""
import filecmp
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True
from sandbox_process import sandbox

HERE = pathlib.Path(__file__).resolve().parent / "node-zendesk"
OUT_OF_REACH = ("ENOTFOUND", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "EAI_AGAIN", "ENETUNREACH", "EHOSTUNREACH", "E403")


def skip(why):
    print(why + ": skipped")
    sys.exit(77)


def install(directory):
    """npm ci, once for each lockfile."""
    directory.mkdir(parents=True, exist_ok=True)
    done = directory / "installed-lock.json"
    if done.exists() and filecmp.cmp(done, HERE / "package-lock.json", shallow=False):
        return
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, directory / name)
    result = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"],
                            cwd=directory, capture_output=True, text=True, timeout=120, check=False)
    if result.returncode != 0:
        if any(word in result.stderr for word in OUT_OF_REACH):
            skip("the npm registry is out of reach")
        raise SystemExit("npm ci failed:\n" + result.stderr)
    shutil.copy(directory / "package-lock.json", done)


def main():
    program, directory = sys.argv[1], pathlib.Path(sys.argv[2])
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            skip(tool + " is not installed")
    install(directory)
    with sandbox(program, "--list-lag", "0", "--clock", f"600@{int(time.time() * 1000)}") as about:
        environment = dict(os.environ, ABOUT=json.dumps(about), NODE_PATH=str(directory / "node_modules"))
        subprocess.run(["node", str(HERE / "drive.js")], env=environment, check=True, timeout=120)


if __name__ == "__main__":
    main()
