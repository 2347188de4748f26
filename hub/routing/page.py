"""A YAML text whose values remember their lines, read with patience.

Every question (`text`, `whole`, `day` …) answers with the value or with None; what was wrong
then stands among `problems`, and the reading goes on, so that a person sees all of it at once.
"""

import re
from collections.abc import Collection, Iterator
from datetime import date
from difflib import get_close_matches

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from hub.routing.entries import Problem, RoutingError, Setting

__all__ = ["Node", "Page", "compose"]

_TAG = "tag:yaml.org,2002:"


def compose(text: str, name: str) -> Node:
    """The text as a tree of nodes.

    Raises:
        RoutingError: it is not YAML, or empty.
    """
    try:
        root: Node | None = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _not_yaml(name, mark.line + 1 if mark else 1, str(error.problem)) from None
    except YAMLError as error:
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        raise _not_yaml(name, line, str(getattr(error, "reason", "it cannot be read"))) from None
    except RecursionError:
        raise _not_yaml(name, 1, "its values stand inside each other a thousand deep") from None
    if root is None:
        raise RoutingError(name, [Problem(1, "the file is empty; write systems: and authorities:")])
    return root


class Page:
    """Reads nodes and collects the problems met on the way."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def wrong(self, node: Node, sentence: str) -> None:
        """Note what is wrong with a node."""
        self.problems.append(Problem(node.start_mark.line + 1, sentence))

    def entries(self, node: Node, what: str) -> list[tuple[Node, str, Node]]:
        """A mapping as (where its key stands, key, value), each key once."""
        if not isinstance(node, MappingNode):
            self.wrong(node, f"{what} must be a list of names with values; write name: value lines")
            return []
        found: dict[str, tuple[Node, str, Node]] = {}
        for key, value in node.value:
            name = self.text(key, f"a name in {what}")
            if name is None:
                continue
            if name in found:
                first = found[name][0].start_mark.line + 1
                self.wrong(key, f"{name} stands twice in {what}, first in line {first}; keep one")
            elif _is_empty(value):
                self.wrong(key, f"{what}: {name} is empty; write its value after the colon")
            else:
                found[name] = (key, name, value)
        return list(found.values())

    def fields(
        self, node: Node, what: str, known: Collection[str], optional: Collection[str] = ()
    ) -> dict[str, Node]:
        """A mapping of which every key is known and only those that are optional may be missing."""
        found: dict[str, Node] = {}
        for key, name, value in self.entries(node, what):
            if name in known or name in optional:
                found[name] = value
            else:
                self.wrong(key, f"{what} has no {name}; {_instead(name, (*known, *optional))}")
        if isinstance(node, MappingNode):
            for name in known:
                if name not in {str(key.value) for key, _ in node.value}:
                    self.wrong(node, f"{what} lacks {name}; write a line {name}: …")
        return found

    def items(
        self, node: Node | None, what: str, example: str, *, may_be_empty: bool = False
    ) -> Iterator[Node]:
        """The items of a list."""
        if isinstance(node, SequenceNode) and (node.value or may_be_empty):
            yield from node.value
        elif node is not None:
            self.wrong(node, f"{what} must be a list; write {example}")

    def text(
        self, node: Node | None, what: str, *, placeholders: Collection[str] = ()
    ) -> str | None:
        """A text. Braces stand for templates, and only the given placeholders may appear."""
        if node is None:
            return None
        if not isinstance(node, ScalarNode) or not node.value.strip():
            self.wrong(node, f"{what} must be a text; write it after the colon")
            return None
        value = str(node.value)
        if node.tag != _TAG + "str":
            # YAML would read 001900 as the number 1900: another reader of the file loses zeros.
            self.wrong(node, f'{what} must be a text, {value} is none; write "{value}" in quotes')
            return None
        if re.search(r"[{}]", _without(value, placeholders)):
            allowed = " but " + ", ".join(placeholders) if placeholders else ""
            self.wrong(node, f"{what} may hold no placeholders{allowed}; write the value itself")
            return None
        return value

    def one_of(self, node: Node | None, what: str, known: Collection[str]) -> str | None:
        """A text out of a known set."""
        value = self.text(node, what)
        if node is None or value is None:
            return None
        if value not in known:
            self.wrong(node, f"{what} {value} is not known; {_instead(value, known)}")
            return None
        return value

    def whole(self, node: Node | None, what: str, highest: int, lowest: int = 1) -> int | None:
        """A whole number from `lowest` to `highest`."""
        if node is None:
            return None
        value = _number(node)
        if not isinstance(value, int) or not lowest <= value <= highest:
            self.wrong(node, f"{what} must be a whole number; write one from {lowest} to {highest}")
            return None
        return value

    def flag(self, node: Node | None, what: str) -> bool | None:
        """True or false."""
        if node is None:
            return None
        if node.tag != _TAG + "bool":
            self.wrong(node, f"{what} must be a yes or no; write true or false")
            return None
        return bool(node.value.lower() == "true")

    def day(self, node: Node | None, what: str) -> date | None:
        """A day, written as in ISO 8601."""
        if node is None:
            return None
        try:
            return date.fromisoformat(str(node.value))
        except ValueError:
            self.wrong(node, f"{what} must be a day; write it as 2026-11-01")
            return None

    def setting(self, node: Node, what: str, placeholders: Collection[str]) -> Setting | None:
        """A text, a number, true or false."""
        if node.tag == _TAG + "bool":
            return self.flag(node, what)
        number = _number(node)
        return self.text(node, what, placeholders=placeholders) if number is None else number


def _not_yaml(name: str, line: int, reason: str) -> RoutingError:
    sentence = f"this is not YAML ({reason}); look for indentation, quotes and colons here"
    return RoutingError(name, [Problem(line, sentence)])


def _is_empty(node: Node) -> bool:
    # Its mark is of no use: YAML finds the end of nothing in some later line.
    return isinstance(node, ScalarNode) and node.tag == _TAG + "null" and not node.value


def _instead(name: str, known: Collection[str]) -> str:
    if close := get_close_matches(name, known, n=1):
        return f"did you mean {close[0]}? Write {close[0]} instead"
    return (
        f"write one of {', '.join(known)} instead" if known else "none is defined: define one first"
    )


def _without(value: str, placeholders: Collection[str]) -> str:
    for placeholder in placeholders:
        value = value.replace(placeholder, "")
    return value


def _number(node: Node) -> int | float | None:
    if node.tag not in {_TAG + "int", _TAG + "float"}:
        return None
    plain = str(node.value)
    try:
        return int(plain) if node.tag == _TAG + "int" else float(plain)
    except ValueError:  # 0x1F and the like: numbers to YAML, surprises to people
        return None
