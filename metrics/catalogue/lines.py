"""YAML with the line of every value, by the rules of YAML 1.2: `off`, `no` and 02:00 are text, 95.5 is an exact decimal."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from metrics.catalogue.faults import Faults

_MOST_VALUES, _DEEPEST = 200_000, 40
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORDS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NULL = {"", "~", "null", "Null", "NULL"}
_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?")

Spot = tuple[str | int, ...]


@dataclass
class Document:
    """The plain value of a file, and the line of each value by its path within it."""

    file: Path
    value: Any
    lines: dict[Spot, int] = field(default_factory=dict)

    def line(self, spot: Spot = ()) -> int:
        """Of the value there, or of the nearest one around it."""
        while spot and spot not in self.lines:
            spot = spot[:-1]
        return self.lines.get(spot, 1)


class TooMuch(ValueError):
    """A document that unfolds (by aliases) into more than a person would write."""


def read(file: Path, faults: Faults, text: str | None = None) -> Document | None:
    """`text`: in place of what the file holds. None when the file cannot be read as YAML; the faults say why."""
    document = Document(file, None)
    try:
        node = yaml.compose(file.read_text(encoding="utf-8-sig") if text is None else text, Loader=_LOADER)
        document.value = _plain(node, (), document, faults) if node else None
    except FileNotFoundError:
        faults.add("missing-file", file, 1, f"{file.name} is not there")
    except UnicodeDecodeError as error:
        faults.add("bad-yaml", file, 1, f"not UTF-8: {error.reason} at byte {error.start}")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        faults.add("bad-yaml", file, mark.line + 1 if mark else 1, str(error.problem or error.context), "not valid YAML")
    except (yaml.YAMLError, TooMuch) as error:
        faults.add("bad-yaml", file, 1, str(error), "not valid YAML")
    else:
        return document
    return None


def _plain(node: yaml.Node, spot: Spot, document: Document, faults: Faults) -> Any:
    document.lines.setdefault(spot, node.start_mark.line + 1)
    if len(document.lines) > _MOST_VALUES or len(spot) > _DEEPEST:
        raise TooMuch("too many values, or nested too deeply")
    if isinstance(node, yaml.SequenceNode):
        return [_plain(one, (*spot, n), document, faults) for n, one in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, spot, document, faults)
    return _scalar(node)


def _mapping(node: yaml.MappingNode, spot: Spot, document: Document, faults: Faults) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            faults.add("bad-yaml", document.file, line, "a key must be a plain word")
            continue
        key = str(key_node.value)
        if key in result:
            first = document.line((*spot, key))
            faults.add("duplicate-key", document.file, line, f"{key} is given twice", f"first on line {first}")
            continue
        document.lines[(*spot, key)] = line
        result[key] = _plain(value_node, (*spot, key), document, faults)
    return result


def _scalar(node: yaml.Node) -> Any:
    text = str(node.value)
    if getattr(node, "style", None) in ("'", '"', "|", ">"):
        return text
    if text in _NULL:
        return None
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return Decimal(text)
    return text
