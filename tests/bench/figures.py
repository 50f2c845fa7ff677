"""The figures, one function each: takes the workshop, gives rows of the table."""
import re
import shutil
import statistics
import subprocess
import time

from desk_figures import cycle, incremental, webhook
from measure import Skip, median_ratio, row

TICKETS = 100_000
IDLE_SECONDS = 60  # a whole minute, since the housekeeping runs once in each


def start(shop):
    """Cold start to READY with a large ledger, against the empty program."""
    ledger = shop.filled_ledger(TICKETS)
    ours, reference = [], []
    for _ in range(max(shop.rounds, 5)):
        with shop.supportd(ledger) as daemon:
            ours.append(daemon.ready_seconds)
        with shop.hello() as hello:
            reference.append(hello.ready_seconds)
    ratio = median_ratio(ours, reference)
    return [row(f"cold start to READY, {TICKETS:,} tickets", f"{statistics.median(ours) * 1e3:.1f} ms",
                f"{statistics.median(reference) * 1e3:.1f} ms empty program", ratio, "<= 5x", ratio <= 5)]


def idle(shop):
    """Memory and CPU with nothing to do, in turns of one process each."""
    ledger = shop.filled_ledger(TICKETS)
    with shop.supportd(ledger) as daemon, shop.hello() as hello:
        time.sleep(5)
        before = daemon.cpu_seconds()
        begun = time.monotonic()
        time.sleep(IDLE_SECONDS)
        share = (daemon.cpu_seconds() - before) / (time.monotonic() - begun)
        ours, reference = daemon.rss_bytes(), hello.rss_bytes()
    ratio = ours / reference
    return [row("idle RSS, that ledger", f"{ours / 2**20:.1f} MiB", f"{reference / 2**20:.1f} MiB empty program", ratio,
                "<= 2x", ratio <= 2),
            row(f"idle CPU over {IDLE_SECONDS} s", f"{share * 100:.3f} %", "-", None, "<= 0.1 %", share <= 0.001)]


def timers(shop):
    """10,000 jobs due within 4 s, by the scheduler and by bare Asio timers."""
    out = shop.run_json([shop.program("bench_timers"), "--jobs", "10000", "--rounds", str(shop.rounds)])
    ours, reference = out["scheduler_p99_us"], out["asio_p99_us"]
    early = int(max(out["scheduler_early"]))
    ratio = median_ratio(ours, reference)
    return [row("10,000 jobs due within 4 s, p99 late", f"{statistics.median(ours) / 1e3:.2f} ms",
                f"{statistics.median(reference) / 1e3:.2f} ms bare Asio", ratio, "<= 2x", ratio <= 2),
            row("... of them early", str(early), "-", None, "0", early == 0)]


def cron(shop):
    """Next fire times a second of CPU time, against croner under node."""
    if not shutil.which("node") or not shutil.which("npm"):
        raise Skip("no node and npm")
    home = shop.scratch / "croner"
    shutil.copytree(shop.bench / "croner", home, ignore=shutil.ignore_patterns("node_modules"))
    done = subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=home, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=120)
    if done.returncode != 0:
        raise Skip("npm could not install croner (no registry?)")
    lines = (shop.bench / "cron_expressions.tsv").read_text()
    ours, reference = [], []
    for _ in range(shop.rounds):
        mine = shop.run_json([shop.program("bench_cron_next"), "--seconds", "1"], input=lines)
        peer = shop.run_json(["node", "next.mjs", "1"], cwd=home, input=lines)
        if mine["ends"] != peer["ends"]:
            raise RuntimeError("the two sides answer differently")
        ours.append(mine["next_per_second"])
        reference.append(peer["next_per_second"])
    ratio = median_ratio(ours, reference)
    return [row("cron next, a second of CPU", f"{statistics.median(ours):,.0f}",
                f"{statistics.median(reference):,.0f} croner", ratio, ">= 100x", ratio >= 100)]


def page(shop):
    """Pages of tickets into an SQLite ledger, against C-API statements that write the same rows."""
    out = shop.run_json([shop.program("bench_page_to_ledger"), "--pages", "20", "--rounds", str(shop.rounds)])
    rows = []
    for what, name in (("rows only", "written"), ("JSON and rows", "parsed_and_written")):
        for clock, suffix in (("wall", ""), ("CPU", "_cpu")):
            ours, reference = out[name + suffix], out["raw" + suffix]
            ratio = median_ratio(ours, reference)
            rows.append(row(f"page to ledger, {what}, {clock}", f"{statistics.median(ours):,.0f} tickets/s",
                            f"{statistics.median(reference):,.0f} C API", ratio, ">= 0.8x", ratio >= 0.8))
    wal = int(out["unchanged_wal_bytes"][0])
    rows.append(row("unchanged page: rows beside the cursor", f"{int(out['unchanged_rows'][0])} ({wal} B of WAL)", "-",
                    None, "0", out["unchanged_rows"][0] == 0))
    return rows


def business_time(shop):
    """Business time on a calendar with 180 holidays in five years."""
    out = shop.run_json([shop.program("bench_business_time"), "--rounds", str(shop.rounds)])
    rows = []
    for name, what, unit, goal in (("build_us", "a calendar with 180 holidays, built", "us", 1000),
                                   ("between_10_days_ns", "between, up to 10 days", "ns", 100),
                                   ("between_a_year_ns", "between, up to a year", "ns", 100),
                                   ("add_10_days_ns", "add, up to 10 days", "ns", 150),
                                   ("add_a_year_ns", "add, up to a year", "ns", 150),
                                   ("a_million_tickets_ms", "a million tickets of three targets, in memory", "ms", 100)):
        seen = statistics.median(out[name])
        rows.append(row(what, f"{seen:.0f} {unit}", "-", None, f"< {goal} {unit}", seen < goal))
    return rows


def sla(shop):
    """Service levels of a million open tickets; with fewer rounds than five, of fifty thousand."""
    out = shop.run_json([shop.program("bench_sla"), "--tickets", "1000000" if shop.rounds >= 5 else "50000"])
    rows = []
    for name, what, unit, goal in (("rebuild_s", "all clocks from events, 8 a ticket", "s", 60),
                                   ("from_ledger_s", "open clocks read from the ledger", "s", 0.5),
                                   ("start_ms", "start with their deadlines in the ledger", "ms", 1000),
                                   ("near_right_s", "a changed policy, where a threshold is near", "s", 5),
                                   ("policy_changed_s", "a changed policy at all open tickets", "s", 60),
                                   ("others_wait_max_ms", "meanwhile, the longest wait of another write", "ms", 100),
                                   ("late_p99_ms", "lateness of thresholds beside bulk ingest, p99", "ms", 50),
                                   ("storm_late_p99_ms", "10,000 thresholds in a second, p99", "ms", 1000)):
        seen = out[name][0]
        rows.append(row(what, f"{seen:.2f} {unit}", "-", None, f"< {goal} {unit}", seen < goal))
    stormy = int(out["storm_thresholds"][0])
    rows.append(row("of those recorded", str(stormy), "10000", None, "all", stormy == 10000))
    return rows


def requests_a_second(port, path, seconds=3):
    out = subprocess.run(["wrk", "-t1", "-c64", f"-d{seconds}s", f"http://127.0.0.1:{port}{path}"], check=True,
                         stdout=subprocess.PIPE, text=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        raise RuntimeError(out)
    return float(re.search(r"Requests/sec:\s*([\d.]+)", out).group(1))


def healthy(shop):
    """GET /-/healthy at 64 connections, against Beast alone; each server is alive only while it is asked."""
    if not shutil.which("wrk"):
        raise Skip("no wrk")
    ours, reference = [], []
    for _ in range(shop.rounds):
        with shop.supportd(shop.scratch / "empty.db") as daemon:
            ours.append(requests_a_second(daemon.port, "/-/healthy"))
        bare = subprocess.Popen([shop.program("bench_bare_server")], stdout=subprocess.PIPE, text=True)
        try:
            reference.append(requests_a_second(int(bare.stdout.readline()), "/"))
        finally:
            bare.kill()
            bare.wait()
    ratio = median_ratio(ours, reference)
    return [row("GET /-/healthy, 64 connections", f"{statistics.median(ours):,.0f} req/s",
                f"{statistics.median(reference):,.0f} bare Beast", ratio, ">= 0.5x", ratio >= 0.5)]


def sweep(shop):
    """A sweep of 10,000 linked cases, 100 of them changed; the simulated AWS's own CPU is taken off."""
    out = shop.run_json([shop.program("bench_sweep"), "--rounds", str(shop.rounds)])
    calls, cpu = int(max(out["calls"])), statistics.median(out["cpu_seconds"])
    return [row("sweep of 10,000 cases, 100 changed: calls", str(calls), "-", None, "<= 200", calls <= 200),
            row("... its CPU", f"{cpu:.2f} s", f"{statistics.median(out['cpu_seconds_unchanged']):.2f} s none changed",
                None, "< 1 s", cpu < 1)]


FIGURES = {"start": start, "idle": idle, "timers": timers, "cron": cron, "page": page, "healthy": healthy,
           "sweep": sweep, "business_time": business_time, "sla": sla, "incremental": incremental, "cycle": cycle, "webhook": webhook}
