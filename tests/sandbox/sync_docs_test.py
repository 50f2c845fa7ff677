#!/usr/bin/python3
"""The sessions of docs/sync.md that need desks print what they show: sync_docs_test.py BUILD-DIRECTORY

They stand in blocks of ```console sandbox, and are typed one after the other, where two sides have just changed a field."""
import base64
import datetime
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
from demo import free_port
from sandbox_desks import freshdesk, zendesk
from sandbox_process import call, sandbox

BUILD = os.path.abspath(sys.argv[1])
DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs/sync.md"
SESSION = re.compile(r"^```console sandbox\n(.*?)^```$", re.DOTALL | re.MULTILINE)
CLOCK = f"60@{int(time.time() * 1000)}"  # a minute each second
AREA = "fields = { area = 360003 }\n"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def sessions():
    for block in SESSION.findall(DOCUMENT.read_text()):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            yield command, shown


def alike(text):
    """Without what differs from run to run."""
    return "\n".join(re.sub(" {2,}", "  ", line).rstrip() for line in MOMENT.sub("TIME", text).rstrip().splitlines())


class Room:
    """A daemon between the sandbox's Freshdesk and Zendesk, in a directory where its configuration lies."""

    def __init__(self, about, directory):
        self.about, self.directory = about, pathlib.Path(directory)
        (self.directory / "state").mkdir(mode=0o700)
        self.socket = self.directory / "control.sock"
        self.config = self.directory / "supportd.toml"
        self.config.write_text(f"""
[daemon]
state_directory = "{directory}/state"
[http]
listen = ["127.0.0.1:{free_port()}"]
[control]
socket = "{self.socket}"
{freshdesk(directory, about)}{zendesk(directory, about, "emea", AREA)}[desk_sync]
settle = "2s"
[desk_sync.freshdesk.main]
owner = {{ status = "newest", priority = "newest" }}
[desk_sync.zendesk.emea]
counterpart = "all"
owner = {{ status = "newest", priority = "newest" }}
[jobs.desk_sync]
schedule = "0 0 1 1 *"
""")
        (self.directory / "mapping.toml").write_text(self.config.read_text() + """
[desk_sync.zendesk.emea.status_out]
hold = "onhold"
[[desk_sync.zendesk.emea.field]]
desk = "area"
in = [{ map = { area_network = "network", area_database = "database" } }]
out = [{ map = { network = "area_network", storage = "area_storage" } }]
""")
        self.daemon = subprocess.Popen([f"{BUILD}/supportd", "--config", str(self.config), "--clock", CLOCK],
                                       stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        until(self.socket.exists, "the daemon's socket")

    def stop(self):
        self.daemon.send_signal(signal.SIGTERM)
        self.daemon.wait(timeout=30)

    def types(self, command):
        """As somebody in the directory would, with the daemon where it is by default."""
        line = re.sub(r"\bsupportctl\b(?! config)", f"supportctl --socket {self.socket}", command)
        done = subprocess.run(["bash", "-c", line], cwd=self.directory, text=True, capture_output=True, check=False,
                              env=os.environ | {"PATH": f"{BUILD}:{os.environ['PATH']}"})
        return done.stdout + done.stderr

    def poll(self):
        said = self.types("supportctl run desk_sync --wait")
        assert "rows read" in said, said
        until(lambda: not json.loads(self.types("supportctl outbox --json"))["effects"], "the outbox")

    def two_sides_change_a_field(self):
        """The priority of ticket 1, at Freshdesk a minute before Zendesk."""
        opens(self.about, "vpn")
        self.poll()
        passes_a_minute(self.about, 3)
        self.poll()
        status, _, answer = call(self.about["freshdesk"] + "/api/v2/tickets/2", "PUT", {"priority": 4}, {
            "Authorization": "Basic " + base64.b64encode((self.about["freshdesk_key"] + ":X").encode()).decode()})
        assert status == 200, answer
        passes_a_minute(self.about)
        status, _, answer = call(self.about["zendesk"] + "/api/v2/tickets/1", "PUT", {"ticket": {"priority": "high"}}, {
            "Authorization": "Basic " + base64.b64encode(
                (self.about["zendesk_mail"] + "/token:" + self.about["zendesk_token"]).encode()).decode()})
        assert status == 200, answer
        passes_a_minute(self.about, 3)
        self.poll()


def until(ready, what):
    deadline = time.monotonic() + 60
    while not ready():
        assert time.monotonic() < deadline, "waited for " + what
        time.sleep(0.05)


def passes_a_minute(about, times=1):
    """Of the sandbox's clock: what is younger is not in Zendesk's export."""
    def now():
        return datetime.datetime.fromisoformat(call(about["control"] + "/sandbox/progress")[2]["now"])
    end = now() + datetime.timedelta(minutes=times)
    until(lambda: now() > end, "the clock")


def opens(about, name):
    status, _, answer = call(about["control"] + "/sandbox/act", "POST", {
        "do": "customer_opens", "ticket": name, "mail": "kim@hanbit.example", "subject": name.upper(),
        "text": "The tunnel flaps."})
    assert status == 200, answer


def main():
    with tempfile.TemporaryDirectory() as directory, \
            sandbox(f"{BUILD}/tests/sandbox/supportd-sandbox", "--clock", CLOCK) as about:
        opens(about, "old")
        passes_a_minute(about)
        room = Room(about, directory)
        try:
            room.two_sides_change_a_field()
            seen = 0
            for command, shown in sessions():
                printed = room.types(command)
                assert alike(printed) == alike(shown), f"{command}\n{printed}"
                seen += 1
            assert seen >= 7, seen
        finally:
            room.stop()


if __name__ == "__main__":
    main()
