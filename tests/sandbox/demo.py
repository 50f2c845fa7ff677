#!/usr/bin/python3
"""Plays the sandbox's scripted support day against a real supportd: demo.py BUILD-DIRECTORY [--keep]

Both run on one clock, sixty times faster than the wall. The daemon is killed once in mid-day. What became of every
message is counted by the sandbox from its own script, not by the daemon. Exit 0 only when nothing is lost or doubled."""
import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

sys.dont_write_bytecode = True
from sandbox_desks import freshdesk, write, zendesk

SPEED = 60
LONGEST = 240  # seconds; the day takes about a minute
KILL_AT = 0.35  # of the script
# What the day's customers are promised; somebody always answers too late.
PROMISES = """
[calendar.hours.always]
zone = "UTC"
week = { mon-sun = "00:00-24:00" }
[[sla.policy]]
name = "demo"
rank = 1
calendar = "always"
first_reply = { any = "10m" }
"""
STATUSES = {2: "open", 3: "pending", 4: "resolved", 5: "closed"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


def configure(directory, about, port, two_desks=False, more=""):
    """supportd.toml and its secrets, for the sandbox at the addresses it told; with two_desks Zendesk is the second."""
    write(f"{directory}/aws-key", about["access_key_id"] + "\n")
    write(f"{directory}/aws-secret", about["secret_access_key"] + "\n")
    organisations = {"hanbit.example": ("한빛게임즈", "Asia/Seoul"),
                     "northwind.example": ("Northwind Bank", "America/New_York"),
                     "tailor.example": ("Tailor & Sons", "Europe/London")}
    second_desk = ""
    if two_desks:
        write(f"{directory}/zendesk-webhook", about["zendesk_webhook_secret"] + "\n")
        second_desk = zendesk(directory, about, more=f"""webhook_secret = {{ file = "{directory}/zendesk-webhook" }}
fields = {{ cf_aws_support_case_id = 360001 }}
""") + """[desk_sync.zendesk.main]
counterpart = "all"
ledger_fields = ["cf_aws_support_case_id"]
"""
    text = f"""
[daemon]
state_directory = "{directory}/state"
[http]
listen = ["127.0.0.1:{port}"]
[control]
socket = "{directory}/control.sock"
{freshdesk(directory, about)}{second_desk}[desk_sync]
zone = "Asia/Seoul"
settle = "2s"
[aws]
access_key = {{ file = "{directory}/aws-key" }}
secret_key = {{ file = "{directory}/aws-secret" }}
sts_endpoint = "{about['sts']}"
secrets_endpoint = "{about['secrets_manager']}"
[aws.events]
queue_url = "{about['queue_url']}"
region = "{about['region']}"
[aws_support]
endpoint = "{about['aws_support']}"
[aws_cases]
settle = "2s"
[jobs.desk_sync]
schedule = "every 20s"
[jobs.aws_cases]
schedule = "every 5m"
[jobs.aws_cases_recent]
schedule = "every 45s"
"""
    for domain, account in about["customers"].items():
        name, zone = organisations[domain]
        text += f"""
[[tickets.organisation]]
name = "{name}"
zone = "{zone}"
[[aws.account]]
id = "{account}"
organisation = "{name}"
role_arn = "arn:aws:iam::{account}:role/{about['role_name']}"
external_id = "{about['external_id']}"
"""
    write(f"{directory}/supportd.toml", text + more)


class Screen:
    """One line that is drawn again on a terminal; plain lines, when something happened, elsewhere."""

    def __init__(self):
        self.live = sys.stdout.isatty()
        self.last = None

    def show(self, progress, total):
        share = progress["done"] / max(1, progress["all"])
        counts = f"{total['found']} of {total['expected']} found"
        if self.live:
            bar = "#" * int(share * 30)
            print(f"\r\033[K[{bar:<30}] {progress['now'][11:19]}  {counts}  "
                  f"throttled {progress['throttled']}, cut {progress['cut_before'] + progress['cut_after']}",
                  end="", flush=True)
        elif progress["done"] != self.last and progress["done"] % 5 == 0:
            print(f"{progress['now'][11:19]}  {progress['done']} of {progress['all']} things happened, {counts}",
                  flush=True)
        self.last = progress["done"]

    def say(self, text):
        print(("\r\033[K" if self.live else "") + text, flush=True)


class Day:
    def __init__(self, build, directory, screen):
        self.build, self.directory, self.screen = build, directory, screen
        self.clock = f"{SPEED}@{int(time.time() * 1000)}"
        self.port = free_port()
        self.sandbox = self.daemon = None

    def start_sandbox(self):
        self.sandbox = subprocess.Popen(
            [f"{self.build}/tests/sandbox/supportd-sandbox", "--clock", self.clock, "--script", "builtin",
             "--two-desks", "--zendesk-webhooks", f"http://127.0.0.1:{self.port}/hooks/zendesk/main",
             "--ports-file", f"{self.directory}/ports.json"],
            stdout=subprocess.PIPE, text=True, start_new_session=True)
        self.about = json.loads(self.sandbox.stdout.readline())

    def start_daemon(self):
        with open(f"{self.directory}/supportd.log", "ab") as log:
            self.daemon = subprocess.Popen(
                [f"{self.build}/supportd", "--config", f"{self.directory}/supportd.toml", "--clock", self.clock],
                stdout=log, stderr=log, start_new_session=True)
        for _ in range(200):
            if self.daemon.poll() is not None:
                break
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=2).close()
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        with open(f"{self.directory}/supportd.log", encoding="utf-8") as log:
            raise RuntimeError("supportd did not start:\n" + "".join(log.readlines()[-20:]))

    def play(self):
        killed = False
        deadline = time.monotonic() + LONGEST
        while True:
            progress = get(self.about["control"] + "/sandbox/progress")
            tally = get(self.about["control"] + "/sandbox/tally")
            self.screen.show(progress, tally["total"])
            if not killed and progress["done"] > KILL_AT * progress["all"]:
                killed = True
                self.daemon.kill()
                self.daemon.wait()
                self.screen.say("kill -9 of supportd, and a new start")
                self.start_daemon()
            if self.daemon.poll() is not None:
                raise RuntimeError(f"supportd ended with status {self.daemon.returncode}")
            if tally["settled"] or time.monotonic() > deadline:
                return progress, tally, killed
            time.sleep(0.5)

    def asks(self, *question):
        """What supportctl prints."""
        return subprocess.run([f"{self.build}/supportctl", "--socket", f"{self.directory}/control.sock", *question],
                              capture_output=True, text=True, check=True).stdout

    def missed(self):
        """A ticket whose first reply came too late, and the explanation of supportctl; None when there is none."""
        for ticket in json.loads(self.asks("tickets", "--limit", "1000", "--json"))["tickets"]:
            number = str(ticket["id"])
            clocks = json.loads(self.asks("sla", "explain", number, "--json"))["clocks"]
            if any(clock["missed"] and clock["state"] == "fulfilled" for clock in clocks):
                return number, self.asks("sla", "explain", number)
        return None

    def stop(self):
        for process in (self.daemon, self.sandbox):
            if process is not None and process.poll() is None:
                process.terminate()
                try:
                    process.wait(timeout=20)
                except subprocess.TimeoutExpired:
                    process.kill()


def both(tally):
    return f"{tally['found']}/{tally['expected']}"


def table(tally):
    head = ("ticket", "case", "to desk", "to AWS", "files in", "files out", "to Zendesk", "from it", "Freshdesk", "AWS",
            "Zendesk")
    rows = [head]
    for one in tally["tickets"]:
        case = one["cases"][-1] if one["cases"] else "-"
        rows.append((tally["names"][str(one["ticket"])], case, both(one["messages_to_desk"]), both(one["messages_to_aws"]),
                     both(one["files_to_desk"]), both(one["files_to_aws"]), both(one["messages_to_second"]),
                     both(one["messages_from_second"]), STATUSES.get(one["desk_status"], str(one["desk_status"])), one["aws_status"] or "-",
                     one["second_status"] or "-"))
    widths = [max(len(str(row[i])) for row in rows) for i in range(len(head))]
    return "\n".join("  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--keep", action="store_true", help="leave the daemon and the sandbox running")
    options = parser.parse_args()
    directory = tempfile.mkdtemp(prefix="supportd-demo-")
    os.mkdir(f"{directory}/state", 0o700)
    screen = Screen()
    day = Day(os.path.abspath(options.build), directory, screen)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    kept = False
    try:
        day.start_sandbox()
        configure(directory, day.about, day.port, two_desks=True, more=PROMISES)
        day.start_daemon()
        screen.say(f"supportd and supportd-sandbox run in {directory}, {SPEED} times faster than the wall clock")
        progress, tally, killed = day.play()
        total = tally["total"]
        screen.say(f"\n{table(tally)}\n")
        print(f"expected {total['expected']}, found {total['found']}, lost {total['lost']}, "
              f"duplicated {total['duplicated']}")
        if total["leaked"] or total["disordered"]:
            print(f"leaked {total['leaked']}, out of order {total['disordered']}")
        if progress["failed"]:
            print(f"the script could not do everything: {progress['failed']}")
        if not tally["converged"]:
            print("the two sides of a ticket disagree about its state")
        missed = day.missed()
        if missed:
            print(f"\nticket {missed[0]} missed what was promised. $ supportctl sla explain {missed[0]}\n{missed[1]}")
        print(f"metrics: http://127.0.0.1:{day.port}/metrics" + ("" if options.keep else " (while it runs: --keep)"))
        troubles = {"throttled": progress["throttled"], "cut before": progress["cut_before"],
                    "cut after": progress["cut_after"], "killed": killed}
        troubles["a service level missed"] = missed is not None
        missing = [what for what, happened in troubles.items() if not happened]
        if missing:
            print(f"a day too quiet to prove anything, never: {', '.join(missing)}")
        good = tally["settled"] and total["expected"] > 30 and not progress["failed"] and not missing
        if options.keep:
            kept = True
            print(f"left running: supportd {day.daemon.pid}, supportd-sandbox {day.sandbox.pid}. Try:\n"
                  f"  {day.build}/supportctl --socket {directory}/control.sock status\n"
                  f"  kill {day.daemon.pid} {day.sandbox.pid}; rm -r {directory}")
        elif not good:
            kept_log = f"{directory}.log"
            shutil.copy(f"{directory}/supportd.log", kept_log)
            print(("" if tally["settled"] else f"not settled after {LONGEST} s; ") + f"the daemon's log: {kept_log}")
        return 0 if good else 1
    except RuntimeError as error:
        print(f"\ndemo: {error}", file=sys.stderr)
        return 1
    finally:
        if not kept:
            day.stop()
            shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
