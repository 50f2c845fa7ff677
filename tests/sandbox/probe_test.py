#!/usr/bin/python3
"""The probes of all vendors by the real daemon over HTTP, against the sandbox: probe_test.py BUILD-DIRECTORY"""
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
from demo import SPEED, configure, free_port
from sandbox_process import sandbox

BUILD = os.path.abspath(sys.argv[1])
PATIENCE = 120  # seconds; only a fault waits that long


@contextlib.contextmanager
def supportd(directory, clock):
    """Ready; drained at the end."""
    os.makedirs(f"{directory}/state", 0o700, exist_ok=True)
    with open(f"{directory}/log", "ab") as log:
        process = subprocess.Popen([f"{BUILD}/supportd", "--config", f"{directory}/supportd.toml", "--clock", clock],
                                   stdout=log, stderr=subprocess.PIPE, text=True)
    try:
        for line in process.stderr:
            if "ready version=" in line:
                break
        else:
            raise AssertionError("the daemon never became ready")
        yield
    finally:
        process.terminate()
        process.stderr.read()
        process.wait(PATIENCE)


def ctl(directory, *arguments, code=0):
    done = subprocess.run([f"{BUILD}/supportctl", *arguments, "--socket", f"{directory}/control.sock"], text=True,
                          capture_output=True, stdin=subprocess.DEVNULL, timeout=PATIENCE, check=False)
    assert code in (None, done.returncode), (arguments, done.returncode, done.stdout, done.stderr)
    return done


def probe(directory, vendor, *arguments):
    """What it found: question -> answer."""
    done = ctl(directory, "probe", vendor, *arguments, "--yes", "--wait", "--json")
    assert "would open" in done.stderr, done.stderr
    run = json.loads(done.stdout)
    assert run["outcome"] == "ok", run
    print(run["summary"], flush=True)
    found = run["summary"].split(": ", 1)[1].split(", ")
    return dict(one.split(" ", 1) for one in found if " " in one)


def check_aws(directory, accounts):
    # It says what it will do and does nothing without a yes.
    refused = ctl(directory, "probe", "aws_support", "--arg", f"account={accounts['hanbit.example']}", code=1)
    assert "would open a case" in refused.stderr and "nothing was written" in refused.stderr, refused.stderr
    runs = json.loads(ctl(directory, "runs", "probe_aws_support", "--json").stdout)["runs"]
    assert [run["dry_run"] for run in runs] == [True], runs
    assert "'111'" in ctl(directory, "probe", "aws_support", "--arg", "account=111", code=1).stderr

    found = probe(directory, "aws_support", "--arg", f"account={accounts['hanbit.example']}")
    assert found["plan"] == "yes" and found["subject_marker_survives"] == "yes", found
    assert found["last_line_marker_survives"] == "yes" and found["communications_order"] == "newest first", found
    assert found["attachments_order"] == "first.txt" and found["attachment_ids_stay"] == "yes", found
    assert found["reply_reopens"] == "yes" and found["closed_as"] == "resolved", found
    for lag in ("case_list_lag_ms", "communication_list_lag_ms", "status_lag_ms"):
        assert int(found[lag]) < 60_000, found

    found = probe(directory, "aws_support", "--arg", f"account={accounts['tailor.example']}")
    assert found["plan"].startswith("SubscriptionRequiredException"), found


def check_freshdesk(directory):
    found = probe(directory, "freshdesk", "--arg", "mail=minjun@hanbit.example")
    assert found["marker_survives"] == "yes" and found["note_moves_updated_at"] == "yes", found
    assert found["closing"] == "allowed", found
    for lag in ("ticket_list_lag_ms", "note_list_lag_ms"):
        assert int(found[lag]) < 60_000, found


def check_zendesk(directory):
    found = probe(directory, "zendesk", "--arg", "mail=minjun@hanbit.example")
    assert found["marker_survives"] == "yes" and found["note_moves_updated_at"] == "yes", found
    assert found["closing"] == "allowed", found
    for lag in ("ticket_list_lag_ms", "note_list_lag_ms"):
        assert int(found[lag]) < 180_000, found


def check_verification(directory):
    """The probes left tickets at both desks that no day has taken in; how many of what differs is shown can be said."""
    refused = ctl(directory, "sync", "verify", "--limit", "many", code=2)
    assert "--limit takes a number" in refused.stderr, refused.stderr
    done = ctl(directory, "sync", "verify", "freshdesk:main", "--limit", "1", "--json", code=None)
    found = json.loads(done.stdout)
    assert len(found["drift"]) <= 1 and done.returncode == (3 if found["drift"] else 0), done


def main():
    clock = f"{SPEED}@{int(time.time() * 1000)}"
    with tempfile.TemporaryDirectory(prefix="supportd-probe-") as directory:
        with sandbox(f"{BUILD}/tests/sandbox/supportd-sandbox", "--clock", clock) as about:
            configure(directory, about, free_port(), two_desks=True)
            with supportd(directory, clock):
                check_aws(directory, about["customers"])
                check_freshdesk(directory)
                check_zendesk(directory)
                check_verification(directory)
    print("ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
