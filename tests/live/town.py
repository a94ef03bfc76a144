"""A town with one departmental system that answers over HTTP and changes only when the test says so."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

from tests.kills.province import Province

WORKSPACE = Path(__file__).resolve().parents[1] / "kills" / "workspace"


class Desk(Province):
    """Cases that come when the test asks for them."""

    def __init__(self) -> None:
        super().__init__()
        self.growing = False

    def open_one(self) -> int:
        """A case is opened in the department's own system; how many are open now."""
        with self._lock:
            stamp, number = datetime.now(UTC).isoformat(), str(len(self.cases) + 1)
            self.cases[number] = {"id": number, "opened": stamp, "closed": None, "updated": stamp, "rev": 1}
            return len(self.cases)


def town(folder: Path, *, every: str, demo: bool = True) -> Path:
    """The workspace of the kill tests with another interval; a visitor may look where it is a demo."""
    made = folder / "town"
    shutil.copytree(WORKSPACE, made)
    source = made / "sources" / "cases.yaml"
    source.write_text(source.read_text().replace("every: 1s", f"every: {every}"))
    with (made / "workspace.yaml").open("a") as head:
        head.write(f"demo: {str(demo).lower()}\n")
    return made
