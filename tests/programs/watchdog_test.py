#!/usr/bin/python3
"""watchdog_test.py BLOCKED-DAEMON: each part of the daemon is held in turn, and each time the watchdog starves."""
import sys
import time

from process import PATIENCE, run_all, supportd

BLOCKED_DAEMON = sys.argv[1]
LIMIT = 3  # seconds, as WatchdogSec= would say
# Each write of the ledger wants the writer: one job every few seconds of the daemon's fast time.
BUSY = '[jobs.housekeeping]\nschedule = "every 30s"\n'


def starves(part):
    with supportd(BLOCKED_DAEMON, BUSY) as daemon:
        daemon.command = [BLOCKED_DAEMON, part, str(daemon.file)]
        daemon.environment.update(WATCHDOG_USEC=str(LIMIT * 1_000_000))
        daemon.start()
        for _ in range(3):
            daemon.manager.wait_for("WATCHDOG=1")
        daemon.process.stdin.write("hold\n")
        daemon.process.stdin.flush()
        give_up = time.monotonic() + PATIENCE
        while daemon.find_line("the watchdog is not fed", also=part) is None:
            daemon.manager.next()  # who is not heard is held, too
            assert time.monotonic() < give_up, daemon.lines
        pings = 0
        # As systemd counts: it bites when nothing was heard for so long.
        bites = time.monotonic() + LIMIT
        while (left := bites - time.monotonic()) > 0:
            try:
                if daemon.manager.next(patience=left) == "WATCHDOG=1":
                    pings += 1
                    bites = time.monotonic() + LIMIT
            except TimeoutError:
                break
            assert pings < 6, "it is still fed"  # some were on their way already
        assert daemon.process.poll() is None, "systemd, not the daemon, ends it"


def test_scheduler():
    starves("scheduler")


def test_http():
    starves("http")


def test_outbox():
    starves("outbox")


def test_ledger():
    starves("ledger")


if __name__ == "__main__":
    sys.exit(run_all(dict(globals())))
