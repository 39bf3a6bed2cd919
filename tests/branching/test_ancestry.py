"""Collected ancestry against the whole one: forgetting nodes must not change any base, nor what contains what."""

from __future__ import annotations

from dataclasses import replace
from itertools import count, permutations
from random import Random

from helios_magic.engine.branching import ancestry
from helios_magic.store import Node


class Graphs:
    """The same life of branches twice: nothing is forgotten in `whole`, whatever may be in `pruned`."""

    def __init__(self, random: Random) -> None:
        self.random = random
        first = Node("n0", "db", "n0", ordinal=0)
        self.whole, self.pruned = {"n0": first}, {"n0": first}
        self.heads = {"main": "n0"}
        self.content: dict[str, dict[str, int]] = {"n0": dict.fromkeys("tuvw", 0)}
        """What each node holds, as a number for every state of a table."""
        self.states = count(1)

    def both(self, node: str, **changes: object) -> None:
        for graph in (self.whole, self.pruned):
            graph[node] = replace(graph[node], **changes)  # type: ignore[arg-type]

    def new(self, *parents: str) -> str:
        name = f"n{len(self.whole)}"
        made = Node(name, "db", name, ordinal=len(self.whole), parents=parents)
        self.whole[name], self.pruned[name] = made, made
        self.content[name] = dict(self.content[parents[0]])
        return name

    def write(self, branch: str) -> None:
        head = self.heads[branch]
        if self.pruned[head].sealed:
            head = self.heads[branch] = self.new(head)
        if self.random.random() < 0.9:  # else the copy was made, and nothing committed
            table = self.random.choice("tuvw")
            self.content[head][table] = next(self.states)
            for graph in (self.whole, self.pruned):
                graph[head] = replace(graph[head], dirty=True, written=graph[head].written | {table})

    def fork(self, branch: str) -> None:
        self.both(self.heads[branch], sealed=True)
        self.heads[f"b{len(self.whole)}.{self.random.random()}"] = self.heads[branch]

    def merge(self, source: str, target: str) -> None:
        one, other = self.heads[source], self.heads[target]
        if ancestry.contains(self.pruned, other, one):
            return
        self.both(one, sealed=True)
        if ancestry.contains(self.pruned, one, other):
            self.heads[target] = one
            return
        base = self.content[ancestry.base(self.pruned, one, other)]
        made = self.heads[target] = self.new(other, one)
        for table, state in self.content[one].items():
            if state not in (base[table], self.content[other][table]):
                alone = self.content[other][table] == base[table]
                self.content[made][table] = state if alone else next(self.states)
        written = {t for t, state in self.content[made].items() if state != self.content[other][t]}
        self.both(made, dirty=True, written=frozenset(written))

    def collect(self) -> None:
        changed, gone, _ = ancestry.collect(self.pruned, self.heads.values())
        for node in changed:
            self.pruned[node.id] = node
        for name in gone:
            del self.pruned[name]

    def lowest(self, one: str, other: str) -> set[str]:
        """All lowest common ancestors in the whole graph."""
        found = [ancestry.ancestors(self.whole, ancestry.effective(self.whole, each)) for each in (one, other)]
        common = found[0] & found[1]
        above = {up for node in common for parent in self.whole[node].parents
                 for up in ancestry.ancestors(self.whole, parent)}  # fmt: skip
        return {ancestry.effective(self.whole, node) for node in common - above}

    def check(self) -> None:
        for one, other in permutations(set(self.heads.values()), 2):
            base = ancestry.base(self.pruned, one, other)
            assert self.pruned[base].kept, f"{base} has no file, and {one} and {other} need it"
            assert ancestry.effective(self.whole, base) in self.lowest(one, other), f"{base} for {one} and {other}"
            differing = {t for t, state in self.content[one].items() if state != self.content[base][t]}
            written = ancestry.written(self.pruned, base, one)
            assert differing <= written, f"{differing} differ between {base} and {one}, written are {set(written)}"
            whole, pruned = (ancestry.contains(graph, one, other) for graph in (self.whole, self.pruned))
            assert whole == pruned, f"{one} contains {other}: {whole} as a whole, {pruned} when pruned"
        assert all(self.pruned[head].kept for head in self.heads.values())


def live(seed: int, steps: int) -> int:
    """One life of branches; answers how many nodes were forgotten."""
    random = Random(seed)
    graphs = Graphs(random)
    for _ in range(steps):
        branches = list(graphs.heads)
        act = random.random()
        if act < 0.4:
            graphs.write(random.choice(branches))
        elif act < 0.55 and len(branches) < 7:
            graphs.fork(random.choice(branches))
        elif act < 0.75 and len(branches) > 1:
            graphs.merge(*random.sample(branches, 2))
        elif act < 0.8 and len(branches) > 2:
            del graphs.heads[random.choice(branches[1:])]
        elif act < 0.95:
            graphs.collect()
        graphs.check()
    return len(graphs.whole) - len(graphs.pruned)


def test_forgetting_nodes_changes_no_merge(seed: int) -> None:
    forgotten = 0
    for number in range(seed, seed + 300):
        try:
            forgotten += live(number, 60)
        except Exception as error:
            raise AssertionError(f"seed {number}: {error!r}") from error
    print(f"300 lives from seed {seed}, {forgotten} nodes forgotten")
    assert forgotten > 1000


def test_branches_that_overlap_leave_no_node_each(seed: int) -> None:
    """Each is made before the one before it is merged; the ancestry of what is left does not grow with their number."""
    graphs, left = Graphs(Random(seed)), []
    for _ in range(200):
        before = set(graphs.heads)
        graphs.fork("main")
        (made,) = set(graphs.heads) - before
        graphs.write(made)
        graphs.write(made)
        if len(graphs.heads) > 3:
            oldest = list(graphs.heads)[1]
            graphs.merge(oldest, "main")
            del graphs.heads[oldest]
        graphs.collect()
        graphs.check()
        left.append(len(graphs.pruned))
    assert max(left) < 12
