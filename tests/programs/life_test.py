#!/usr/bin/python3
"""life_test.py SUPPORTD SUPPORTCTL: start, health, metrics, one-off runs, the drain."""
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys

from process import PATIENCE, programs, run_all, supportd

SUPPORTD, SUPPORTCTL = programs()
ONCE = '[[run_once]]\nid = "first"\njob = "housekeeping"\n'


def slow_desk():
    """A server that accepts and answers nothing, and the configuration of a desk there."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(PATIENCE)
    config = ('[freshdesk.main]\nbase_url = "http://127.0.0.1:%d"\napi_key = { file = "%s" }\n'
              '[jobs.desk_sync]\nschedule = ""\n')
    return listener, config


def start_with_slow_desk(daemon):
    listener, config = slow_desk()
    key = daemon.directory / "key"
    key.write_text("k")
    key.chmod(0o600)
    daemon.write(config % (listener.getsockname()[1], key), daemon='drain = "1h"')
    daemon.start()
    status, run = daemon.call("POST", "/control/jobs/desk_sync/run")
    assert status == 202, run
    connection, _ = listener.accept()
    return listener, connection, run["id"]


def everything_out_of_reach(daemon):
    """Desks and AWS, at a port where nobody listens; their jobs run when asked."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nowhere = "http://127.0.0.1:%d" % listener.getsockname()[1]
    secret = daemon.directory / "secret"
    secret.write_text("s")
    secret.chmod(0o600)
    secret = '{ file = "%s" }' % secret
    return (f'[freshdesk.main]\nbase_url = "{nowhere}"\napi_key = {secret}\n'
            f'[zendesk.main]\nbase_url = "{nowhere}"\nemail = "a@example.com"\napi_token = {secret}\n'
            f'[aws]\naccess_key = {secret}\nsecret_key = {secret}\n[aws_support]\nendpoint = "{nowhere}"\n'
            '[[tickets.organisation]]\nname = "Hanbit"\n'
            '[[aws.account]]\nid = "111122223333"\norganisation = "Hanbit"\n'
            + "".join(f'[jobs.{job}]\nschedule = ""\n' for job in ("desk_sync", "desk_look", "aws_cases", "aws_cases_recent")))


def test_a_run_fails_when_no_account_could_be_swept():
    with supportd(SUPPORTD) as daemon:
        daemon.write(everything_out_of_reach(daemon))
        daemon.start()
        done = subprocess.run([SUPPORTCTL, "run", "aws_cases_recent", "--wait", "--socket", str(daemon.control)],
                              capture_output=True, text=True, check=False)
        assert done.returncode == 1 and "AWS account 111122223333" in done.stdout + done.stderr, done
        row, = daemon.call("GET", "/api/v1/runs?job=aws_cases_recent")[1]["runs"]
        assert row["outcome"] == "failed" and row["counts"]["failed_accounts"] == 1, row


def run_row(daemon, run):
    with sqlite3.connect(daemon.state / "ledger.db") as ledger:
        return ledger.execute("SELECT state, outcome FROM run WHERE id = ?", (run,)).fetchone()


def test_health_and_status():
    with supportd(SUPPORTD) as daemon:
        daemon.start()
        assert "STATUS=" in daemon.status, daemon.status
        assert daemon.call("GET", "/-/healthy", control=False) == (200, "healthy\n")
        assert daemon.call("GET", "/-/ready", control=False) == (200, "ready\n")
        status, answer = daemon.call("GET", "/api/v1/status", control=False)
        assert status == 200 and answer["state"] == "ready" and answer["ledger"]["engine"] == "sqlite", answer
        assert daemon.call("GET", "/api/v1/jobs", control=False)[1]["jobs"][0]["name"] == "housekeeping"
        assert daemon.call("GET", "/api/v1/runs?limt=3", control=False)[0] == 400
        assert daemon.call("GET", "/api/v1/tickets", control=False)[0] == 403
        assert daemon.call("GET", "/api/v1/tickets")[0] == 200
        assert daemon.end() == 0
        assert not daemon.control.exists()


def test_a_token_opens_what_the_socket_does():
    with supportd(SUPPORTD) as daemon:
        token = daemon.directory / "token"
        token.write_text("s3cret\n")
        token.chmod(0o600)
        daemon.write("", http=f'listen = ["127.0.0.1:0"]\ntoken = {{ file = "{token}" }}')
        daemon.start()
        assert daemon.call("POST", "/-/reload", control=False)[0] == 401
        bearer = {"Authorization": "Bearer s3cret"}
        assert daemon.call("POST", "/-/reload", control=False, headers=bearer)[0] == 200
        _, audit = daemon.call("GET", "/api/v1/audit")
        assert audit["audit"][-1]["actor"] == "token from 127.0.0.1", audit
        assert "s3cret" not in "\n".join(daemon.lines)


def test_metrics_are_clean():
    if shutil.which("promtool") is None:
        return "promtool is not installed"
    with supportd(SUPPORTD) as daemon:
        daemon.write(ONCE + everything_out_of_reach(daemon))
        daemon.start()
        daemon.wait_for_line("run ended job=housekeeping")
        for job in ("desk_sync", "aws_cases_recent"):
            assert daemon.call("POST", f"/control/jobs/{job}/run")[0] == 202
            daemon.wait_for_line("run ended", f"job={job}")
        daemon.call("GET", "/-/healthy", control=False)
        text = daemon.call("GET", "/metrics", control=False)[1]
        for family in ("supportd_build_info", "supportd_ready 1", "supportd_config_last_reload_successful 1",
                       "supportd_http_requests_total", "supportd_db_size_bytes", 'job_name="housekeeping"',
                       "process_resident_memory_bytes", 'supportd_db_schema_version{slice="tickets"}',
                       "supportd_db_last_backup_success_timestamp_seconds 0",
                       'supportd_outbox_calls_total{channel="aws_support",outcome="failed"} 0',
                       'outcome="throttled",system="aws_support"} 0', "supportd_aws_cases_fallbacks_total 0",
                       "supportd_sync_items_total", 'supportd_sync_lag_seconds_count{system="aws_support"} 0',
                       'supportd_integration_up{system="aws_support"} 0', "supportd_http_response_size_bytes_count",
                       'supportd_db_connections{state="idle"}', "supportd_db_connections_limit",
                       'supportd_db_query_duration_seconds_count{operation="write"}',
                       'supportd_outbox_effects{channel="aws_support",state="queued"} 0'):
            assert family in text, family
        assert 'state="done"' not in text
        lint = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)
        assert lint.returncode == 0, lint.stdout + lint.stderr
    return None


def test_run_once_is_once_over_restarts():
    with supportd(SUPPORTD, ONCE) as daemon:
        for _ in range(3):
            daemon.start()
            assert daemon.end() == 0
        daemon.start()
        runs = daemon.call("GET", "/api/v1/runs?job=housekeeping&limit=1000")[1]["runs"]
        assert [run["reason"] for run in runs if run["trigger"] == "run_once"] == ["first"], runs


def test_a_run_once_id_cannot_change_its_meaning():
    with supportd(SUPPORTD, ONCE) as daemon:
        daemon.start()
        daemon.end()
        daemon.write(ONCE + '[jobs.other]\nkind = "housekeeping"\nschedule = ""\n')
        text = daemon.file.read_text().replace('job = "housekeeping"', 'job = "other"', 1)
        daemon.file.write_text(text)
        daemon.spawn()
        assert daemon.process.wait(PATIENCE) == 78
        daemon.wait_for_line("first")


def test_waiting_for_a_run_starves_nobody():
    with supportd(SUPPORTD) as daemon:
        listener, connection, run = start_with_slow_desk(daemon)
        waiting = [socket.create_connection(("127.0.0.1", daemon.port), PATIENCE) for _ in range(20)]
        for one in waiting:
            one.sendall(f"GET /api/v1/runs/{run}?wait=1h HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        tool = subprocess.Popen([SUPPORTCTL, "run", "desk_sync", "--wait", "--socket", str(daemon.control)],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(20):
            assert "supportd_ready 1" in daemon.call("GET", "/metrics", control=False)[1]
        with listener, connection:
            assert daemon.end(signal.SIGINT) == 0
        assert tool.wait(PATIENCE) == 1
        for one in waiting:
            one.close()


def test_term_lets_a_run_end():
    with supportd(SUPPORTD) as daemon:
        listener, connection, run = start_with_slow_desk(daemon)
        daemon.send(signal.SIGTERM)
        daemon.manager.wait_for("STOPPING=1")
        daemon.manager.wait_for("EXTEND_TIMEOUT_USEC=")
        daemon.wait_for_line("info stopping")
        assert daemon.call("GET", "/-/ready", control=False) == (503, "draining\n")
        assert daemon.process.poll() is None
        listener.close()
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        connection.close()
        assert daemon.process.wait(PATIENCE) == 0
        assert run_row(daemon, run) == ("done", "failed"), run_row(daemon, run)


def test_a_second_term_stops_now():
    with supportd(SUPPORTD) as daemon:
        listener, connection, run = start_with_slow_desk(daemon)
        with listener, connection:
            daemon.send(signal.SIGTERM)
            daemon.wait_for_line("info stopping")
            daemon.send(signal.SIGTERM)
            assert daemon.process.wait(PATIENCE) == 0
        assert run_row(daemon, run) == ("queued", None), run_row(daemon, run)


def test_int_waits_for_nobody():
    with supportd(SUPPORTD) as daemon:
        listener, connection, run = start_with_slow_desk(daemon)
        with listener, connection:
            assert daemon.end(signal.SIGINT) == 0
        assert run_row(daemon, run) == ("queued", None), run_row(daemon, run)


if __name__ == "__main__":
    sys.exit(run_all(dict(globals())))
