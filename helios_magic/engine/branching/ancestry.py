"""Who descends from whom: pure functions over a database's nodes.

A node without a committed write of its own (not dirty, one parent) holds what its parent holds and counts as it.
A merge's result has two parents.  Several lowest common ancestors (criss-cross merges) are settled by taking the
newest: what it does not know shows as extra conflicts, never as a loss.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import combinations

from helios_magic.store import Node

Nodes = Mapping[str, Node]


def effective(nodes: Nodes, node: str) -> str:
    """The node whose content this one has: itself, or the nearest ancestor that was written."""
    while not nodes[node].dirty and len(nodes[node].parents) == 1:
        (node,) = nodes[node].parents
    return node


def ancestors(nodes: Nodes, node: str) -> set[str]:
    """The node and all it descends from."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            waiting.extend(nodes[current].parents)
    return found


def contains(nodes: Nodes, node: str, other: str) -> bool:
    """Whether all that was ever committed to `other` is in `node`."""
    return effective(nodes, other) in ancestors(nodes, node)


def base(nodes: Nodes, one: str, other: str) -> str:
    """The lowest common ancestor of two nodes, the newest of several; one without writes stands for what it copied."""
    common = ancestors(nodes, effective(nodes, one)) & ancestors(nodes, effective(nodes, other))
    lower = {parent for node in common for parent in nodes[node].parents}
    return effective(nodes, max(common - lower, key=lambda node: nodes[node].ordinal))


def between(nodes: Nodes, older: str, newer: str) -> list[Node]:
    """The nodes that `newer` has behind it and `older` has not, `newer` itself included."""
    return [nodes[node] for node in ancestors(nodes, newer) - ancestors(nodes, older)]


def written(nodes: Nodes, older: str, newer: str) -> frozenset[str]:
    """The tables that may differ between a node and one that descends from it."""
    return frozenset().union(*(node.written for node in between(nodes, older, newer)))


def writes(nodes: Nodes, older: str, newer: str) -> int:
    """Committed write requests that `newer` has and `older` has not."""
    return sum(node.writes for node in between(nodes, older, newer))


def needed(nodes: Nodes, heads: Iterable[str]) -> set[str]:
    """The nodes whose files must stay: the heads, and the base of each pair of them."""
    pointed = set(heads)
    return pointed | {base(nodes, one, other) for one, other in combinations(sorted(pointed), 2)}


def collect(nodes: Nodes, heads: Iterable[str]) -> tuple[list[Node], list[str], list[Node]]:
    """What a collection finds: nodes to be changed in the records, nodes to be forgotten, nodes whose files may go.

    A node that no head descends from is forgotten.  One whose file is not needed and that has a single child is
    folded into it: the child takes over its parents, its written tables and its count of writes.  A parent that is
    an ancestor of another parent as well says nothing, and would keep that one from having a single child: merges of
    branches that were made one after the other would leave a node each.  What remains without a file keeps only its
    place in the ancestry.
    """
    pointed = set(heads)
    keep = needed(nodes, pointed)
    reachable = set().union(*(ancestors(nodes, head) for head in pointed)) if pointed else set()
    left = {id_: node for id_, node in nodes.items() if id_ in reachable}
    while _simplify(left, keep):
        pass
    for id_ in set(left) - keep:
        if left[id_].kept:
            left[id_] = replace(left[id_], kept=False)
    changed = [node for id_, node in left.items() if node != nodes[id_]]
    gone = [id_ for id_ in nodes if id_ not in left]
    files = [nodes[id_] for id_ in nodes if nodes[id_].kept and (id_ not in left or not left[id_].kept)]
    return changed, gone, files


def _simplify(left: dict[str, Node], keep: set[str]) -> bool:
    """Leave parents and nodes out where that changes no ancestry; whether there was anything."""
    before = len(left)
    for node in [node for node in left.values() if len(node.parents) > 1]:
        left[node.id] = replace(node, parents=_lowest(left, node.parents))
    children: dict[str, list[str]] = {}
    for node in left.values():
        for parent in node.parents:
            children.setdefault(parent, []).append(node.id)
    for id_ in sorted(set(left) - keep, key=lambda each: left[each].ordinal):
        if len(children[id_]) == 1:
            (child,) = children[id_]
            gone = left.pop(id_)
            left[child] = _fold(gone, left[child])
            for parent in gone.parents:
                children[parent] = list(dict.fromkeys(child if each == id_ else each for each in children[parent]))
    return len(left) < before


def _lowest(nodes: Nodes, parents: tuple[str, ...]) -> tuple[str, ...]:
    """The parents that are no ancestors of other ones."""
    above = {up for parent in parents for up in ancestors(nodes, parent) - {parent}}
    return tuple(parent for parent in parents if parent not in above)


def _fold(node: Node, child: Node) -> Node:
    at = child.parents.index(node.id)
    parents = child.parents[:at] + node.parents + child.parents[at + 1 :]
    return replace(
        child,
        parents=tuple(dict.fromkeys(parents)),
        written=child.written | node.written,
        writes=child.writes + node.writes,
        dirty=child.dirty or node.dirty,
    )
