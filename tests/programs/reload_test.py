#!/usr/bin/python3
"""reload_test.py SUPPORTD SUPPORTCTL: one reload path for signal, socket and tool; real-time signals."""
import json
import signal
import sys

from process import ctl, programs, run_all, supportd

SUPPORTD, SUPPORTCTL = programs()
SLOW = '[jobs.housekeeping]\nschedule = "@yearly"\n'
FAST = '[jobs.housekeeping]\nschedule = "@daily"\nsignal_slot = 3\n[log]\nlevel = "debug"\n'


def schedule_of(daemon):
    return daemon.call("GET", "/api/v1/jobs")[1]["jobs"][0]["schedule"]


def test_a_good_reload_is_planned_and_swapped():
    with supportd(SUPPORTD, SLOW) as daemon:
        daemon.start()
        daemon.write(FAST)
        plan = ctl(SUPPORTCTL, daemon, "reload", "--dry-run")
        assert "jobs.housekeeping.schedule" in plan and "@daily" in plan and "--dry-run" in plan, plan
        assert schedule_of(daemon) == "@yearly"
        ctl(SUPPORTCTL, daemon, "reload")
        assert schedule_of(daemon) == "@daily"
        message = daemon.manager.wait_for("RELOADING=1")
        assert "MONOTONIC_USEC=" in message
        daemon.manager.wait_for("READY=1")


def test_a_flawed_reload_keeps_the_old_and_says_where():
    with supportd(SUPPORTD, SLOW) as daemon:
        daemon.start()
        daemon.write('[jobs.housekeeping]\nscheduel = "@daily"\n[log]\nlevel = "loud"\n')
        lines = daemon.file.read_text().split("\n")
        key, value = lines.index('scheduel = "@daily"') + 1, lines.index('level = "loud"') + 1
        said = ctl(SUPPORTCTL, daemon, "reload", code=1)
        assert f"{daemon.file}:{key}:1: jobs.housekeeping.scheduel: unknown key; did you mean 'schedule'?" in said, said
        assert f"{daemon.file}:{value}:9: log.level: \"loud\" is not one of the choices" in said, said
        assert schedule_of(daemon) == "@yearly"
        assert "reload refused" in daemon.manager.wait_for("READY=1")
        assert "supportd_config_last_reload_successful 0" in daemon.call("GET", "/metrics")[1]
        status, answer = daemon.call("POST", "/-/reload")
        assert status == 422 and [flaw["line"] for flaw in answer["flaws"]] == [key, value], answer
        said = ctl(SUPPORTCTL, daemon, "status")
        assert "the last reload was refused" in said and "jobs.housekeeping.scheduel" in said, said
        daemon.write(SLOW)
        ctl(SUPPORTCTL, daemon, "reload")
        assert "refused" not in ctl(SUPPORTCTL, daemon, "status")


def test_a_dry_run_refuses_what_the_reload_would():
    once = '[[run_once]]\nid = "a"\njob = "housekeeping"\n'
    with supportd(SUPPORTD, SLOW + once) as daemon:
        daemon.start()
        daemon.write(SLOW + '[jobs.other]\nkind = "housekeeping"\n' + once.replace('"housekeeping"', '"other"'))
        for more in (["--dry-run"], []):
            said = ctl(SUPPORTCTL, daemon, "reload", *more, code=1)
            assert "run_once 'a' has run with another job" in said, said


def test_keys_that_need_a_restart_are_named():
    with supportd(SUPPORTD, SLOW) as daemon:
        daemon.start()
        daemon.write(FAST, daemon="workers = 3", http='listen = ["127.0.0.1:0", "127.0.0.2:0"]')
        said = ctl(SUPPORTCTL, daemon, "reload", code=1)
        assert "needs a restart: daemon.workers, http.listen" in said, said
        assert schedule_of(daemon) == "@yearly"


def test_the_plan_names_runs_that_jitter_or_a_pause_moves():
    with supportd(SUPPORTD, SLOW) as daemon:
        daemon.start()

        def planned(more):
            daemon.write(SLOW + more)
            plan = json.loads(ctl(SUPPORTCTL, daemon, "reload", "--dry-run", "--json"))
            return [(job["job"], job["next_before"], job["next_after"]) for job in plan["jobs"]]

        def next_run():
            return daemon.call("GET", "/api/v1/jobs")[1]["jobs"][0]["next_run"]

        before = next_run()
        (name, was, later), = planned('jitter = "4h"\n')
        assert (name, was) == ("housekeeping", before) and later > before, (was, later)
        ctl(SUPPORTCTL, daemon, "reload")
        assert next_run() == later and later in ctl(SUPPORTCTL, daemon, "jobs") + ctl(SUPPORTCTL, daemon, "status")
        assert planned("paused = true\n") == [("housekeeping", later, None)]
        ctl(SUPPORTCTL, daemon, "reload")
        said = ctl(SUPPORTCTL, daemon, "resume", "housekeeping", code=1)
        assert "jobs.housekeeping.paused" in said, said
        assert next_run() is None
        assert "job.resume" not in ctl(SUPPORTCTL, daemon, "audit", "export")


def test_hup_reloads():
    with supportd(SUPPORTD, SLOW) as daemon:
        daemon.start()
        daemon.write(FAST)
        daemon.send(signal.SIGHUP)
        daemon.manager.wait_for("RELOADING=1")
        daemon.manager.wait_for("READY=1")
        assert schedule_of(daemon) == "@daily"
        _, audit = daemon.call("GET", "/api/v1/audit")
        assert audit["audit"][-1]["action"] == "config.reload"
        assert audit["audit"][-1]["actor"].startswith("signal by uid "), audit
        assert 'jobs.housekeeping.schedule = "@daily" (was "@yearly")' in audit["audit"][-1]["detail"], audit


def test_real_time_signals_run_jobs():
    with supportd(SUPPORTD, FAST) as daemon:
        daemon.start()
        daemon.send(signal.SIGRTMIN + 3)
        daemon.wait_for_line("run ended job=housekeeping")
        run = daemon.call("GET", "/api/v1/runs?limit=1")[1]["runs"][0]
        assert run["trigger"] == "signal" and run["reason"] == "SIGRTMIN+3" and run["outcome"] == "ok", run
        daemon.send(signal.SIGRTMIN + 9)
        line = daemon.lines[daemon.wait_for_line("no job has this signal slot")]
        assert "slot=9" in line and "3 housekeeping" in line, line


def test_usr1_dumps_the_state():
    with supportd(SUPPORTD, FAST) as daemon:
        daemon.start()
        daemon.send(signal.SIGUSR1)
        daemon.wait_for_line("job housekeeping: next")
        daemon.wait_for_line("ledger: ")


if __name__ == "__main__":
    sys.exit(run_all(dict(globals())))
