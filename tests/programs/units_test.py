#!/usr/bin/python3
"""units_test.py SUPPORTD SUPPORTCTL SOURCE: the units as systemd's own tools judge them, and socket activation."""
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile

from process import PATIENCE, Daemon, programs, run_all

SUPPORTD, SUPPORTCTL = programs()
UNITS = pathlib.Path(sys.argv[3]) / "systemd"
NAMES = ["supportd.service", "supportd-http.socket", "supportd-control.socket"]


def analyze(*arguments):
    done = subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_verify():
    if shutil.which("systemd-analyze") is None:
        return "systemd-analyze is not installed"
    with tempfile.TemporaryDirectory() as directory:
        for name in NAMES:
            text = (UNITS / name).read_text(encoding="utf-8")
            text = text.replace("/usr/sbin/supportd", SUPPORTD).replace("/usr/bin/supportctl", SUPPORTCTL)
            (pathlib.Path(directory) / name).write_text(text, encoding="utf-8")
        code, said = analyze("verify", "--man=no", *(f"{directory}/{name}" for name in NAMES))
        assert code == 0 and "supportd" not in said, said
    return None


def test_security():
    if shutil.which("systemd-analyze") is None:
        return "systemd-analyze is not installed"
    # 1.0: less would need vendors with fixed addresses, or none (docs/operations.md).
    code, said = analyze("security", "--offline=true", "--threshold=10", str(UNITS / "supportd.service"))
    assert code == 0, said
    return None


def values(unit, key):
    """What the unit says for the key, word by word."""
    lines = (UNITS / unit).read_text(encoding="utf-8").splitlines()
    return [word for line in lines if line.startswith(key + "=") for word in line.split("=", 1)[1].split()]


def test_a_reload_may_use_the_control_socket():
    assert values("supportd.service", "ExecReload") == ["/usr/bin/supportctl", "reload"]
    group, = values("supportd-control.socket", "SocketGroup")
    assert group in values("supportd.service", "SupplementaryGroups")


def test_only_a_bad_configuration_is_not_started_again():
    assert values("supportd.service", "StartLimitIntervalSec") == ["0"]
    status, = values("supportd.service", "RestartPreventExitStatus")
    with tempfile.TemporaryDirectory(prefix="supportd-") as directory:
        flawed = Daemon(SUPPORTD, directory, "[nonsense]\n").spawn()
        assert flawed.process.wait(PATIENCE) == int(status)
    with tempfile.TemporaryDirectory(prefix="supportd-") as directory:
        nobody = f'[ledger]\nurl = "host={directory} dbname=supportd"\n'
        away = Daemon(SUPPORTD, directory, nobody).spawn()
        assert away.process.wait(PATIENCE) == 1, away.lines


def test_socket_activation():
    if shutil.which("systemd-socket-activate") is None:
        return "systemd-socket-activate is not installed"
    with tempfile.TemporaryDirectory(prefix="supportd-") as directory:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        control = f"{directory}/activated.sock"
        daemon = Daemon(SUPPORTD, directory, prefix=["systemd-socket-activate", "-l", f"127.0.0.1:{port}", "-l", control,
                                                     "--fdname=http:control", "-E", "NOTIFY_SOCKET"])
        daemon.control = pathlib.Path(control)
        try:
            daemon.spawn()
            daemon.wait_for_line("Listening on " + control)
            # The first connection starts it, and is answered.
            with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
                connection.sendall(b"GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK")
            daemon.manager.wait_for("READY=1")
            daemon.wait_for_line("the service manager's sockets stand in for it", "address=127.0.0.1:0")
            assert daemon.call("POST", "/-/reload") == (200, {"applied": True, "dry_run": False, "flaws": [],
                                                              "changes": [], "jobs": [],
                                                              "due_times": {"count": 0, "first": []}})
            assert daemon.end() == 0
            assert pathlib.Path(control).exists(), "the manager's socket is not the daemon's to remove"
        finally:
            daemon.kill()
    return None


if __name__ == "__main__":
    sys.exit(run_all(dict(globals())))
