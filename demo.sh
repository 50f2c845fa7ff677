#!/usr/bin/env bash
# A support day in about a minute: builds supportd, starts it beside simulated AWS Support and Freshdesk on loopback, and
# shows how they are kept in step through throttling, cut connections and a kill -9.
#   ./demo.sh             play it and clean up
#   ./demo.sh --keep      leave the daemon and the sandbox running
set -euo pipefail
cd "$(dirname "$0")"

case "${1:-}" in
  "" | --keep) ;;
  -h | --help) sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 0 ;;
  *) echo "demo.sh: unknown option $1 (known: --keep)" >&2; exit 2 ;;
esac

.ci/install build
.ci/build release -DSUPPORTD_UNIT_TESTS=OFF -- supportd supportctl supportd-sandbox
exec /usr/bin/python3 tests/sandbox/demo.py build/release "$@"
