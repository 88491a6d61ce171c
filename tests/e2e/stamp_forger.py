#!/usr/bin/python3
"""Stores time-stamps that igudar would not, with the keys of a repository. Works from docs/format.md alone.

  stamp_forger.py move REPOSITORY FROM TO             a snapshot's token, as that of another snapshot
  stamp_forger.py alter REPOSITORY SNAPSHOT           its token with another signature, in the place of the right one
  stamp_forger.py stamp REPOSITORY SNAPSHOT FOLDER SIGNER    what the authority in FOLDER says of it now

The password is $IGUDAR_PASSWORD.
"""

import hashlib
import os
import pathlib
import sys

from format_tools import made
from time_stamp_authority import Authority

reader = made.READER


def store(repository, snapshot, token):
    head = made.header(15) + bytes(2)
    fields = made.field(1, token) + made.field(2, bytes(8)) + made.field(3, b"http://example.org/")
    data = head + made.seal(1, repository.epochs[0].index_key, b"igudar timestamp", head + bytes.fromhex(snapshot), fields)
    name = f"{snapshot}.{hashlib.sha256(data).hexdigest()[:8]}"
    (pathlib.Path(repository.store.root) / "timestamps" / name).write_bytes(data)


def main(what, root, snapshot, other=None, signer=None):
    repository = reader.Repository(reader.Store(root), reader.PasswordOpener(os.environb[b"IGUDAR_PASSWORD"]), print)
    if what == "stamp":
        digest = hashlib.sha256(b"igudar time-stamp 1" + repository.config.repository_id + bytes.fromhex(snapshot)).digest()
        authority = Authority(other)
        return store(repository, snapshot, authority.stamped(signer, authority.query(digest), "-token_out"))
    name, stamp = next((name, stamp) for name, stamp in repository.timestamps().items() if stamp.snapshot == snapshot)
    if what == "move":
        return store(repository, other, stamp.token)
    (pathlib.Path(root) / "timestamps" / name).unlink()
    return store(repository, snapshot, stamp.token[:-1] + bytes([stamp.token[-1] ^ 1]))


if __name__ == "__main__":
    main(*sys.argv[1:])
