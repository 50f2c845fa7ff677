#!/usr/bin/python3
"""sla_test.py SUPPORTD SUPPORTCTL: service levels of a living daemon, as people ask about them."""
import datetime
import json
import pathlib
import re
import sys
import time

from process import ctl, programs, run_all, supportd
from tickets import HOUR, add_ticket

SUPPORTD, SUPPORTCTL = programs()
SOURCE = pathlib.Path(__file__).resolve().parents[2]
QUIET = '[jobs.housekeeping]\nschedule = "@yearly"\n'
ALWAYS = '[calendar.hours.always]\nzone = "Asia/Seoul"\nweek = { mon-sun = "00:00-24:00" }\n'


def promises(first_reply, resolution="30d"):
    return QUIET + ALWAYS + f"""
[[sla.policy]]
name = "standard"
rank = 10
calendar = "always"
first_reply = {{ any = "{first_reply}" }}
resolution = {{ any = "{resolution}" }}
"""


def with_tickets(daemon):
    daemon.start()
    daemon.end()
    now = int(time.time() * 1000)
    add_ticket(daemon, 1, now - 3 * HOUR)
    add_ticket(daemon, 2, now - 3 * HOUR, replied_after=0.5)
    add_ticket(daemon, 3, now - HOUR)
    daemon.write(promises("2h"))
    daemon.start()
    # It runs by itself, too; whoever comes second finds nothing to do.
    ctl(SUPPORTCTL, daemon, "run", "sla_reevaluate", "--wait")


def test_what_is_due_and_why():
    with supportd(SUPPORTD, QUIET) as daemon:
        with_tickets(daemon)
        due = json.loads(ctl(SUPPORTCTL, daemon, "sla", "due", "--json"))["due"]
        first = [(one["ticket"], one["metric"], one["overdue"]) for one in due[:2]]
        assert first == [(1, "first_reply", True), (3, "first_reply", False)], due
        assert due[0]["left_seconds"] < -3500 and due[0]["percent"] >= 150, due[0]
        shown = ctl(SUPPORTCTL, daemon, "sla", "due", "--limit", "1").splitlines()
        assert len(shown) == 2 and " over " in shown[1] and " overdue " in shown[1], shown
        at_risk = json.loads(ctl(SUPPORTCTL, daemon, "sla", "due", "--at-risk", "--json"))["due"]
        assert [(one["ticket"], one["metric"]) for one in at_risk] == [(1, "first_reply")], at_risk
        explained = ctl(SUPPORTCTL, daemon, "sla", "explain", "1")
        for text in ("ticket 1: VPN", "missed at", "KST", "2h of always, policy standard", "standard, version 1",
                     "100 % of 2h", "measured, without a target: --all shows them"):
            assert text in explained, (text, explained)
        assert "agent_work" in ctl(SUPPORTCTL, daemon, "sla", "explain", "1", "--all")
        clocks = json.loads(ctl(SUPPORTCTL, daemon, "sla", "explain", "2", "--json"))["clocks"]
        reply = next(clock for clock in clocks if clock["metric"] == "first_reply")
        assert reply["state"] == "fulfilled" and not reply["missed"] and reply["used_seconds"] == 1800, reply
        assert "no ticket 99" in ctl(SUPPORTCTL, daemon, "sla", "explain", "99", code=1)
        ctl(SUPPORTCTL, daemon, "sla", "due", "--limit", "0", code=2)
        assert "3 tickets compared, 0 differences" in ctl(SUPPORTCTL, daemon, "run", "sla_audit", "--wait")


def test_other_policies_and_calendars_are_tried():
    with supportd(SUPPORTD, QUIET) as daemon:
        with_tickets(daemon)
        stricter = daemon.directory / "stricter.toml"
        stricter.write_text(promises("15m"))
        told = json.loads(ctl(SUPPORTCTL, daemon, "sla", "simulate", "--policy", str(stricter), "--json"))
        row = next(row for row in told["rows"] if row["metric"] == "first_reply")
        assert row["before"] == {"clocks": 3, "kept": 1, "missed": 1}, row
        assert row["after"] == {"clocks": 3, "kept": 0, "missed": 3} and row["gained"] == 2, row
        assert told["gained"] == [2, 3] and told["lost"] == [], told
        shown = ctl(SUPPORTCTL, daemon, "sla", "simulate", "--policy", str(stricter))
        assert "tickets that would miss more: 2, 3" in shown and "nothing was written" in shown, shown
        long_ago = ["--from", "2001-01-01T00:00:00Z", "--to", "2001-02-01T00:00:00Z"]
        assert "no clock" in ctl(SUPPORTCTL, daemon, "sla", "simulate", "--policy", str(stricter), *long_ago)
        ctl(SUPPORTCTL, daemon, "sla", "simulate", "--policy", str(stricter), "--from", "yesterday", code=2)
        backwards = ["--from", "2001-02-01T00:00:00Z", "--to", "2001-01-01T00:00:00Z"]
        said = ctl(SUPPORTCTL, daemon, "sla", "simulate", "--policy", str(stricter), *backwards, code=2)
        assert "--to is before --from" in said, said
        ctl(SUPPORTCTL, daemon, "sla", "simulate", code=2)
        # Policies alone are tried on the daemon's own calendars.
        stricter.write_text(promises("15m").replace(ALWAYS, ""))
        on_ours = json.loads(ctl(SUPPORTCTL, daemon, "sla", "simulate", "--policy", str(stricter), "--json"))
        assert on_ours["gained"] == [2, 3], on_ours
        stricter.write_text(promises("soon"))
        assert "first_reply" in ctl(SUPPORTCTL, daemon, "sla", "simulate", "--policy", str(stricter), code=3)
        # The configuration's word on a calendar holds beside another file as it does beside its own.
        week = 'zone = "Asia/Seoul"\n[week]\nmon-sun = "%s"\n'
        (daemon.directory / "always.toml").write_text(week % "00:00-24:00")
        soon = datetime.date.today() + datetime.timedelta(days=9)
        daemon.write(promises("2h").replace(ALWAYS, f'[calendar]\ndirectory = "{daemon.directory}"\n'
                                                    f'[calendar.hours.always]\ndays = {{ {soon} = "closed" }}\n'))
        ctl(SUPPORTCTL, daemon, "reload")
        ctl(SUPPORTCTL, daemon, "run", "sla_reevaluate", "--wait")
        calendar = daemon.directory / "new.toml"
        calendar.write_text(week % "00:00-24:00")
        moved = json.loads(ctl(SUPPORTCTL, daemon, "calendar", "diff", "always", "--file", str(calendar), "--json"))
        assert moved["tickets"] == 3 and moved["moved"] == [], moved
        calendar.write_text(week % "00:00-12:00, 13:00-24:00")
        moved = json.loads(ctl(SUPPORTCTL, daemon, "calendar", "diff", "always", "--file", str(calendar), "--json"))
        assert moved["tickets"] == 3 and {one["metric"] for one in moved["moved"]} >= {"resolution"}, moved
        shown = ctl(SUPPORTCTL, daemon, "calendar", "diff", "always", "--file", str(calendar))
        assert " later" in shown and "nothing was changed" in shown, shown
        assert "no policy in force" in ctl(SUPPORTCTL, daemon, "calendar", "diff", "other", "--file", str(calendar), code=1)
        ctl(SUPPORTCTL, daemon, "calendar", "diff", "always", code=2)


def test_a_changed_policy_moves_what_is_open():
    with supportd(SUPPORTD, QUIET) as daemon:
        with_tickets(daemon)
        daemon.write(promises("150m"))
        plan = json.loads(ctl(SUPPORTCTL, daemon, "reload", "--dry-run", "--json"))
        assert "threshold of ticket 3" in json.dumps(plan), plan
        ctl(SUPPORTCTL, daemon, "reload")
        ctl(SUPPORTCTL, daemon, "run", "sla_reevaluate", "--wait")
        due = json.loads(ctl(SUPPORTCTL, daemon, "sla", "due", "--json"))["due"]
        left = next(one for one in due if one["ticket"] == 3 and one["metric"] == "first_reply")["left_seconds"]
        assert 5000 < left <= 5400, left
        assert "0 differences" in ctl(SUPPORTCTL, daemon, "run", "sla_audit", "--wait")
        metrics = daemon.call("GET", "/metrics", control=False)[1]
        assert "supportd_sla_rules_version 2" in metrics and 'supportd_sla_audit_wrong_total{what="row"} 0' in metrics


def without_times_of_this_run(text):
    """An explanation but for when it was asked for, and when thresholds were recorded."""
    out, recorded = [], False
    for line in text.splitlines():
        recorded = line.startswith("  reached") or (recorded and line.startswith("  "))
        cells = re.split(r" {2,}", line.strip())
        out.append(cells[:2] + cells[3:] if recorded else [] if line.startswith("as of:") else cells)
    return out


def test_the_explanation_in_the_docs():
    shown = re.search(r"^```\n\$ supportctl sla explain 1\n(.*?)^```$", (SOURCE / "docs/sla.md").read_text(),
                      re.DOTALL | re.MULTILINE).group(1)
    with supportd(SUPPORTD, QUIET) as daemon:
        daemon.start()
        daemon.end()
        wednesday = datetime.datetime(2026, 11, 25, 20, tzinfo=datetime.timezone.utc)
        add_ticket(daemon, 1, int(wednesday.timestamp() * 1000), replied_after=44)
        daemon.write(QUIET + f"""
[calendar]
directory = "{SOURCE}/etc/calendars"
[[sla.policy]]
name = "business"
rank = 10
calendar = "us-business"
first_reply = {{ any = "3h" }}
""")
        daemon.start()
        ctl(SUPPORTCTL, daemon, "run", "sla_reevaluate", "--wait")
        printed = ctl(SUPPORTCTL, daemon, "sla", "explain", "1")
    assert without_times_of_this_run(printed) == without_times_of_this_run(shown), printed


if __name__ == "__main__":
    sys.exit(run_all(dict(globals())))
