#!/usr/bin/python3
"""A plain tap in Python, for comparison: incremental_tap.py DIRECTORY

Reads first.json and again.json, two pages of Zendesk's incremental export, maps each ticket, and upserts ticket, event
and link rows into a copy of empty.db, a ledger's own tables with its pragmas: executemany, one transaction a page. An
event for each value that is not what the last page said, as the ledger has them. Prints CPU seconds and rows."""
import datetime
import json
import pathlib
import shutil
import sqlite3
import sys
import time

SYSTEM = "zendesk:main"
SCALARS = ("subject", "status", "priority", "type", "requester", "organisation", "assignee", "group")


def millis(text):
    return int(datetime.datetime.fromisoformat(text).timestamp() * 1000)


def text(value):
    return "" if value is None else str(value)


def map_row(row):
    return {"id": str(row["id"]), "subject": row["subject"], "status": row["status"], "priority": text(row["priority"]),
            "type": text(row["type"]), "requester": text(row["requester_id"]),
            "organisation": text(row["organization_id"]), "assignee": text(row["assignee_id"]),
            "group": text(row["group_id"]), "external_id": text(row["external_id"]), "tags": sorted(row["tags"]),
            "fields": {str(one["id"]): str(one["value"]) for one in row["custom_fields"] if one["value"] is not None},
            "description": text(row["description"]), "created": millis(row["created_at"]),
            "updated": millis(row["updated_at"])}


def parse(page):
    return [map_row(row) for row in json.loads(page)["tickets"]]


def changes(before, now):
    """Kind and data of each event that leads from one to the other."""
    for name in SCALARS:
        if now[name] != before.get(name, ""):
            yield name, {"value": now[name]}
    old, new = set(before.get("tags", ())), set(now["tags"])
    if old != new:
        yield "tags", {"added": sorted(new - old), "removed": sorted(old - new)}
    fields, known = now["fields"], before.get("fields", {})
    for name in fields.keys() | known.keys():
        if fields.get(name, "") != known.get(name, ""):
            yield "field", {"name": name, "value": fields.get(name, "")}


def known_links(sql, rows):
    """By remote id: ticket, seq, what was last agreed."""
    marks = ",".join("?" * len(rows))
    found = sql.execute(f"SELECT l.remote_id, l.ticket, t.seq, l.agreed FROM link l JOIN ticket t ON t.id = l.ticket "
                        f"WHERE l.system = ? AND l.remote_id IN ({marks})", [SYSTEM, *(row["id"] for row in rows)])
    return {remote: (ticket, seq, json.loads(agreed)) for remote, ticket, seq, agreed in found}


def load(sql, page):
    rows = parse(page)
    now = int(time.time() * 1000)
    with sql:
        known = known_links(sql, rows)
        last = sql.execute("SELECT coalesce(max(id), 0) FROM ticket").fetchone()[0]
        tickets, events, links = [], [], []
        for row in rows:
            remote, updated = row["id"], row["updated"]
            if remote in known:
                ticket, seq, before = known[remote]
            else:
                last += 1
                ticket, seq, before = last, 1, {"subject": row["subject"]}
                events.append((ticket, 1, "created", row["created"], now, SYSTEM, f"{SYSTEM}:{remote}:created",
                               json.dumps({"value": row["subject"]}, ensure_ascii=False)))
            for kind, data in changes(before, row):
                seq += 1
                events.append((ticket, seq, kind, updated, now, SYSTEM,
                               f"{SYSTEM}:{remote}:{kind}:{data.get('name', '')}:{updated}",
                               json.dumps(data, ensure_ascii=False)))
            tickets.append((ticket, seq, row["created"], updated, SYSTEM, row["subject"], row["type"], row["group"],
                            row["status"], row["priority"], row["requester"] or None, row["assignee"] or None,
                            row["organisation"] or None, json.dumps(row["tags"]),
                            json.dumps(row["fields"], ensure_ascii=False)))
            agreed = {name: row[name] for name in (*SCALARS, "tags", "fields")}
            links.append((SYSTEM, remote, ticket, json.dumps(agreed, ensure_ascii=False), updated))
        sql.executemany(
            "INSERT INTO ticket (id, seq, created_at, updated_at, origin, subject, type, team, category, product_area, "
            "severity, status, priority, requester, assignee, organisation, tags, fields, deleted) VALUES "
            "(?,?,?,?,?,?,?,?,'','','',?,?,?,?,?,?,?,0) ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, updated_at = "
            "excluded.updated_at, subject = excluded.subject, type = excluded.type, team = excluded.team, status = "
            "excluded.status, priority = excluded.priority, requester = excluded.requester, assignee = "
            "excluded.assignee, organisation = excluded.organisation, tags = excluded.tags, fields = excluded.fields",
            tickets)
        sql.executemany(
            "INSERT INTO ticket_event (ticket, seq, kind, effective, recorded, clamped, origin, actor, identity, data) "
            "VALUES (?,?,?,?,?,0,?,'',?,?) ON CONFLICT (identity) DO NOTHING", events)
        sql.executemany(
            "INSERT INTO link (system, remote_id, ticket, agreed, seen, remote_updated, state) VALUES "
            "(?,?,?,?,'',?,'live') ON CONFLICT (system, remote_id) DO UPDATE SET agreed = excluded.agreed, "
            "remote_updated = excluded.remote_updated, state = excluded.state", links)


def timed(work, *arguments):
    begun = time.process_time()
    work(*arguments)
    return time.process_time() - begun


def main():
    home = pathlib.Path(sys.argv[1])
    first, again = ((home / name).read_bytes() for name in ("first.json", "again.json"))
    for leftover in home.glob("tap.db*"):
        leftover.unlink()
    shutil.copyfile(home / "empty.db", home / "tap.db")
    sql = sqlite3.connect(home / "tap.db")
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "wal_autocheckpoint=16384",
                   "cache_size=-8192"):
        sql.execute(f"PRAGMA {pragma}")
    out = {"parse_cpu": timed(parse, first), "first_cpu": timed(load, sql, first), "again_cpu": timed(load, sql, again)}
    for table in ("ticket", "ticket_event", "link"):
        out["rows_" + table] = sql.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    sql.close()
    print(json.dumps(out))


if __name__ == "__main__":
    main()
