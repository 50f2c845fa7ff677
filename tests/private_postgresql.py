#!/usr/bin/python3
"""Starts or stops a PostgreSQL of the tests' own: private_postgresql.py start|stop DIRECTORY

It listens on a Unix socket in DIRECTORY only. As root it runs as the user postgres. Exit code 77: not installed."""
import glob
import os
import shutil
import subprocess
import sys

QUICK = "\nlisten_addresses=''\nfsync=off\nfull_page_writes=off\nsynchronous_commit=off\nmax_connections=100\n"


def main():
    action, directory = sys.argv[1], sys.argv[2]
    programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    if not programs:
        print("skipped: PostgreSQL is not installed")
        return 77
    as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.getuid() == 0 else []

    def run(*command):
        subprocess.run([*as_postgres, f"{programs[-1]}/{command[0]}", *command[1:]], check=True, cwd="/",
                       stdout=subprocess.DEVNULL)

    data = f"{directory}/data"
    if action == "stop":
        run("pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(directory)
        return 0
    if os.path.exists(f"{data}/postmaster.pid"):
        subprocess.run([*as_postgres, f"{programs[-1]}/pg_ctl", "-D", data, "-m", "immediate", "stop"], cwd="/",
                       check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    shutil.rmtree(directory, ignore_errors=True)
    os.makedirs(directory)
    if as_postgres:
        shutil.chown(directory, "postgres", "postgres")
    run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
    with open(f"{data}/postgresql.conf", "a") as configuration:
        configuration.write(QUICK + f"unix_socket_directories='{directory}'\n")
    run("pg_ctl", "-D", data, "-w", "-l", f"{directory}/log", "start")
    return 0


if __name__ == "__main__":
    sys.exit(main())
