#!/usr/bin/python3
"""install_test.py CMAKE BUILD SOURCE: what an installation puts where, and on which distributions .ci/install installs."""
import os
import pathlib
import subprocess
import sys
import tempfile

from process import run_all

CMAKE, BUILD, SOURCE = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])


def test_an_edited_configuration_stays():
    with tempfile.TemporaryDirectory() as root:
        def install():
            subprocess.run([CMAKE, "--install", BUILD], check=True, capture_output=True, env=dict(os.environ, DESTDIR=root))
        install()
        configured, = pathlib.Path(root).rglob("etc/supportd/supportd.toml")
        shipped, = pathlib.Path(root).rglob("share/supportd/supportd.toml")
        original = (SOURCE / "etc/supportd.toml").read_bytes()
        assert configured.read_bytes() == original
        configured.write_text("# mine\n")
        shipped.write_text("# of the version before\n")
        install()
        assert configured.read_text() == "# mine\n"
        assert shipped.read_bytes() == original


def installs_on(os_release):
    """Whether .ci/install sets to work there; every package is installed already."""
    with tempfile.TemporaryDirectory() as directory:
        here = pathlib.Path(directory)
        (here / "os-release").write_text(os_release)
        (here / "install").write_text((SOURCE / ".ci/install").read_text().replace("/etc/os-release", str(here / "os-release")))
        (here / "dpkg-query").write_text("#!/bin/sh\nprintf installed\n")
        (here / "dpkg-query").chmod(0o755)
        done = subprocess.run(["bash", here / "install", "build"], capture_output=True, text=True, check=False,
                              env=dict(os.environ, PATH=f"{here}:{os.environ['PATH']}"))
        assert (done.returncode == 0) != ("libsoci-dev" in done.stderr), done.stderr
        return done.returncode == 0


def test_ci_install_knows_its_distributions():
    assert installs_on('ID=debian\nVERSION_ID="12"\n')
    assert installs_on("ID=debian\n"), "testing has no number"
    assert installs_on('ID=raspbian\nID_LIKE=debian\nVERSION_ID="12"\n')
    assert not installs_on('ID=debian\nVERSION_ID="11"\n')
    assert not installs_on('ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\n')
    assert not installs_on('ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_ID="22"\n')
    assert not installs_on("ID=fedora\nVERSION_ID=40\n")


if __name__ == "__main__":
    sys.exit(run_all(dict(globals())))
