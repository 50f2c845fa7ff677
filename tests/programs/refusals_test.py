#!/usr/bin/python3
"""refusals_test.py SUPPORTD SUPPORTCTL: what cannot work is refused in words, and nothing is lost."""
import os
import sqlite3
import subprocess
import sys
import tempfile

from process import PATIENCE, Daemon, programs, run_all, supportd

SUPPORTD, SUPPORTCTL = programs()
NOBODY = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
CONFIG = 78  # EX_CONFIG: an operator's to mend


def refused(daemon, text, status=CONFIG):
    """Does not start, exits with `status` and says `text`."""
    daemon.spawn()
    assert daemon.process.wait(PATIENCE) == status, daemon.lines
    daemon.wait_for_line(text)
    assert not any("READY=1" in message for message in daemon.manager.heard)


def test_a_second_daemon_on_one_ledger():
    with supportd(SUPPORTD) as daemon, tempfile.TemporaryDirectory() as elsewhere:
        daemon.start()
        second = Daemon(SUPPORTD, elsewhere)
        second.state = daemon.state
        second.write("")
        refused(second, str(daemon.process.pid))
        assert daemon.call("GET", "/-/healthy")[0] == 200


def test_a_ledger_of_a_newer_program():
    with supportd(SUPPORTD) as daemon:
        daemon.start()
        daemon.end()
        with sqlite3.connect(daemon.state / "ledger.db") as ledger:
            ledger.execute("INSERT INTO schema_step (slice, number, oldest_generation, applied_at, program) "
                           "VALUES ('tomorrow', 1, 1000, 0, '9.0')")
        refused(daemon, "written by a newer supportd")


def test_a_file_that_is_no_ledger():
    with supportd(SUPPORTD) as daemon:
        (daemon.state / "ledger.db").write_bytes(b"This is a letter to my aunt." * 400)
        refused(daemon, "ledger")
        assert (daemon.state / "ledger.db").read_bytes().startswith(b"This is a letter")


def test_a_directory_that_cannot_be_written():
    with supportd(SUPPORTD) as daemon:
        if os.getuid() == 0:
            daemon.prefix = NOBODY
            daemon.directory.chmod(0o755)
            daemon.file.chmod(0o644)
        daemon.state.chmod(0o555)
        daemon.write("", control='socket = ""')
        refused(daemon, str(daemon.state))


def test_a_directory_that_is_not_there():
    with supportd(SUPPORTD) as daemon:
        daemon.state.rmdir()
        refused(daemon, f"there is no directory {daemon.state}: create it")


def test_a_locked_ledger():
    with supportd(SUPPORTD) as daemon:
        daemon.start()
        daemon.end()
        other = sqlite3.connect(daemon.state / "ledger.db", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        refused(daemon, "locked", status=1)
        other.execute("ROLLBACK")
        other.close()
        daemon.start()
        assert daemon.end() == 0


def test_flaws_of_all_files_at_once():
    with supportd(SUPPORTD, "[jobs.hosekeeping]\n[nonsense]\nx = 1\n") as daemon:
        done = subprocess.run([SUPPORTD, "--check", "--config", daemon.file], capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert "did you mean 'housekeeping'" in done.stderr and "nonsense" in done.stderr, done.stderr
        assert subprocess.run([SUPPORTD, "--chek"], capture_output=True, check=False).returncode == 2


if __name__ == "__main__":
    sys.exit(run_all(dict(globals())))
