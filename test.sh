#!/usr/bin/env bash
# Builds everything and runs all tests through ctest; its closing line comes last.
#   ./test.sh             all tests
#   ./test.sh --quick     without the long ones (simulation, kill test, demo)
#   ./test.sh --asan      under AddressSanitizer and UndefinedBehaviorSanitizer
#   ./test.sh --tsan      under ThreadSanitizer
set -euo pipefail
cd "$(dirname "$0")"

preset=dev
select=()
for argument in "$@"; do
  case "$argument" in
    --asan) preset=asan ;;
    --tsan) preset=tsan ;;
    --quick) select=(-LE long) ;;
    -h | --help) sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "test.sh: unknown option $argument (known: --quick --asan --tsan)" >&2; exit 2 ;;
  esac
done
# What a sanitizer slows down tenfold is run by the plain build.
[ "$preset" = dev ] || select=(-LE 'long|plain')

.ci/install test
.ci/build "$preset"
exec ctest --test-dir "build/$preset" --output-on-failure --parallel "$(nproc)" --progress "${select[@]}"
