#!/usr/bin/python3
"""The sandbox's own behaviour over HTTP: cuts, held answers, the script, the tally, the signed attachment URLs,
Zendesk and its webhooks."""
import base64
import hashlib
import hmac
import http.client
import http.server
import json
import os
import sys
import tempfile
import threading
import time
import urllib.parse

sys.dont_write_bytecode = True
from sandbox_process import call, sandbox


def freshdesk(about, path, method="GET", body=None):
    key = base64.b64encode((about["freshdesk_key"] + ":X").encode()).decode()
    return call(about["freshdesk"] + "/api/v2/" + path, method, body, {"Authorization": "Basic " + key})


def zendesk(about, path, method="GET", body=None):
    key = base64.b64encode(f"{about['zendesk_mail']}/token:{about['zendesk_token']}".encode()).decode()
    return call(about["zendesk"] + "/api/v2/" + path, method, body, {"Authorization": "Basic " + key})


def act(about, **action):
    return call(about["control"] + "/sandbox/act", "POST", action)


def progress(about):
    return call(about["control"] + "/sandbox/progress")[2]


def tally(about):
    return call(about["control"] + "/sandbox/tally")[2]


def until(condition, what):
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)  # waits for another process; bounded, and never what is asserted
    raise AssertionError(what)


def cuts(about):
    assert act(about, do="customer_opens", ticket="a", mail="ann@northwind.example", subject="s", text="t")[0] == 200
    for action, notes in (("cut_before", 0), ("cut_after", 1), ("cut_after", 2), ("cut_before", 2)):
        assert act(about, do=action, vendor="freshdesk")[0] == 200
        try:
            freshdesk(about, "tickets/1/notes", "POST", {"body": "note"})
            raise AssertionError("an answer came through " + action)
        except (http.client.RemoteDisconnected, ConnectionError):
            pass
        status, _, found = freshdesk(about, "tickets/1/conversations")
        assert status == 200 and len(found) == notes, (action, found)
    counts = progress(about)
    assert counts["cut_before"] == 2 and counts["cut_after"] == 2, counts


def held_answers(about):
    assert call(about["control"] + "/sandbox/hold", "POST", {"writes": 1, "longest_ms": 60000})[0] == 200
    answers = []
    thread = threading.Thread(
        target=lambda: answers.append(freshdesk(about, "tickets/1/notes", "POST", {"body": "held"})[0]))
    thread.start()
    until(lambda: progress(about)["holding"] == 1, "the answer is not held")
    assert len(freshdesk(about, "tickets/1/conversations")[2]) == 3 and not answers  # it took effect all the same
    assert call(about["control"] + "/sandbox/release", "POST", {})[0] == 200
    thread.join()
    assert answers == [201]


def storms(about):
    assert act(about, do="storm", vendor="freshdesk", **{"for": "24h"})[0] == 200
    status, headers, _ = freshdesk(about, "tickets")
    assert status == 429 and int(headers["Retry-After"]) > 0
    assert act(about, do="storm", vendor="freshdesk", **{"for": "0s"})[0] == 200
    assert freshdesk(about, "tickets")[0] == 200


def files(about):
    act(about, do="agent_notes", ticket="a", text="see", files=[{"name": "보고서.log", "size": 3000}])
    note = freshdesk(about, "tickets/1/conversations")[2][-1]
    file = note["attachments"][0]
    assert file["name"] == "보고서.log" and urllib.parse.urlsplit(file["attachment_url"]).port
    assert not file["attachment_url"].startswith(about["freshdesk"])
    status, _, body = call(file["attachment_url"])
    assert status == 200 and len(body) == 3000
    assert call(file["attachment_url"] + "0")[0] == 403
    assert call(file["attachment_url"], headers={"Authorization": "Basic x"})[0] == 400


def refusals(about):
    assert act(about, do="dance", ticket="a")[0] == 400
    assert act(about, do="engineer_answers", ticket="a", text="x")[0] == 409  # there is no case yet
    assert act(about, do="agent_notes", ticket="nobody", text="x")[0] == 400
    assert call(about["control"] + "/sandbox/act", "POST", b"{")[0] == 400
    assert call(about["control"] + "/nothing")[0] == 404
    assert call(about["freshdesk"] + "/api/v2/agents/me")[0] == 401
    nul = {"subject": "a\0b", "description": "d", "email": "kim@hanbit.example", "status": 2, "priority": 1}
    assert freshdesk(about, "tickets", "POST", nul)[0] == 400
    assert zendesk(about, "tickets", "POST", {"ticket": {"subject": "a\0b", "comment": {"body": "d"}}})[0] == 400


def chunked_and_continue(about):
    host = urllib.parse.urlsplit(about["control"]).netloc
    connection = http.client.HTTPConnection(host)
    for _ in range(2):  # on one kept connection
        connection.request("POST", "/sandbox/hold", iter([b'{"writes"', b":0}"]), {"Expect": "100-continue"},
                           encode_chunked=False)
        answer = connection.getresponse()
        assert answer.status == 200, answer.status
        answer.read()
    connection.close()


def on_zendesk(about):
    for action in (
        dict(do="zendesk_customer_opens", ticket="a", mail="ann@northwind.example", subject="s", text="t", mark=True,
             files=[{"name": "보고서.log", "size": 3000}]),
        dict(do="zendesk_agent_notes", ticket="a", text="inside"),
        dict(do="zendesk_agent_sets", ticket="a", priority="high", assign=True),
        dict(do="zendesk_agent_solves", ticket="a"),
        dict(do="zendesk_customer_replies", ticket="a", text="not yet"),
    ):
        assert act(about, **action)[0] == 200, action
    ticket = zendesk(about, "tickets/1")[2]["ticket"]
    assert ticket["status"] == "open" and ticket["tags"] == ["aws-support"] and ticket["priority"] == "high", ticket
    assert ticket["url"].startswith(about["zendesk"])
    comments = zendesk(about, "tickets/1/comments?page%5Bsize%5D=2")[2]
    assert [said["public"] for said in comments["comments"]] == [True, False]
    assert comments["links"]["next"].startswith(about["zendesk"])
    file = comments["comments"][0]["attachments"][0]["content_url"]
    assert file.startswith(about["zendesk_files"])
    assert len(call(file)[2]) == 3000 and call(file, headers={"Authorization": "Basic x"})[0] == 400
    for action, comments in (("cut_before", 3), ("cut_after", 4)):
        assert act(about, do=action, vendor="zendesk")[0] == 200
        try:
            zendesk(about, "tickets/1", "PUT", {"ticket": {"comment": {"body": "b", "public": False}}})
            raise AssertionError("an answer came through " + action)
        except (http.client.RemoteDisconnected, ConnectionError):
            pass
        found = call(about["control"] + "/sandbox/zendesk")[2]
        assert len(found["tickets"][0]["comments"]) == comments, (action, found)
    assert found["calls"]["tickets-update"] == 1 and found["refused"]["all"] == 0
    assert [it["to"] for it in found["tickets"][0]["history"] if it["field"] == "status"] == [
        "new", "open", "solved", "open"], found
    assert act(about, do="storm", vendor="zendesk", **{"for": "24h"})[0] == 200
    assert zendesk(about, "tickets")[0] == 429
    assert act(about, do="storm", vendor="zendesk", **{"for": "0s"})[0] == 200
    assert act(about, do="zendesk_dance", ticket="a")[0] == 400
    assert act(about, do="zendesk_mark", ticket="nobody")[0] == 400


def zendesk_webhooks(program):
    received = []

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self):  # pylint: disable=invalid-name
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((self.headers, body))
            self.send_response(503 if len(received) == 1 else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    hook = f"http://127.0.0.1:{server.server_port}/hook"
    with sandbox(program, "--zendesk-webhooks", hook, "--clock", f"60@{int(time.time() * 1000)}") as about:
        act(about, do="zendesk_customer_opens", ticket="a", mail="ann@northwind.example", subject="s", text="t")
        until(lambda: len(received) == 3, "the refused delivery does not come again")
        for headers, body in received:
            signed = headers["X-Zendesk-Webhook-Signature-Timestamp"].encode() + body
            secret = about["zendesk_webhook_secret"].encode()
            right = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
            assert headers["X-Zendesk-Webhook-Signature"] == right
        kinds = sorted(json.loads(body)["type"] for _, body in received)
        assert set(kinds) == {"zen:event-type:ticket.created", "zen:event-type:ticket.comment_added"}, kinds
        assert len({headers["X-Zendesk-Webhook-Invocation-Id"] for headers, _ in received}) == 2
    server.shutdown()


def an_untouched_day(program):
    """With no daemon a scripted day counts everything as lost."""
    script = {"actions": [
        {"at": "1s", "do": "customer_opens", "ticket": "x", "mail": "ann@northwind.example", "subject": "s", "text": "t",
         "mark": True},
        {"at": "2s", "do": "engineer_answers", "ticket": "x", "text": "waits for a case"},
        {"at": "3s", "do": "customer_opens", "ticket": "y", "mail": "ann@northwind.example", "subject": "s", "text": "t"},
    ]}
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "day.json")
        with open(path, "w", encoding="utf-8") as out:
            json.dump(script, out)
        with sandbox(program, "--script", path, "--clock", f"60@{int(time.time() * 1000)}") as about:
            assert progress(about)["begun"] is False
            freshdesk(about, "tickets")
            until(lambda: progress(about)["done"] == 2, "the other ticket's action does not happen")
            assert "engineer_answers" in progress(about)["waiting"]
            found = tally(about)
            assert found["cases"]["lost"] == 1 and not found["settled"] and not found["script_ended"], found
            assert found["names"] == {"1": "x", "2": "y"}


def the_builtin_day_is_understood(program):
    with sandbox(program, "--script", "builtin", "--clock", f"6000@{int(time.time() * 1000)}") as about:
        freshdesk(about, "tickets")
        until(lambda: tally(about)["cases"]["expected"] == 6, "not every ticket is marked")
        assert progress(about)["failed"] == "", progress(about)


def main():
    program = sys.argv[1]
    with sandbox(program, "--list-lag", "0") as about:
        for check in (cuts, held_answers, storms, files, refusals, chunked_and_continue, on_zendesk):
            check(about)
            print(f"{check.__name__}: ok")
    for check in (zendesk_webhooks, an_untouched_day, the_builtin_day_is_understood):
        check(program)
        print(f"{check.__name__}: ok")


if __name__ == "__main__":
    main()
