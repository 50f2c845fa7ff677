"""Tickets put into a ledger that no daemon has open."""
import json
import sqlite3

HOUR = 3600 * 1000  # ms


def add_ticket(daemon, number, opened, replied_after=None):
    """As a desk's sync would have left it; `replied_after` hours."""
    words = [("customer", opened)]
    if replied_after is not None:
        words.append(("agent", opened + int(replied_after * HOUR)))
    with sqlite3.connect(daemon.state / "ledger.db") as ledger:
        events = [("created", opened, '{"value":"VPN"}')]
        for i, (author, at) in enumerate(words):
            message = number * 10 + i
            ledger.execute(
                "INSERT INTO message (id, ticket, identity, origin, author, author_name, author_id, visibility, created_at, "
                "content, hash, normaliser, edits, ours) VALUES (?, ?, ?, 'desk:a', ?, '', '', 'public', ?, 0, '', 'n1', 0, 0)",
                (message, number, f"m{message}", author, at))
            events.append(("commented", at, json.dumps({"message": message})))
        for seq, (kind, at, data) in enumerate(events, 1):
            ledger.execute(
                "INSERT INTO ticket_event (ticket, seq, kind, effective, recorded, clamped, origin, actor, identity, data) "
                "VALUES (?, ?, ?, ?, ?, 0, 'desk:a', '', ?, ?)", (number, seq, kind, at, at, f"e{number}.{seq}", data))
        ledger.execute(
            "INSERT INTO ticket (id, seq, created_at, updated_at, origin, subject, type, team, category, product_area, "
            "severity, status, priority, tags, fields, deleted) VALUES (?, ?, ?, ?, 'desk:a', 'VPN', '', '', '', '', '', "
            "'new', 'high', '[]', '{}', 0)", (number, len(events), opened, opened))
