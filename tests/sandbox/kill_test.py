#!/usr/bin/python3
"""kill -9 of the real daemon at twenty random moments of the sandbox's day: kill_test.py BUILD-DIRECTORY [SEED]

At least half of the kills fall between a write at the vendor and our commit: the sandbox lets the write happen and holds
its answer until the daemon is dead. In the end nothing may be lost, doubled, leaked or out of order."""
import os
import random
import shutil
import sys
import tempfile
import time

sys.dont_write_bytecode = True
from demo import Day, Screen, configure, get, table
from sandbox_process import call

KILLS = 20
LONGEST = 400


class KilledDay(Day):
    def __init__(self, build, directory, seed):
        super().__init__(build, directory, Screen())
        self.random = random.Random(seed)
        self.kills = self.in_mid_write = 0

    def control(self, path, body=None):
        return call(self.about["control"] + path, "POST", body if body is not None else {})

    def kill(self, mid_write):
        """Kills and starts again; with mid_write as soon as the sandbox holds the answer of a write."""
        if mid_write:
            self.control("/sandbox/hold", {"writes": 1, "longest_ms": 20000})
            if get(self.about["control"] + "/sandbox/progress")["ended"]:
                # The script is over and nothing would be written any more: an agent has one more thing to say.
                self.control("/sandbox/act", {"do": "agent_notes", "ticket": "s3", "aws": True,
                                              "text": f"Once more, after {self.kills} kills."})
            until = time.monotonic() + 8
            while get(self.about["control"] + "/sandbox/progress")["holding"] == 0:
                if time.monotonic() > until:
                    self.control("/sandbox/release")
                    return False
                time.sleep(0.02)
        self.daemon.kill()
        self.daemon.wait()
        self.control("/sandbox/release")
        self.kills += 1
        self.in_mid_write += mid_write
        self.start_daemon()
        return True

    def play_killed(self):
        deadline = time.monotonic() + LONGEST
        while time.monotonic() < deadline:
            if self.kills < KILLS:
                self.kill(mid_write=self.in_mid_write <= self.kills * 0.6)
                time.sleep(self.random.uniform(0.1, 1.5))  # a random moment, not a wait for anything
                continue
            tally = get(self.about["control"] + "/sandbox/tally")
            if tally["settled"]:
                return tally
            time.sleep(0.5)
        return get(self.about["control"] + "/sandbox/tally")


def main():
    build, seed = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())
    print(f"seed {seed}")
    directory = tempfile.mkdtemp(prefix="supportd-kill-")
    os.mkdir(f"{directory}/state", 0o700)
    day = KilledDay(build, directory, seed)
    try:
        day.start_sandbox()
        configure(directory, day.about, day.port, two_desks=True)
        day.start_daemon()
        tally = day.play_killed()
        print(table(tally))
        print(f"{day.kills} kills, {day.in_mid_write} between a write and our commit; total {tally['total']}")
        assert day.kills == KILLS, "not all kills were possible"
        assert day.in_mid_write * 2 >= KILLS, "too few kills fell between a write and our commit"
        assert tally["settled"], "the day did not settle"
    except (AssertionError, RuntimeError):
        with open(f"{directory}/supportd.log", encoding="utf-8") as log:
            sys.stdout.writelines(log.readlines()[-80:])
        raise
    finally:
        day.stop()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
