#!/usr/bin/python3
"""Kills the program (SIGKILL) at random moments of backups, and of forget with prune, of a changing tree.

After each kill: check --read-data is clean, every snapshot that was reported done is there, some of them are restored and compared
byte for byte, and the next backup stores no more than what had not arrived.

$IGUDAR_TORTURE_KILLS says how often (50).
"""

import os
import shutil
import subprocess
import time

import torture

METADATA_BYTES = 2 << 20  # pages and lists that a backup may write anew, whatever changed


class KillTorture:

    def __init__(self, place, rng, seed):
        self.place, self.random = place, rng
        self.source = place.top / "source"
        self.tree = torture.Tree(self.source, seed, files=400, bytes_each=120_000, large=12 << 20)
        self.states = {}       # by tag: what the snapshot must give back
        self.required = set()  # tags that must be there
        self.round = 0
        self.landed = {"killed": 0, "finished": 0}

    def run(self, kills):
        self.place.run("init")
        self.changed = 0
        duration = self.whole_backup()
        for self.round in range(1, kills + 1):
            if self.round % 5 == 0:
                shutil.rmtree(self.place.top / "cache", ignore_errors=True)
            if self.round % 3 == 0:
                self.killed_forget(duration)
            else:
                self.killed_backup(duration)
            self.examine()
            if self.round % 2 == 0:
                duration = (duration + self.whole_backup()) / 2
        self.final_prune()
        print(f"{self.landed['killed']} killed, {self.landed['finished']} had finished before; "
              f"{len(self.states)} snapshots made")

    def tag(self):
        return f"round-{self.round}-{len(self.states)}"

    def killed_by_chance(self, duration, *arguments):
        """True when the program was killed, at a moment within about the time it takes."""
        process = self.place.start(*arguments)
        try:
            process.wait(timeout=self.random.uniform(0, duration * 1.1))
            self.landed["finished"] += 1
            torture.require(process.returncode == 0, f"igudar {arguments} ended with {process.returncode}")
            return False
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            self.landed["killed"] += 1
            return True

    def killed_backup(self, duration):
        changed = self.tree.change(25)
        tag = self.tag()
        self.states[tag] = torture.tree_state(self.source)
        before = self.place.run("stats")["plain_bytes"]
        # Always a whole one's time: reading all anew makes the window as wide as it can be.
        killed = self.killed_by_chance(duration, "backup", self.source, "--tag", tag, "--force")
        if not killed:
            self.required.add(tag)
            self.changed = 0
            return
        arrived = self.place.run("stats")["plain_bytes"] - before
        self.changed = max(0, self.changed + changed - arrived)

    def killed_forget(self, duration):
        kept = set(list(self.place.snapshots())[-3:])
        self.required &= kept
        killed = self.killed_by_chance(duration, "forget", "--keep-last", "3", "--prune", "--max-unused", "0")
        if not killed:
            torture.require(set(self.place.snapshots()) == kept, "forget kept other snapshots than it should")
        self.changed += METADATA_BYTES  # what had arrived for no snapshot may be gone
        self.pruned = True

    pruned = False

    def whole_backup(self):
        """A backup that nobody disturbs; returns how long it took."""
        changed = self.changed + self.tree.change(5)
        tag = self.tag()
        self.states[tag] = torture.tree_state(self.source)
        started = time.monotonic()
        done = self.place.run("backup", self.source, "--tag", tag)
        took = time.monotonic() - started
        if len(self.states) > 1 and not self.pruned:
            torture.require(done["new_bytes"] <= changed + METADATA_BYTES,
                            f"the backup stored {done['new_bytes']} bytes, where {changed} were missing")
        self.required.add(tag)
        self.changed, self.pruned = 0, False
        return max(took, 0.3)

    def examine(self):
        self.place.require_clean()
        there = self.place.snapshots()
        lost = self.required - set(there)
        torture.require(not lost, f"snapshots are lost: {lost}")
        self.required = set(there)  # one whose end was not reported may be there as well: then it must be whole
        for tag in self.random.sample(sorted(there), min(3, len(there))):
            found = self.place.restored_state(there[tag], self.source)
            torture.require(found == self.states[tag], f"the snapshot of {tag} gives back something else")

    def final_prune(self):
        pruned = self.place.run("forget", "--keep-last", "1", "--prune", "--max-unused", "0")["prune"]
        torture.require(not pruned["sweep_postponed"], f"dead runs hold off the prune: {pruned['held_by']}")
        self.required = set(self.place.snapshots())
        torture.require(len(self.required) == 1, "more than one snapshot is left")
        self.examine()


if __name__ == "__main__":
    torture.main(lambda place, rng, seed: KillTorture(place, rng, seed).run(int(os.environ.get("IGUDAR_TORTURE_KILLS", "50"))))
