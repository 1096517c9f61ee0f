"""`python -m tests.golden`: writes missing event files, and the routes, indicators and refusals as they are."""

from __future__ import annotations

import argparse


def main() -> None:
    what = "Writes missing event files, and the routes, indicators and refusals as they are: look at the difference."
    argparse.ArgumentParser(prog="python -m tests.golden", description=what).parse_args()
    from tests.golden.files import CHANGING, event_bytes, event_file, events  # here: to read about it takes no services

    for category, event in events():
        path = event_file(event)
        path.parent.mkdir(exist_ok=True)
        if not path.exists():
            path.write_bytes(event_bytes(category, event))
            print("new", path.name)
    for path, made in CHANGING.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(made(), encoding="utf-8")


if __name__ == "__main__":
    main()
