#!/usr/bin/python3
"""docs_test.py SUPPORTD SUPPORTCTL: the terminal sessions in docs/*.md print what they show."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from process import programs, run_all

SUPPORTD, SUPPORTCTL = programs()
SOURCE = pathlib.Path(__file__).resolve().parents[2]
SESSION = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def sessions(text):
    """(command, what it prints): a block may hold several."""
    for block in SESSION.findall(text):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            yield command, shown


def trimmed(text):
    return "\n".join(line.rstrip() for line in text.rstrip().splitlines())


def test_sessions():
    seen = 0
    environment = os.environ | {"PATH": f"{pathlib.Path(SUPPORTCTL).parent}:{os.environ['PATH']}"}
    with tempfile.TemporaryDirectory() as directory:
        config = pathlib.Path(directory) / "supportd.toml"
        config.write_text(f'[calendar]\ndirectory = "{SOURCE}/etc/calendars"\n' + (SOURCE / "etc/sla.toml").read_text())
        for file in sorted((SOURCE / "docs").glob("*.md")):
            for command, shown in sessions(file.read_text()):
                seen += 1
                # As the reader's machine has it: the program in the path, the configuration in its place.
                line = re.sub(r"\bsupportctl (calendar \w+|sla policies \w+)", rf"supportctl \1 --config {config}", command)
                done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False, cwd=directory,
                                      env=environment)
                printed = trimmed(done.stdout + done.stderr)
                assert printed == trimmed(shown), f"{file.name}: {command}\n{printed}"
    assert seen >= 5, seen


if __name__ == "__main__":
    sys.exit(run_all(dict(globals())))
