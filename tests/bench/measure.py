"""Starting programs and reading what they cost."""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time


class Skip(Exception):
    """The figure cannot be measured here; says why."""


def row(figure, measured, reference, ratio, goal, met):
    return {"figure": figure, "measured": measured, "reference": reference,
            "ratio": "-" if ratio is None else f"{ratio:.3g}x", "goal": goal, "verdict": "met" if met else "missed"}


def median_ratio(ours, reference):
    """Of the rounds' own ratios, so that a load that comes and goes strikes both sides of each."""
    return statistics.median(a / b for a, b in zip(ours, reference))


class Workshop:
    """A temporary directory, the built programs and how many rounds to take."""

    def __init__(self, source, build, rounds):
        self.source, self.build, self.rounds = source, build, rounds
        self.bench = source / "tests" / "bench"

    def __enter__(self):
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="supportd-bench-"))
        self._filled = {}
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.scratch)

    def program(self, name):
        for place in (self.build, self.build / "tests" / "bench"):
            if (place / name).exists():
                return str(place / name)
        raise Skip(f"{name} was not built")

    def run_json(self, command, timeout=1800, **more):
        """The program's output, which is one JSON object."""
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=timeout, **more)
        return json.loads(done.stdout)

    def filled_ledger(self, tickets):
        """A ledger with so many tickets, their events, links and messages."""
        if tickets not in self._filled:
            file = self.scratch / f"{tickets}.db"
            subprocess.run([self.program("bench_fill_ledger"), "--tickets", str(tickets), "--ledger", str(file)],
                           check=True, timeout=1800)
            self._filled[tickets] = file
        return self._filled[tickets]

    @contextlib.contextmanager
    def supportd(self, ledger, port=None, more=""):
        """The daemon on that ledger, without jobs of its own but the housekeeping; yields a started Daemon. `more`:
        what its configuration has besides."""
        with tempfile.TemporaryDirectory(dir=self.scratch) as state:
            config = pathlib.Path(state) / "supportd.toml"
            port = port or free_port()
            config.write_text(f'[daemon]\nstate_directory = "{state}"\n[ledger]\nurl = "sqlite:{ledger}"\n'
                              f'[http]\nlisten = ["127.0.0.1:{port}"]\n[control]\nsocket = "{state}/control.sock"\n'
                              '[log]\nformat = "plain"\nlevel = "warning"\n' + more)
            with Daemon([self.program("supportd"), "--config", str(config)], state) as daemon:
                daemon.port = port
                yield daemon

    @contextlib.contextmanager
    def hello(self):
        """The empty program with the same libraries."""
        with tempfile.TemporaryDirectory(dir=self.scratch) as state:
            with Daemon([self.program("bench_hello"), str(pathlib.Path(state) / "hello.db")], state) as daemon:
                yield daemon


class Daemon:
    """A program that says READY=1 as systemd's do; `ready_seconds` is from before it was started until then."""

    def __init__(self, command, directory):
        self.command, self.notify = command, str(pathlib.Path(directory) / "notify.sock")

    def __enter__(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as box:
            box.bind(self.notify)
            box.settimeout(60)
            begun = time.monotonic()
            self.pid = os.posix_spawn(self.command[0], self.command, {**os.environ, "NOTIFY_SOCKET": self.notify})
            try:
                while b"READY=1" not in box.recv(4096).split(b"\n"):
                    pass
            except TimeoutError:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                raise RuntimeError(f"{self.command[0]} never became ready") from None
            self.ready_seconds = time.monotonic() - begun
        return self

    def __exit__(self, *_):
        os.kill(self.pid, signal.SIGTERM)
        os.waitpid(self.pid, 0)

    def rss_bytes(self):
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError("no VmRSS")

    def cpu_seconds(self):
        """To the nanosecond, of all threads that live."""
        return sum(int((task / "schedstat").read_text().split()[0])
                   for task in pathlib.Path(f"/proc/{self.pid}/task").iterdir()) / 1e9


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
