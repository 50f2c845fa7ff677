#!/usr/bin/python3
"""alerts_test.py SUPPORTD SUPPORTCTL SOURCE: the alert rules hold, fire and keep silent, and name what exists."""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from process import run_all, supportd

SUPPORTD, SUPPORTCTL, SOURCE = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
RULES = SOURCE / "etc/prometheus/alerts.yml"
TESTS = SOURCE / "tests/programs/alerts_test.yml"
# Of an account, once it has been swept.
LATER = {"supportd_aws_cases_sweep_age_seconds"}


def promtool(*arguments):
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_rules_fire_and_keep_silent():
    if shutil.which("promtool") is None:
        return "promtool is not installed"
    with tempfile.TemporaryDirectory() as directory:
        for file in (RULES, TESTS):
            shutil.copy(file, directory)
        promtool("check", "rules", f"{directory}/{RULES.name}")
        promtool("test", "rules", f"{directory}/{TESTS.name}")
    return None


def test_every_rule_is_tested_firing_and_silent():
    tests = TESTS.read_text()
    for name in re.findall(r"- alert: (\w+)", RULES.read_text()):
        assert re.search(rf"alertname: {name}, exp_alerts: \[\]", tests), name + " is never silent"
        assert re.search(rf"alertname: {name}\n\s+exp_alerts:\n", tests), name + " never fires"


def test_every_metric_of_the_rules_exists():
    key_file = '[freshdesk.main]\nbase_url = "http://127.0.0.1:1"\napi_key = { file = "%s" }\n'
    with supportd(SUPPORTD) as daemon:
        key = daemon.directory / "key"
        key.write_text("k")
        key.chmod(0o600)
        calendars = pathlib.Path(__file__).resolve().parents[2] / "etc/calendars"
        in_use = f'[calendar]\ndirectory = "{calendars}"\n[calendar.hours.kr-business]\n'
        daemon.write(key_file % key + in_use + (SOURCE / "etc/sla.toml").read_text())
        daemon.start()
        daemon.call("POST", "/control/jobs/desk_sync/run?wait=30s")
        text = daemon.call("GET", "/metrics", control=False)[1]
    families = set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))
    named = set(re.findall(r"\b(?:supportd|process)_[a-z_]+\b", "\n".join(
        line for line in RULES.read_text().splitlines() if "name:" not in line)))
    missing = {name for name in named if name.removesuffix("_bucket") not in families} - LATER
    assert not missing, missing


def test_every_command_of_the_rules_exists():
    for words in set(re.findall(r"supportctl ([a-z]+(?: [a-z]+)?)", RULES.read_text())):
        commands = [words.split(), words.split()[:1]]
        assert any(subprocess.run([SUPPORTCTL, *command, "--help"], capture_output=True, check=False).returncode == 0
                   for command in commands), words


if __name__ == "__main__":
    sys.exit(run_all(dict(globals())))
