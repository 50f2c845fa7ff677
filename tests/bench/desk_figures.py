"""The figures of help desks kept in step."""
import json
import math
import os
import statistics
import subprocess
import sys

from measure import free_port, median_ratio, row

LARGEST = 1_000_000
HOPELESS = 15  # CPU seconds of a cycle, beyond which larger ledgers are left alone


def percentile(samples, percent):
    if not samples:
        return math.inf
    return sorted(samples)[max(math.ceil(percent / 100 * len(samples)), 1) - 1]


def incremental(shop, tickets=1000):
    """A page of Zendesk's incremental export, parsed and brought into a ledger, against a tap in Python."""
    parse, ours, taps = [], {}, {}
    for _ in range(shop.rounds):
        out = shop.run_json([shop.program("bench_incremental_page"), "--tickets", str(tickets), "--rounds", "1",
                             "--directory", str(shop.scratch)])
        tap = shop.run_json([sys.executable, str(shop.bench / "incremental_tap.py"), str(shop.scratch)])
        parse.append((out["parse_cpu"][0], tap["parse_cpu"]))
        for pass_ in ("first", "again"):
            taps.setdefault(pass_, []).append(tap[pass_ + "_cpu"])
            for how in ("", "_alone"):
                ours.setdefault(pass_ + how, []).append(out[f"{pass_}{how}_cpu"][0])
    mine, peer = (statistics.median(side) for side in zip(*parse))
    size = f"{out['page_bytes'][0] / 1e6:.1f} MB"
    rows = [row(f"incremental page of {tickets:,} ({size}), parsed and mapped, CPU", f"{mine * 1e3:.1f} ms",
                f"{peer * 1e3:.1f} ms Python", mine / peer, "< 20 ms", mine < 0.020)]
    for pass_, name in (("first", "all new"), ("again", "all changed")):
        for how, what in (("", f"{int(out[pass_ + '_reads'][0]):,} reads"), ("_alone", "the page alone, one commit")):
            side = ours[pass_ + how]
            ratio = median_ratio(side, taps[pass_])
            rows.append(row(f"... to the ledger, {name}, {what}, CPU", f"{statistics.median(side) * 1e3:.0f} ms",
                            f"{statistics.median(taps[pass_]) * 1e3:.0f} ms Python", ratio, "<= 0.5x", ratio <= 0.5))
    fake = statistics.median(out["first_fake_cpu"] + out["again_fake_cpu"])
    print(f"incremental: rows of ours {counted(out)}; of the tap {counted(tap)}; taken off for the fake "
          f"{fake * 1e3:.0f} ms", file=sys.stderr)
    return rows


def counted(out):
    value = lambda given: int(given[0] if isinstance(given, list) else given)
    return ", ".join(f"{name[5:]} {value(given)}" for name, given in out.items() if name.startswith("rows_"))


def cycle(shop, sizes=(10_000, 100_000, LARGEST), changed=1000):
    """A cycle of changes in ledgers of growing size; the simulated desks' own CPU is taken off."""
    rows, cpu = [], {}
    for size in sizes:
        if cpu and max(cpu.values()) > HOPELESS:
            rows.append(row(f"cycle of {changed:,} changes, {size:,} tickets, CPU", "not tried: see above", "-", None,
                            "< 5 s", False))
            continue
        out = shop.run_json([shop.program("bench_cycle"), "--tickets", str(size), "--changed", str(changed),
                             "--rounds", str(shop.rounds)], timeout=7200, env={**os.environ, "TMPDIR": str(shop.scratch)})
        pull, send = statistics.median(out["pull_cpu"]), statistics.median(out["send_cpu"])
        cpu[size], peak = pull + send, max(out["peak_rss_mib"])
        print(f"cycle: {size:,} tickets, ledger of {out['ledger_mib'][0]:,.0f} MiB filled in "
              f"{out['filled_seconds'][0]:.0f} s, {int(out['calls'][0]):,} calls, taken off for the fakes "
              f"{statistics.median(out['fake_cpu']):.2f} s", file=sys.stderr)
        rows.append(row(f"cycle of {changed:,} changes, {size:,} tickets, CPU",
                        f"{cpu[size]:.2f} s ({pull:.2f} read, {send:.2f} sent)", "-", None, "< 5 s", cpu[size] < 5))
        rows.append(row("... its peak RSS, with the fakes", f"{peak:.0f} MiB", "-", None, "< 200 MiB", peak < 200))
    least = min(sizes)
    for size in cpu:
        if size == least:
            continue
        ratio, log = cpu[size] / cpu[least], math.log(size) / math.log(least)
        rows.append(row(f"... of {size:,} tickets to {least:,}", f"{cpu[size]:.2f} s", f"{cpu[least]:.2f} s", ratio,
                        f"<= {log:.2f}x (log)", ratio <= log))
    return rows


class Desks:
    """Both simulated desks and a daemon between them, until what people do there is done."""

    def __init__(self, shop, *options):
        self.shop = shop
        self.command = [shop.program("bench_webhooks"), *(str(option) for option in options)]

    def secret(self, name, text):
        path = self.shop.scratch / name
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            out.write(text + "\n")
        return f'{{ file = "{path}" }}'

    def configuration(self, about):
        return (f'[freshdesk.main]\nbase_url = "{about["freshdesk"]}"\n'
                f'api_key = {self.secret("freshdesk-key", about["freshdesk_key"])}\n'
                f'webhook_secret = {self.secret("freshdesk-webhook", about["freshdesk_secret"])}\n'
                f'[zendesk.main]\nbase_url = "{about["zendesk"]}"\nemail = "{about["zendesk_mail"]}"\n'
                f'api_token = {self.secret("zendesk-token", about["zendesk_token"])}\n'
                f'webhook_secret = {self.secret("zendesk-webhook", about["zendesk_secret"])}\n'
                '[desk_sync.zendesk.main]\ncounterpart = "all"\n')

    def measure(self):
        desks = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            more = self.configuration(json.loads(desks.stdout.readline()))
            port = free_port()
            with self.shop.supportd(self.shop.scratch / f"desks-{port}.db", port=port, more=more):
                out, _ = desks.communicate(f"http://127.0.0.1:{port}\n", timeout=1800)
            if desks.returncode != 0:
                raise subprocess.CalledProcessError(desks.returncode, self.command)
            return json.loads(out)
        finally:
            desks.kill()
            desks.wait()


def calls_of(out, phase, desk):
    """Reads of pages, other reads and writes at a desk, and what each was."""
    prefix = f"{phase} {desk} "
    calls = {name[len(prefix):]: int(times[0]) for name, times in out.items() if name.startswith(prefix)}
    pages = ("GET /tickets", "GET /incremental/tickets/cursor")
    listed = sum(times for name, times in calls.items() if name in pages)
    reads = sum(times for name, times in calls.items() if name.startswith("GET ")) - listed
    writes = sum(times for name, times in calls.items() if name.split()[0] in ("POST", "PUT", "DELETE"))
    return listed, reads, writes, calls


def webhook(shop, changes=90, seconds=60, quiet=75, tickets=40, list_lag=1000):
    """From a desk's webhook to the write at the other desk, by the real daemon over HTTP; calls by the desks' count."""
    out = Desks(shop, "--changes", changes, "--seconds", seconds, "--quiet", quiet, "--tickets", tickets, "--list-lag",
                list_lag).measure()
    rows = []
    for phase, source, target in (("to_zendesk", "freshdesk", "zendesk"), ("to_freshdesk", "zendesk", "freshdesk")):
        kinds = {kind: out[f"{phase} {kind}_ms"] for kind in ("comment", "field")}
        late, lost = sum(kinds.values(), []), int(out[phase + " lost"][0])
        p99 = percentile(late, 99)
        rows.append(row(f"webhook of {source} to the write at {target}, {changes} in {seconds} s, p99",
                        f"{p99:.0f} ms (p50 {percentile(late, 50):.0f} ms, {lost} lost)", "-", None, "< 2 s",
                        p99 < 2000 and lost == 0))
        for kind, samples in kinds.items():
            print(f"webhook: {phase} {kind}: p50 {percentile(samples, 50):.0f} ms, p99 {percentile(samples, 99):.0f} "
                  f"ms of {len(samples)}", file=sys.stderr)
        for desk, most_writes in ((source, 0), (target, 1)):
            listed, reads, writes, calls = calls_of(out, phase, desk)
            others = calls["of unchanged tickets"]
            rows.append(row(f"... calls at {desk} a change", f"{reads / changes:.2f} reads, {writes / changes:.2f} "
                            f"writes ({listed} pages, {calls['throttled']} throttled)", "-", None,
                            f"<= 1.2 reads, {most_writes} write", reads <= 1.2 * changes and
                            writes <= most_writes * changes))
            rows.append(row(f"... reads of unchanged tickets at {desk}", str(others), "-", None, "0", others == 0))
            print(f"webhook: {phase} at {desk}: " + ", ".join(f"{name} {times}" for name, times in calls.items()),
                  file=sys.stderr)
    return rows
