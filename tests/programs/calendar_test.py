#!/usr/bin/python3
"""calendar_test.py SUPPORTD SUPPORTCTL: calendars asked about without a daemon, where docs/calendars.md does not go."""
import json
import pathlib
import subprocess
import sys
import tempfile

from process import programs, run_all

SUPPORTD, SUPPORTCTL = programs()
SOURCE = pathlib.Path(__file__).resolve().parents[2]
CONFIG = f"""[calendar]
directory = "{SOURCE}/etc/calendars"
[calendar.hours.always]
zone = "Asia/Seoul"
week = {{ mon-sun = "00:00-24:00" }}
[calendar.hours.never]
"""


def calendar(*arguments, asked="", code=0):
    with tempfile.TemporaryDirectory() as directory:
        config = pathlib.Path(directory) / "supportd.toml"
        config.write_text(CONFIG)
        where = [] if arguments[0] == "eval" else ["--config", str(config)]
        done = subprocess.run([SUPPORTCTL, "calendar", *arguments, *where], input=asked, capture_output=True, text=True,
                              check=False)
    assert done.returncode == code, (arguments, done)
    return done.stdout + done.stderr


def test_one_that_never_closes():
    since = ["--from", "2026-01-01T00:00:00Z"]
    shown = calendar("next", "always", *since)
    assert shown == "open now\n2026-01-01 09:00:00 KST to beyond 2037\n", shown
    assert json.loads(calendar("next", "always", *since, "--json"))["periods"] == [
        {"opens": "2026-01-01T00:00:00Z", "closes": None}]


def test_one_that_never_opens():
    assert calendar("next", "never").startswith("closed now\n")
    assert json.loads(calendar("next", "never", "--json"))["periods"] == []
    assert "not that much open time" in calendar("add", "never", "2026-01-01T00:00:00Z", "1h", code=1)


def test_a_month_beyond_the_known_holidays():
    assert "until 2030" not in calendar("show", "kr-business", "2030-12")
    lines = calendar("show", "kr-business", "2031-02").splitlines()
    assert lines[-2:] == ["", "its holidays are known until 2030-12-31 only"], lines


def test_a_weekday_twice():
    with tempfile.TemporaryDirectory() as directory:
        file = pathlib.Path(directory) / "calendars.json"
        hours = {"mon-wed": [["09:00", "17:00"]], "tue": [["10:00", "11:00"]]}
        file.write_text(json.dumps({"c": {"tz": "Etc/UTC", "hours": hours}}))
        said = calendar("eval", "--batch", "--calendars", str(file), asked='{"id":1}\n', code=1)
    assert "tue stands here twice" in said, said


if __name__ == "__main__":
    sys.exit(run_all(dict(globals())))
