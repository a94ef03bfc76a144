"""The workspace of `offices/`, made whole: the platform's answers as sources, and every file served on loopback."""

import shutil
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import yaml

from tests.fixtures.loopback import Loopback

HERE = Path(__file__).parent / "offices"
BACKDROP = "uk_performance_platform/backdrop_responses"
NAME = {"zh": "平台", "en": "platform"}


def backdrop() -> list[dict]:
    """One source a line of backdrop.yaml."""
    blocks = []
    for one in yaml.safe_load((HERE / "backdrop.yaml").read_text(encoding="utf-8")):
        settings = {"url": f"${{OFFICES_URL:-http://127.0.0.1:9}}/{BACKDROP}/{one['file']}", "rows": "data"}
        settings |= {"each": one["each"]} if "each" in one else {}
        key = one["file"].removesuffix(".json").replace("-", "_")
        gives = one.get("gives", "observations")
        blocks.append({"key": key, "name": NAME, "type": "http_json", "department": "office", "gives": gives, "every": "1d",
                       "settings": settings, "map": one["map"]})  # fmt: skip
    return blocks


def figures(sources: list[dict]) -> list[dict]:
    grains = ["minute5", "hour", "day", "week", "month", "quarter", "year"]
    made = []
    for key in ("figure_1", "figure_2", "figure_3", "figure_4"):
        of = [one["key"] for one in sources if any(value["indicator"] == key for value in one["map"].get("values", ()))]
        made.append({"key": key, "name": NAME, "field": "work", "observations": of, "measure": "observed", "unit": "item",
                     "decimals": 6, "grains": grains, "better": "none", "no_target": NAME, "owner": "office", "basis": NAME,
                     "version": 1})  # fmt: skip
    return made


def build(folder: Path) -> Path:
    shutil.copytree(HERE, folder)
    made = backdrop()
    others = yaml.safe_load((folder / "sources" / "payloads.yaml").read_text(encoding="utf-8"))
    _write(folder / "sources" / "backdrop.yaml", made)
    _write(folder / "indicators" / "plain.yaml", figures(made + others))
    return folder


def _write(path: Path, blocks: list[dict]) -> None:
    path.write_text(yaml.safe_dump(blocks, allow_unicode=True, sort_keys=False), encoding="utf-8")


def served(folder: Path) -> Loopback:
    """The files of a folder on loopback, as their systems answered them."""

    def answer(asked: str) -> bytes:
        path = unquote(urlsplit(asked).path).lstrip("/")
        if path == "socrata/bike_counts":
            path += "_page_2.json" if parse_qs(urlsplit(asked).query)["$offset"] == ["1000"] else "_page_1.json"
        return (folder / path).read_bytes()

    return Loopback(answer)
