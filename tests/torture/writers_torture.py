#!/usr/bin/python3
"""Four writers and a pruner at once on one repository, for a while: no run fails, and in the end every snapshot restores.

$IGUDAR_TORTURE_SECONDS says how long (60).
"""

import concurrent.futures
import os
import time

import torture

WRITERS = 4


class Writer:
    """Backs its own tree up again and again, each time changed."""

    def __init__(self, place, number, seed):
        self.place, self.name = place, f"writer-{number}"
        self.source = place.top / self.name
        self.tree = torture.Tree(self.source, seed + number, files=80, bytes_each=40_000, large=3 << 20 if number == 0 else 0)
        self.states = {}

    def run(self, deadline):
        while True:
            self.tree.change(10)
            tag = f"{self.name}-{len(self.states)}"
            self.states[tag] = torture.tree_state(self.source)
            self.place.run("backup", self.source, "--tag", tag)
            if time.monotonic() >= deadline:
                return


class Pruner:
    """Forgets and prunes until it is told to stop."""

    def __init__(self, place):
        self.place, self.runs, self.swept = place, 0, 0

    def run(self, deadline):
        while time.monotonic() < deadline:
            done = self.place.run("forget", "--keep-last", "3", "--prune", "--max-unused", "0")["prune"]
            self.runs += 1
            self.swept += not done["sweep_postponed"] and not done["nothing_to_do"]


def test(place, _rng, seed):
    seconds = float(os.environ.get("IGUDAR_TORTURE_SECONDS", "60"))
    place.run("init")
    writers = [Writer(place, number, seed) for number in range(WRITERS)]
    pruner = Pruner(place)
    deadline = time.monotonic() + seconds
    with concurrent.futures.ThreadPoolExecutor(WRITERS + 1) as pool:
        tasks = [pool.submit(each.run, deadline) for each in (*writers, pruner)]
        for task in tasks:
            task.result()
    print(f"{[len(writer.states) for writer in writers]} backups, {pruner.runs} prunes, of which {pruner.swept} deleted at once")

    place.require_clean()
    examine(place, writers)
    place.run("forget", "--keep-last", "2", "--prune", "--max-unused", "0")
    place.require_clean()
    examine(place, writers)


def examine(place, writers):
    there = place.snapshots()
    for writer in writers:
        last = f"{writer.name}-{len(writer.states) - 1}"
        torture.require(last in there, f"{last}, which was reported done, is lost")
        tags = [tag for tag in there if tag in writer.states]
        for tag, found in zip(tags, place.restored_states([there[tag] for tag in tags], writer.source)):
            torture.require(found == writer.states[tag], f"{tag} gives back something else")


if __name__ == "__main__":
    torture.main(test)
