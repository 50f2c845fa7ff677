#!/usr/bin/python3
"""Who may include whom (docs/design.md): include_rules.py SOURCE-DIRECTORY

daemon/<room>: error, result, json, digest <- time <- config, store, http <- run <- outbox <- control <- registry; observe
from any. connectors/<vendor>: roles, daemon/{http,config,time}, the outbox's channel; never another vendor (all AWS
services share connectors/aws), never jobs/. jobs/<slice>: the kernel (tickets, calendar), roles, daemon/*; rules (files
called rules_*, and the kernel's values) no store, http or clock. Only app, builtin, main and ctl see everything."""
import pathlib
import re
import sys

BASE = {"error", "result", "json", "digest", "version"}
DAEMON = {  # room: what it may include besides the base, observe and itself
    "time": set(),
    "observe": {"time"},
    "config": {"time"},
    "store": {"time"},
    "http": {"time"},
    "run": {"time", "config", "store", "http"},
    "outbox": {"time", "config", "store", "http", "run"},
    "control": {"time", "config", "store", "http", "run", "outbox"},
    "registry": {"time", "config", "store", "http", "run", "outbox", "control"},
}
SEE_EVERYTHING = {"app", "builtin", "main", "ctl", "options", "reload", "reviews", "sections", "service", "signals", "sender_pulse"}
KERNEL = {"tickets", "calendar"}
SLICE_OF_VENDOR = {"aws_cases": {"aws", "aws_support"}}
PURE = re.compile(r"(^|/)rules_|jobs/tickets/(values|ticket|text)\.|jobs/desk_sync/(mapping|marker)\.")
PURE_MAY = {"daemon/error.hpp", "daemon/result.hpp", "daemon/json.hpp", "daemon/digest.hpp", "daemon/time/instant.hpp",
            "daemon/time/zone.hpp", "daemon/store/cell.hpp", "daemon/config/section.hpp", "connectors/desk.hpp"}


def room(path):
    parts = path.split("/")
    return parts[1].split(".")[0] if len(parts) == 2 else parts[1]


def daemon_may(me, other):
    mine, its = room(me), room(other)
    if mine in SEE_EVERYTHING or mine == its or its in BASE or its == "observe":
        return True
    return its in DAEMON.get(mine, set())


def connector_may(me, other):
    if other.startswith("jobs/"):
        return False
    if other.startswith("connectors/"):
        mine, its = room(me), room(other)
        shared = its == "aws" and mine.startswith("aws")
        return other.count("/") == 1 or mine == its or shared
    return room(other) in BASE | {"http", "config", "time", "observe"} or other == "daemon/outbox/channel.hpp"


def slice_may(me, other):
    if other.startswith("daemon/"):
        return room(other) not in SEE_EVERYTHING
    mine, its = room(me), room(other)
    if other.startswith("jobs/"):
        return mine == its or its in KERNEL
    return other.count("/") == 1 or its in SLICE_OF_VENDOR.get(mine, set())


def allowed(me, other):
    if PURE.search(me) and not other.startswith(me.rsplit("/", 1)[0] + "/"):
        # The config header is for the table of a rule's own settings.
        if other not in PURE_MAY and not other.startswith("jobs/tickets/"):
            return False
    if me.startswith("daemon/"):
        if room(me) in SEE_EVERYTHING:
            return True
        return other.startswith("daemon/") and daemon_may(me, other)
    if me.startswith("connectors/"):
        return connector_may(me, other)
    return slice_may(me, other)


def main():
    root = pathlib.Path(sys.argv[1])
    seen, wrong = 0, []
    for top in ("daemon", "connectors", "jobs"):
        for file in sorted(root.joinpath(top).rglob("*.?pp")):
            me = str(file.relative_to(root))
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                found = re.match(r'#include "((?:daemon|connectors|jobs|tests)/[^"]+)"', line)
                if not found:
                    continue
                seen += 1
                if not allowed(me, found[1]):
                    wrong.append(f"{me}:{number}: must not include {found[1]}")
    print("\n".join(wrong) if wrong else f"{seen} includes, all allowed")
    return 1 if wrong or seen < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
