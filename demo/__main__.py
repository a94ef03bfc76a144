"""Start every system: `python -m demo --state DIR`. Ends on SIGTERM, Ctrl-C, or with the process that started it."""

from __future__ import annotations

import argparse
import gc
import json
import os
import signal
import sys
import threading
from pathlib import Path

from demo.offices import Sender
from demo.world import World


def main() -> int:
    parser = argparse.ArgumentParser("demo", description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="folder for the approvals database and the dropped files")
    parser.add_argument(
        "--port",
        type=int,
        default=int((os.environ.get("YUNCHA_DEMO_PORTS") or "181") + "00"),
        help="of the control; the systems follow",
    )
    parser.add_argument("--live", action="store_true", help="follow the real clock at once, without waiting for the control")
    given = parser.parse_args()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    world, sender = World(given.state, given.port), Sender(given.state)
    gc.set_threshold(50_000, 20, 20)  # a year of cases is kept, and none of it is in a cycle
    print(json.dumps({"ports": world.ports}), flush=True)
    if given.live:
        world.advance(None)
    parent = os.getppid()
    while not ended.wait(1):
        if os.getppid() != parent:
            break
        world.follow()
        if world.live:
            sender.follow(world.now())
    world.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
