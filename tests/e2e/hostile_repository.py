#!/usr/bin/python3
"""Makes repositories that the program itself would never write, with the writer of tools/igudar_read_test.py.

  hostile_repository.py REPOSITORY [OUTSIDE]

With OUTSIDE, a folder: snapshots whose restore, if it believed all, would write there; one for each trick, tagged by
nothing but its host's time. And one with files, lie1 and so on, whose content is not what it says. Without: a sound snapshot, and a config that asks for features nobody knows to write and to delete.
The password is $IGUDAR_PASSWORD.
"""

import os
import sys

from format_tools import made

made.PASSWORD = os.environb[b"IGUDAR_PASSWORD"]


def tricks(outside):
    """Pairs of a name and what it puts into a tree."""
    up = b"../" * 12 + outside.lstrip(b"/")
    yield "dot-dot", lambda tree: tree.file(b"../planted", b"x")
    yield "many dot-dots", lambda tree: tree.file(up + b"/planted", b"x")
    yield "dot-dot inside", lambda tree: tree.folder(b"a").file(b"a/../../planted", b"x")
    yield "dot", lambda tree: tree.file(b"./planted", b"x")
    yield "an absolute name", lambda tree: tree.file(outside + b"/planted", b"x")
    yield "an empty component", lambda tree: tree.file(b"a//planted", b"x")
    yield "a file below a symlink", lambda tree: tree.symlink(b"a", outside).file(b"a/planted", b"x")
    yield "a folder below a symlink", lambda tree: tree.symlink(b"a", outside).folder(b"a/planted")
    yield "a symlink below a symlink", lambda tree: tree.symlink(b"a", outside).symlink(b"a/planted", b"/")
    yield "a fifo below a symlink", lambda tree: tree.symlink(b"a", outside).add(b"a/planted", 4, 0o600)
    yield "a symlink and a folder of one name", lambda tree: (
        tree.symlink(b"a", outside).folder(b"b").symlink(b"b/c", b"../a").file(b"b/c/planted", b"x"))


def lies(tree):
    """Pairs of a name and what the content of a file says of itself."""
    session, size = tree.session, 1 << 62
    chunk = session.extents([b"small"])[0][1][-32:]
    hole = session.extent_list(session.extents([1000]))
    yield "a chunk larger than memory", made.varint(size) + b"\0\1" + made.varint(size << 1) + chunk
    yield "a hole in the place of a list", made.varint(1000) + b"\2\1" + hole[1]


def main():
    repository, outside = sys.argv[1], os.fsencode(sys.argv[2]) if len(sys.argv) > 2 else None
    writer = made.Writer(repository)
    if outside is None:
        session = made.Session(writer)
        session.write(made.Tree(session).folder(b"").file(b"f", b"sound").rows)
        writer.config = writer.make_config(made.field(10, b"time travel") + made.field(12, b"time travel"))
        writer.put("config", writer.config)
        for slot in (writer.root / "keys").iterdir():
            slot.unlink()
        writer.add_slot(made.PASSWORD, 1)
        return
    head = []
    for time, (name, make) in enumerate(tricks(outside), 1):
        session = made.Session(writer)
        tree = made.Tree(session).folder(b"")
        make(tree)
        head = [session.write(tree.rows, heads=head, time=time)]
        print(head[0], name)
    session = made.Session(writer)
    tree = made.Tree(session).folder(b"")
    names = []
    for number, (name, content) in enumerate(lies(tree), 1):
        tree.add(b"lie%d" % number, 1, 0o644, {64: content}, 0)
        names.append(name)
    print(session.write(tree.rows, heads=head, time=99), "lies:", ", ".join(names))


if __name__ == "__main__":
    main()
