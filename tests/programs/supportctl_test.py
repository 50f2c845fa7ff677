#!/usr/bin/python3
"""supportctl_test.py SUPPORTD SUPPORTCTL: every command against a living daemon, exit codes, and nothing unsafe shown."""
import json
import os
import pathlib
import pty
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

from process import PATIENCE, ctl, programs, run_all, supportd
from tickets import add_ticket

SUPPORTD, SUPPORTCTL = programs()
QUIET = '[jobs.housekeeping]\nschedule = "@yearly"\n'


def offline(*arguments, code=0):
    done = subprocess.run([SUPPORTCTL, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
    return done.stdout if code == 0 else done.stdout + done.stderr


def test_reading_commands():
    with supportd(SUPPORTD, QUIET) as daemon:
        daemon.start()
        for command in ("status", "jobs", "runs", "outbox", "outbox list", "tickets", "aside", "audit", "audit tail",
                        "audit verify", "ledger check", "ledger rebuild --verify"):
            ctl(SUPPORTCTL, daemon, *command.split())
            json.loads(ctl(SUPPORTCTL, daemon, *command.split(), "--json"))
        assert "state_directory" in ctl(SUPPORTCTL, daemon, "config", "print")
        assert "daemon.state_directory" in json.loads(ctl(SUPPORTCTL, daemon, "config", "print", "--json"))
        assert "no AWS account" in ctl(SUPPORTCTL, daemon, "cases", code=1)
        assert "no vendor 'freshdesk'" in ctl(SUPPORTCTL, daemon, "probe", "freshdesk", code=1)


def test_jobs_are_run_paused_and_explained():
    with supportd(SUPPORTD, QUIET) as daemon:
        daemon.start()
        run = json.loads(ctl(SUPPORTCTL, daemon, "run", "housekeeping", "--wait", "--reason", "a test", "--json"))
        assert run["outcome"] == "ok" and run["reason"] == "a test", run
        assert "a test" in ctl(SUPPORTCTL, daemon, "runs", str(run["id"]))
        assert "ended already" in ctl(SUPPORTCTL, daemon, "cancel", str(run["id"]), code=1)
        dry = json.loads(ctl(SUPPORTCTL, daemon, "run", "housekeeping", "--dry-run", "--wait=1m", "--json"))
        assert dry["dry_run"] and dry["outcome"] == "ok", dry
        assert "cli, dry run" in ctl(SUPPORTCTL, daemon, "runs", str(dry["id"]))
        job = next(job for job in json.loads(ctl(SUPPORTCTL, daemon, "jobs", "--json"))["jobs"])
        assert job["last_success"] == run["finished"], (job, run)
        for wrong in (["--until", "2001-01-01T00:00:00Z"], ["--for", "0s"], ["--for", "1h", "--until", "2099-01-01T00:00:00Z"]):
            ctl(SUPPORTCTL, daemon, "pause", "housekeeping", *wrong, code=2)
        ctl(SUPPORTCTL, daemon, "pause", "housekeeping", "--for", "1h", "--reason", "holiday")
        shown = ctl(SUPPORTCTL, daemon, "status")
        assert "1 paused" in shown and "oldest AWS sweep: " in shown, shown
        assert ": holiday" in ctl(SUPPORTCTL, daemon, "jobs")
        assert "is resumed" in ctl(SUPPORTCTL, daemon, "resume", "housekeeping")
        assert "was not paused" in ctl(SUPPORTCTL, daemon, "resume", "housekeeping")
        assert not json.loads(ctl(SUPPORTCTL, daemon, "resume", "housekeeping", "--json"))["was_paused"]
        last = ctl(SUPPORTCTL, daemon, "why", "housekeeping")
        assert re.match(r"20\d\d-[^ ]+Z: ", last), last
        assert "before the job was first seen" in ctl(SUPPORTCTL, daemon, "why", "housekeeping", "2026-03-01T02:30:00Z")
        actions = [json.loads(line)["action"] for line in ctl(SUPPORTCTL, daemon, "audit", "export").splitlines()]
        assert actions == ["job.run", "job.run", "job.pause"] + 3 * ["job.resume"], actions


def test_why_without_a_time_knows_of_skips():
    with supportd(SUPPORTD, '[jobs.housekeeping]\nschedule = "every 1s"\n') as daemon:
        daemon.start()
        ctl(SUPPORTCTL, daemon, "pause", "housekeeping", "--reason", "holiday")
        end = time.monotonic() + PATIENCE
        while "skipped: paused" not in (said := ctl(SUPPORTCTL, daemon, "why", "housekeeping")):
            assert time.monotonic() < end, said


def test_parameters_without_control_characters():
    with supportd(SUPPORTD, QUIET) as daemon:
        daemon.start()
        status, answer = daemon.call("GET", "/api/v1/runs?job=%00")
        assert status == 400 and answer["detail"] == "parameter 'job': it holds a control character", answer


def test_json_has_no_control_that_a_terminal_obeys():
    with supportd(SUPPORTD, QUIET) as daemon:
        daemon.start()
        daemon.end()
        add_ticket(daemon, 1, int(time.time() * 1000))
        with sqlite3.connect(daemon.state / "ledger.db") as ledger:
            ledger.execute("UPDATE ticket SET subject = ?", ("a\x9b31m",))
        daemon.start()
        said = ctl(SUPPORTCTL, daemon, "tickets", "--json")
        assert "\x9b" not in said and "a\\u009b31m" in said, said
        assert json.loads(said)["tickets"][0]["subject"] == "a\x9b31m"


def test_what_does_not_exist_is_named():
    with supportd(SUPPORTD, QUIET) as daemon:
        daemon.start()
        assert "did you mean 'housekeeping'" in ctl(SUPPORTCTL, daemon, "run", "housekeping", code=1)
        assert "no argument 'x'" in ctl(SUPPORTCTL, daemon, "run", "housekeeping", "--arg", "x=1", code=1)
        assert "no effect 9" in ctl(SUPPORTCTL, daemon, "outbox", "show", "9", code=1)
        assert "no channel" in ctl(SUPPORTCTL, daemon, "outbox", "hold", "freshdesk:main", code=1)
        assert "did you mean 'housekeeping'" in ctl(SUPPORTCTL, daemon, "runs", "housekeping", code=1)
        assert "no channel" in ctl(SUPPORTCTL, daemon, "outbox", "--channel", "nope", code=1)
        assert "EFFECT is a number" in ctl(SUPPORTCTL, daemon, "outbox", "show", "abc", code=2)
        assert "has not jumped" in ctl(SUPPORTCTL, daemon, "clock", "accept", code=1)
        assert "did you mean 'queued'" in ctl(SUPPORTCTL, daemon, "outbox", "--state", "queud", code=2)
    assert "did you mean 'status'" in offline("staus", code=2)
    assert "did you mean 'retry'" in offline("outbox", "rety", code=2)
    assert "did you mean '--dry-run'" in offline("reload", "--dryrun", code=2)
    assert "JOB is missing" in offline("run", code=2)
    assert "JOB is missing" in json.loads(offline_json("run"))["error"]
    assert "there is no socket /nowhere/control.sock" in json.loads(offline_json("status", "--socket", "/nowhere/control.sock"))["error"]
    said = offline("status", "--socket", "/nowhere/control.sock", code=1)
    assert "there is no socket /nowhere/control.sock" in said and "systemctl status supportd" in said, said


def test_who_may_not_or_cannot_be_asked_is_told_why():
    with tempfile.TemporaryDirectory(prefix="supportd-") as name:
        directory = pathlib.Path(name)
        directory.chmod(0o755)
        (directory / "letter").write_text("Dear aunt")
        assert "letter is no socket" in offline("status", "--socket", str(directory / "letter"), code=1)
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(str(directory / "left"))
        assert "nobody answers at" in offline("status", "--socket", str(directory / "left"), code=1)
        # Root may open everything: somebody else asks then, with a copy that anybody can reach.
        (directory / "left").chmod(0)
        shutil.copy(SUPPORTCTL, directory / "supportctl")
        other = {"user": "nobody"} if os.geteuid() == 0 else {}
        done = subprocess.run([directory / "supportctl", "status", "--socket", directory / "left"], text=True, check=False,
                              capture_output=True, **other)
        assert done.returncode == 1 and "permission denied" in done.stderr and "group" in done.stderr, done


def test_every_command_has_its_help():
    everything = offline("help")
    assert everything == offline("--help") and offline("--version") == offline("version")
    for command in ("status", "jobs", "runs", "why", "run", "cancel", "pause", "resume", "reload", "cron", "cron next",
                    "outbox", "outbox retry", "cases", "cases plan", "tickets", "tickets set", "aside", "audit",
                    "audit export", "ledger", "ledger backup", "config", "config verify", "probe", "version", "clock",
                    "sync", "sync aside list", "calendar", "calendar eval", "sla", "sla policies check"):
        shown = offline("help", *command.split())
        assert shown == offline(*command.split(), "--help"), command
        assert f"supportctl {command}" in shown, (command, shown)
        assert f"\n{command.split()[0]}" in everything, command
    assert "no command 'nosuch'" in offline("help", "nosuch", code=2)


def test_input_that_is_none_is_refused():
    with tempfile.TemporaryDirectory() as directory:
        assert "it is a directory" in offline("sla", "replay", "--scenarios", directory, code=1)
    assert "larger than 256 MiB" in offline("sla", "replay", "--scenarios", "/dev/zero", code=1)
    assert "No such file" in offline("sla", "replay", "--scenarios", "/nowhere/s.json", code=1)


def test_a_ticket_is_changed_by_hand():
    with supportd(SUPPORTD, QUIET) as daemon:
        daemon.start()
        daemon.end()
        add_ticket(daemon, 1, int(time.time() * 1000))
        daemon.start()
        said = ctl(SUPPORTCTL, daemon, "tickets", "set", "1", "--type", "incident", "--tag", "vip", "--field", "cf_ref=A-1")
        assert "type = incident" in said and "+vip" in said and "field cf_ref = A-1" in said, said
        # An empty value takes away; a subject there must be, and no tag at all is none to add.
        said = ctl(SUPPORTCTL, daemon, "tickets", "set", "1", "--type", "", "--field", "cf_ref=")
        assert "type = nothing" in said and "field cf_ref = nothing" in said, said
        assert "needs a subject" in ctl(SUPPORTCTL, daemon, "tickets", "set", "1", "--subject", "", code=2)
        assert "nothing changed" in ctl(SUPPORTCTL, daemon, "tickets", "set", "1", "--tag", "")
        assert "--type is given twice" in ctl(SUPPORTCTL, daemon, "tickets", "set", "1", "--type", "a", "--type", "b", code=2)
        ticket = json.loads(ctl(SUPPORTCTL, daemon, "tickets", "show", "1", "--json"))["ticket"]
        assert ticket["subject"] == "VPN" and ticket["tags"] == ["vip"] and ticket["fields"] == {}, ticket


def offline_json(*arguments):
    done = subprocess.run([SUPPORTCTL, *arguments, "--json"], capture_output=True, text=True, check=False)
    assert done.returncode in (1, 2), done
    return done.stdout


def test_backup_and_restore():
    with supportd(SUPPORTD, QUIET) as daemon:
        daemon.start()
        backup = daemon.directory / "backup.db"
        ctl(SUPPORTCTL, daemon, "pause", "housekeeping", "--reason", "kept")
        ctl(SUPPORTCTL, daemon, "ledger", "backup", str(backup))
        series = "supportd_db_last_backup_success_timestamp_seconds"
        shown, = (line for line in daemon.call("GET", "/metrics")[1].splitlines() if line.startswith(series))
        assert abs(float(shown.split()[1]) - time.time()) < PATIENCE, shown
        for name in ("ledger.db", "ledger.db-wal"):
            said = ctl(SUPPORTCTL, daemon, "ledger", "backup", str(daemon.state / name), code=1)
            assert "the living ledger" in said, said
        assert "no directory" in ctl(SUPPORTCTL, daemon, "ledger", "backup", "/nonexistent/x", code=1)
        ctl(SUPPORTCTL, daemon, "resume", "housekeeping")
        assert str(daemon.process.pid) in offline("ledger", "restore", str(backup), "--config", str(daemon.file), code=1)
        daemon.end()
        offline("ledger", "restore", str(backup), "--config", str(daemon.file))
        daemon.start()
        assert daemon.call("GET", "/api/v1/jobs")[1]["jobs"][0]["pause_reason"] == "kept"


def test_a_changed_audit_is_found():
    with supportd(SUPPORTD, QUIET) as daemon:
        daemon.start()
        ctl(SUPPORTCTL, daemon, "pause", "housekeeping", "--reason", "a")
        ctl(SUPPORTCTL, daemon, "run", "housekeeping", "--wait")
        daemon.end()
        with sqlite3.connect(daemon.state / "ledger.db") as ledger:
            ledger.execute("UPDATE audit SET reason = 'b' WHERE action = 'job.pause'")
        daemon.start()
        assert "do not match their seal" in ctl(SUPPORTCTL, daemon, "audit", "verify", code=3)
        assert json.loads(daemon_json(daemon))["broken"]


def daemon_json(daemon):
    done = subprocess.run([SUPPORTCTL, "audit", "verify", "--json", "--socket", str(daemon.control)],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 3
    return done.stdout


def test_a_damaged_file_is_found():
    with supportd(SUPPORTD, QUIET) as daemon:
        (daemon.directory / "letter").write_text("Dear aunt")
        offline("ledger", "check", str(daemon.directory / "letter"), code=3)
        assert "there is no file" in offline("ledger", "check", str(daemon.directory / "none"), code=1)
        empty = sqlite3.connect(daemon.directory / "empty.db")
        empty.execute("CREATE TABLE t (x)")
        empty.close()
        assert "no supportd ledger" in offline("ledger", "check", str(daemon.directory / "empty.db"), code=3)


def test_configurations_are_checked_without_a_daemon():
    with supportd(SUPPORTD, QUIET) as daemon:
        assert offline("config", "check", str(daemon.file)) == "sound\n"
        assert 'schedule = "@yearly"' in offline("config", "print", str(daemon.file))
        daemon.write("[jobs.housekeeping]\nschedule = '61 * * * *'\n")
        assert "jobs.housekeeping.schedule" in offline("config", "check", str(daemon.file), code=3)
    assert offline("cron", "next", "0 9 * * *", "--from", "2026-01-01T00:00:00Z", "--count", "1").startswith("2026-01-01T09")
    assert offline("version").startswith("supportctl ")
    assert "--arg NAME=VALUE" in offline("run", "--help")
    assert "sync plan" in offline("sync", "--help") and "outbox" not in offline("sync", "--help")
    assert "outbox retry" in offline("outbox", "--help")


def test_terminals_are_safe_and_colours_need_one():
    with supportd(SUPPORTD, QUIET) as daemon:
        daemon.start()
        evil = "\x1b]0;owned\x07 \x1b[31mred \u202egnp"
        refused = ctl(SUPPORTCTL, daemon, "pause", "housekeeping", "--reason", evil, code=2)
        assert "parameter 'reason': it holds a control character" in refused, refused
        ctl(SUPPORTCTL, daemon, "pause", "housekeeping", "--reason", "good")
        daemon.end()
        with sqlite3.connect(daemon.state / "ledger.db") as ledger:  # as an older program would have taken it
            ledger.execute("UPDATE job SET pause_reason = ?", (evil,))
            ledger.execute("UPDATE audit SET reason = ? WHERE action = 'job.pause'", (evil,))
        daemon.start()
        for command in ("audit", "jobs"):
            assert not set(ctl(SUPPORTCTL, daemon, command)) & {"\x1b", "\x07", "\u202e"}
        assert json.loads(ctl(SUPPORTCTL, daemon, "audit", "--json"))["audit"][-1]["reason"] == evil

        def on_terminal(**environment):
            ours, theirs = pty.openpty()
            done = subprocess.run([SUPPORTCTL, "status", "--socket", str(daemon.control)], stdout=theirs,
                                  env=dict(os.environ, **environment), check=True)
            os.close(theirs)
            assert done.returncode == 0
            text = os.read(ours, 65536).decode()
            os.close(ours)
            return text

        os.environ.pop("NO_COLOR", None)
        assert "\x1b[32mready" in on_terminal()
        assert "\x1b" not in on_terminal(NO_COLOR="1")
        assert "\x1b" not in ctl(SUPPORTCTL, daemon, "status")


if __name__ == "__main__":
    sys.exit(run_all(dict(globals())))
