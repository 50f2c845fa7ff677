#!/usr/bin/python3
"""full_disk_test.py SUPPORTD SUPPORTCTL: nothing is lost on a full disk. Of its own, so that a skip is seen by name."""
import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile

from process import ctl, programs, run_all, supportd

SUPPORTD, SUPPORTCTL = programs()


@contextlib.contextmanager
def small_disk():
    with tempfile.TemporaryDirectory(prefix="supportd-") as directory:
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", directory], check=False,
                              capture_output=True)
        try:
            yield pathlib.Path(directory) if made.returncode == 0 else None
        finally:
            if made.returncode == 0:
                subprocess.run(["umount", directory], check=True)


def test_a_full_disk():
    if os.getuid() != 0:
        return "only root can mount a small disk"
    with small_disk() as disk, supportd(SUPPORTD) as daemon:
        if disk is None:
            return "no tmpfs can be mounted here"
        daemon.state = disk
        daemon.write("")
        daemon.start()
        daemon.call("POST", "/control/jobs/housekeeping/pause?reason=before")
        filler = open(disk / "filler", "wb", buffering=0)
        with contextlib.suppress(OSError), filler:
            while True:
                filler.write(b"x" * 4096)
        # The log of the ledger has room of its own until it must grow.
        for i in range(1000):
            status, answer = daemon.call("POST", f"/control/jobs/housekeeping/pause?reason=number{i}")
            if status != 200:
                break
        assert status == 503 and "full" in answer["detail"], answer
        assert daemon.call("GET", "/-/healthy")[0] == 200
        (disk / "filler").unlink()
        assert daemon.call("POST", "/control/jobs/housekeeping/pause?reason=after")[0] == 200
        assert daemon.end() == 0
        daemon.start()
        reason = daemon.call("GET", "/api/v1/jobs")[1]["jobs"][0]["pause_reason"]
        assert reason == "after", reason
        assert ctl(SUPPORTCTL, daemon, "ledger", "check") == "sound\n"
        assert daemon.end() == 0
    return None


if __name__ == "__main__":
    sys.exit(run_all(dict(globals())))
