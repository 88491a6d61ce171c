"""What the torture tests share: a scratch place, the program, and trees that change."""

import contextlib
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TREE_STATE = HERE.parent / "e2e" / "tree_state.py"


class Failed(Exception):
    pass


def require(condition, message):
    if not condition:
        raise Failed(message)


class Place:
    """A scratch folder with one repository, its caches and state; removed at the end, but kept after a failure."""

    def __init__(self, program):
        self.program = os.path.realpath(program)
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="igudar-torture-"))
        self.repository = self.top / "repository"
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.top), "LC_ALL": "C.UTF-8", "TZ": "UTC",
            "XDG_CACHE_HOME": str(self.top / "cache"), "XDG_STATE_HOME": str(self.top / "state"),
            "IGUDAR_REPOSITORY": str(self.repository), "IGUDAR_PASSWORD": "torture"}
        self.environment |= {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}

    def start(self, *arguments):
        """Starts the program in its own session, output discarded."""
        return subprocess.Popen([self.program, "--no-progress", *map(str, arguments)], env=self.environment, cwd=self.top,
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def run(self, *arguments, expect=0):
        """Runs the program with --json; returns the last object it wrote."""
        done = subprocess.run([self.program, *map(str, arguments), "--json"], env=self.environment, cwd=self.top,
                              stdin=subprocess.DEVNULL, capture_output=True, check=False)
        lines = done.stdout.decode().splitlines()
        require(done.returncode == expect, f"igudar {' '.join(map(str, arguments))} ended with {done.returncode}\n"
                + "\n".join(lines[-5:]) + "\n" + done.stderr.decode())
        return json.loads(lines[-1]) if lines else {}

    def require_clean(self):
        found = self.run("check", "--read-data")
        require(not found["damaged"], f"check found damage: {found['damage']}")

    def snapshots(self):
        """Ids by tag, oldest first; each snapshot here has one tag."""
        return {each["tags"][0]: each["id"] for each in self.run("snapshots")["snapshots"]}

    def restored_state(self, snapshot, path):
        """The state of `path` as the snapshot gives it back."""
        target = self.top / f"restored-{snapshot}"
        self.run("restore", snapshot, "--target", target)
        state = tree_state(str(target) + str(path))
        shutil.rmtree(target)
        return state


def tree_state(path):
    done = subprocess.run([sys.executable, "-B", TREE_STATE, path], capture_output=True, check=True)
    return done.stdout.decode()


class Tree:
    """Files that change: each is random bytes or text, so a changed file shares little with what it was."""

    def __init__(self, path, seed, files, bytes_each, large=0):
        self.path = pathlib.Path(path)
        self.random = random.Random(seed)
        self.files, self.bytes_each = files, bytes_each
        for number in range(files):
            self.write(number)
        if large:
            (self.path / "large").write_bytes(self.random.randbytes(large))

    def write(self, number):
        """Returns how many bytes the file has now."""
        folder = self.path / f"folder {number % 17}"
        folder.mkdir(parents=True, exist_ok=True)
        size = self.random.randrange(self.bytes_each * 2)
        content = self.random.randbytes(size)
        if number % 3 == 0:
            content = content.hex().encode()[:size]
        (folder / f"file {number}").write_bytes(content)
        return size

    def change(self, files):
        changed = sum(self.write(self.random.randrange(self.files)) for _ in range(files))
        large = self.path / "large"
        if large.exists():
            with open(large, "r+b") as out:
                out.seek(self.random.randrange(large.stat().st_size - 100_000))
                out.write(self.random.randbytes(100_000))
            changed += 5 << 20  # the chunks that the change touches
        return changed


@contextlib.contextmanager
def place(program):
    made = Place(program)
    try:
        yield made
    except BaseException:
        print(f"The repository and the trees are kept in {made.top}", file=sys.stderr)
        raise
    shutil.rmtree(made.top)


def main(test):
    """Runs test(place, random, seed). The seed is $IGUDAR_TORTURE_SEED, or a new one, which is printed."""
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} IGUDAR")
    seed = int(os.environ.get("IGUDAR_TORTURE_SEED") or random.SystemRandom().randrange(1 << 31))
    print(f"IGUDAR_TORTURE_SEED={seed}", flush=True)
    try:
        with place(sys.argv[1]) as made:
            test(made, random.Random(seed), seed)
    except Failed as failure:
        sys.exit(f"FAILED: {failure}")
