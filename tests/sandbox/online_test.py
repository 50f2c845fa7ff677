#!/usr/bin/python3
"""supportctl config verify --online holds a mapping against the sandbox's desks: online_test.py BUILD-DIRECTORY"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from sandbox_desks import freshdesk, write, zendesk
from sandbox_process import sandbox

BUILD = os.path.abspath(sys.argv[1])

MAPPING = """
[desk_sync.zendesk.main]
ledger_fields = ["aws_case"]
status_out = { "hold" = "onhold" }
priority_out = { "urgent" = "blocker" }
type_in = { "chore" = "task" }
group_out = { "net" = "370003" }
assignee_out = { "kim@desk.example" = "5" }
[[desk_sync.zendesk.main.field]]
desk = "area"
in = [{ map = { area_network = "Network" } }]
out = [{ map = { "Network" = "network", "Storage" = "storage" } }, { prefix = "area_" }]
[desk_sync.zendesk.main.owner]
cf_nosuch = "desk"
[desk_sync.zendesk.main.takes_part]
fields = { cf_nosuch = ["kr"], area = ["Network"] }
"""


def verify(file, *options):
    done = subprocess.run([f"{BUILD}/supportctl", "config", "verify", str(file), *options], text=True,
                          capture_output=True, check=False)
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout


def main():
    with sandbox(f"{BUILD}/tests/sandbox/supportd-sandbox") as about, tempfile.TemporaryDirectory() as directory:
        file = pathlib.Path(directory) / "supportd.toml"
        desks = freshdesk(directory, about) + zendesk(directory, about, more="fields = { area = 360003 }\n")
        file.write_text(desks)
        code, said = verify(file, "--online")
        assert code == 0 and "sound, and the desks agree" in said, (code, said)
        assert "warning: 'pending:1900006' (Waiting on AWS) is in no table: it counts as pending" in said, said

        file.write_text(desks + MAPPING)
        assert verify(file)[0] == 0, "nothing that the file alone tells"
        code, said = verify(file, "--online")
        assert code == 3, (code, said)
        for line in ("desk_sync.zendesk.main.field[0].out: 'area_storage' is none of the choices of area: known: "
                     "area_network, area_database",
                     "desk_sync.zendesk.main.field[0].in: warning: 'area_database' (Database) of area has no counterpart",
                     "desk_sync.zendesk.main.ledger_fields: the desk has no field 'aws_case'",
                     "owner.cf_nosuch: the desk has no field 'cf_nosuch': known: status, priority, type, subject, assignee, "
                     "group, 360001, 360002, area",
                     "takes_part.fields.cf_nosuch: no desk brings the ledger a field 'cf_nosuch': known: ",
                     "priority_out.urgent: the desk has no priority 'blocker': known: low, normal, high, urgent",
                     "type_in.chore: warning: the desk has no type 'chore' (any more): known: question, incident, ",
                     "group_out.net: the desk has no group '370003': did you mean '37000",
                     "assignee_out.kim@desk.example: the desk has no agent '5'",
                     "status_out.hold: the desk has no status 'onhold': did you mean 'hold'?"):
            assert line in said, (line, said)
        code, said = verify(file, "--online", "--json")
        assert code == 3 and not json.loads(said)["sound"]

        file.write_text(freshdesk(directory, about) + zendesk(directory, about, more="fields = { area = 999999 }\n"))
        code, said = verify(file, "--online")
        assert code == 3 and "zendesk.main.fields.area: the desk has no field '999999': " in said, (code, said)

        write(f"{directory}/zendesk-token", "wrong\n")
        code, said = verify(file, "--online")
        assert code == 3 and "zendesk:main: the desk cannot be asked" in said, said


main()
