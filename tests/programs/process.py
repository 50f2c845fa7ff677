"""A supportd of the test's own: a temporary directory, free ports, and a service manager that only listens."""
import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading

PATIENCE = 60  # seconds; only a fault waits that long


class Unix(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("supportd", timeout=PATIENCE)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(self.path)


class Manager:
    """What systemd hears: datagrams on NOTIFY_SOCKET."""

    def __init__(self, path):
        self.path = str(path)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.heard = []

    def next(self, patience=PATIENCE):
        self.socket.settimeout(patience)
        message = self.socket.recv(65536).decode()
        self.heard.append(message)
        return message

    def wait_for(self, text):
        """The next datagram that contains `text`."""
        while True:
            message = self.next()
            if text in message:
                return message


class Daemon:
    def __init__(self, program, directory, config="", environment=None, arguments=(), prefix=()):
        self.directory = pathlib.Path(directory)
        self.prefix = list(prefix)
        self.file = self.directory / "supportd.toml"
        self.command = [program, "--config", str(self.file), *arguments]
        self.control = self.directory / "control.sock"
        self.state = self.directory / "state"
        self.state.mkdir(exist_ok=True)
        self.environment = dict(os.environ, **(environment or {}))
        self.process = None
        self.lines = []
        self.log_changed = threading.Condition()
        self.write(config)

    def write(self, config, daemon="", http='listen = ["127.0.0.1:0"]', control=None):
        socket_line = f'socket = "{self.control}"' if control is None else control
        self.file.write_text(f'[daemon]\nname = "test"\nstate_directory = "{self.state}"\n{daemon}\n[http]\n{http}\n'
                             f"[control]\n{socket_line}\n{config}\n", encoding="utf-8")

    def spawn(self):
        notify = self.directory / "notify.sock"
        notify.unlink(missing_ok=True)
        self.manager = Manager(notify)
        self.lines.clear()
        self.process = subprocess.Popen(
            [*self.prefix, *self.command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.PIPE,
            text=True, env=dict(self.environment, NOTIFY_SOCKET=str(notify)))
        self.reader = threading.Thread(target=self.read_log, daemon=True)
        self.reader.start()
        return self

    def start(self):
        self.spawn()
        try:
            self.status = self.manager.wait_for("READY=1")
        except TimeoutError:
            raise AssertionError("never ready:\n" + "\n".join(self.lines)) from None
        return self

    def read_log(self):
        for line in self.process.stderr:
            with self.log_changed:
                self.lines.append(line.rstrip("\n"))
                self.log_changed.notify_all()

    def find_line(self, text, also=""):
        """Index of the first log line that contains both texts."""
        return next((i for i, line in enumerate(self.lines) if text in line and also in line), None)

    def wait_for_line(self, text, also=""):
        """The same, once it is there."""
        with self.log_changed:
            assert self.log_changed.wait_for(lambda: self.find_line(text, also) is not None, PATIENCE), (text, self.lines)
            return self.find_line(text, also)

    @property
    def port(self):
        line = self.lines[self.wait_for_line("listening address=127.0.0.1:")]
        return int(re.search(r"127\.0\.0\.1:(\d+)", line).group(1))

    def call(self, method, path, control=True, body=None, headers=None):
        connection = Unix(self.control) if control else http.client.HTTPConnection("127.0.0.1", self.port, PATIENCE)
        with contextlib.closing(connection):
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            raw = answer.read()
        try:
            return answer.status, json.loads(raw)
        except ValueError:
            return answer.status, raw.decode()

    def send(self, number):
        os.kill(self.process.pid, number)

    def end(self, number=signal.SIGTERM):
        """The exit code."""
        if self.process.poll() is None:
            self.send(number)
        code = self.process.wait(PATIENCE)
        self.reader.join(PATIENCE)
        return code

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE)


@contextlib.contextmanager
def supportd(program, config="", **options):
    """Ready; killed at the end if it still runs."""
    with tempfile.TemporaryDirectory(prefix="supportd-") as directory:
        daemon = Daemon(program, directory, config, **options)
        try:
            yield daemon
        finally:
            daemon.kill()


def ctl(program, daemon, *arguments, code=0):
    """What supportctl printed; its exit code must be `code`."""
    done = subprocess.run([program, *arguments, "--socket", str(daemon.control)], capture_output=True, text=True,
                          timeout=PATIENCE, check=False)
    assert done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
    return done.stdout if code == 0 else done.stdout + done.stderr


def run_all(tests):
    """Runs functions called test_*, in order; 77 when all were skipped."""
    skipped = 0
    for name, test in tests.items():
        if not name.startswith("test_"):
            continue
        why = test()
        skipped += why is not None
        print(f"{name}: {'skipped: ' + why if why else 'ok'}", flush=True)
    return 77 if skipped and skipped == sum(name.startswith("test_") for name in tests) else 0


def programs():
    return sys.argv[1], sys.argv[2]
