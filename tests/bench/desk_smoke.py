#!/usr/bin/python3
"""A help desks' figure at a tiny size, to see that it works; asserts no time: desk_smoke.py BUILD-DIRECTORY FIGURE"""
import pathlib
import sys

sys.dont_write_bytecode = True
import desk_figures  # noqa: E402
from measure import Workshop  # noqa: E402

TINY = {"incremental": {"tickets": 20}, "cycle": {"sizes": (40, 80), "changed": 20},
        "webhook": {"changes": 4, "seconds": 2, "quiet": 1, "tickets": 4, "list_lag": 0}}


def main():
    build, figure = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    source = pathlib.Path(__file__).resolve().parents[2]
    with Workshop(source, build, 1) as shop:
        rows = getattr(desk_figures, figure)(shop, **TINY[figure])
    for one in rows:
        print(one["figure"], one["measured"], sep=": ")
    return 0 if rows else 1


if __name__ == "__main__":
    sys.exit(main())
