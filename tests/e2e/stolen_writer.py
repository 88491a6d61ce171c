#!/usr/bin/python3
"""What the thief of a writing client tries: the client's password, its cache and state, and all of the storage.

  stolen_writer.py read REPOSITORY     tries every secret of the key slot on every frame and description
  stolen_writer.py forge REPOSITORY    stores tombstones and a gc record that would take all snapshots away
  stolen_writer.py copy REPOSITORY     stores the oldest snapshot again, as if another had made it; prints its id

The password is $IGUDAR_PASSWORD. Works from docs/format.md alone, by tools/igudar-read and the writer in its tests.
"""

import importlib.machinery
import importlib.util
import os
import pathlib
import struct
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools"


def load(path):
    loader = importlib.machinery.SourceFileLoader(path.stem, str(path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(path.stem, loader))
    loader.exec_module(module)
    return module


made = load(TOOLS / "igudar_read_test.py")
reader = made.READER


class Thief:
    def __init__(self, root, password):
        self.store = reader.Store(root)
        for name in self.store.names("keys"):
            slot = reader.decode_slot(self.store.read("keys", name))
            try:
                key = reader.password_key(slot.derivation, password)
                record = reader.open_record(key, b"key slot", slot.clear, slot.sealed)
            except reader.BrokenSeal:
                continue
            self.ring = reader.decode_slot_record(name, record)
            self.domain = self.ring.domains[0]
            fields = reader.field_list(record, {n: bytes for n in (1, 2, 3, 4, 5, 7)}, {6: bytes})
            self.seed, self.certificate = fields[2], fields[4]
            self.authority_seed = fields[5]
            self.secrets = self.all_secrets(record)
            return
        sys.exit("the password opens no slot")

    @staticmethod
    def all_secrets(record):
        """Every 32 bytes of the slot's record, wherever they begin: all that could be a key."""
        return sorted({record[at:at + 32] for at in range(len(record) - 31)})

    def frames(self):
        for name in self.store.names("packs"):
            yield from reader.read_toc(self.store, name, self.ring.domains)[1].frames

    def read(self):
        assert self.authority_seed is None, "the slot holds the authority's key"
        tried = 0
        for frame in self.frames():
            if frame.type == reader.CHUNK_REFSET:
                continue
            try:
                self.domain.session_key(frame)
                sys.exit("the slot has a key for what was backed up")
            except reader.WrongKey:
                pass
            for secret in self.secrets:
                try:
                    session_secret = reader.sealed_box_open(frame.sealed_secret, self.domain.public_key, secret)
                except reader.Error:
                    continue
                sys.exit(f"a secret of the slot opens a session: {session_secret[:0]}")
            tried += 1
            if tried == 3:  # frames of one session are alike
                break
        for name in self.store.names("snapshots"):
            data = self.store.read("snapshots", name)
            fields = self.record(data, b"snapshot")
            sealed, session = fields[14][0], fields[13][0]
            for secret in self.secrets:
                for key in (secret, reader.hkdf(secret, session, b"igudar session description", 32)):
                    try:
                        reader.open_record(key, b"description", session, sealed)
                    except reader.BrokenSeal:
                        continue
                    sys.exit("a secret of the slot opens a description")
        print(f"{tried} frames and {len(self.store.names('snapshots'))} descriptions stay closed")

    def record(self, data, what):
        plain = reader.open_record(self.domain.index_key, what, data[:10], data[10:])[:-161]
        fields, cursor = {}, reader.Cursor(plain)
        while cursor.left():
            fields.setdefault(cursor.varint(), []).append(cursor.bytes())
        return fields

    def signed(self, kind, info, fields, object_id=b"", capability=2, certificate=None):
        key = Ed25519PrivateKey.from_private_bytes(self.seed)
        repository = self.ring.config.repository_id
        before, salt = made.header(kind) + bytes(2), os.urandom(32)
        message = (b"igudar record 1" + repository + bytes([kind]) + bytes(2)
                   + made.varint(len(object_id)) + object_id + salt + fields)
        trailer = (made.raw_public(key) + bytes([capability]) + (certificate or self.certificate)
                   + key.sign(message))
        return before + made.seal(1, self.domain.index_key, info, before + object_id, fields + trailer,
                                  salt=salt)

    def forge(self):
        snapshots = self.store.names("snapshots")
        forgotten = b"".join(made.field(1, bytes.fromhex(name)) for name in snapshots)
        fields = forgotten + made.field(2, bytes(8)) + made.field(3, bytes(8))
        key = Ed25519PrivateKey.from_private_bytes(self.seed)
        own = key.sign(b"igudar certificate 1" + self.ring.config.repository_id + made.raw_public(key) + b"\1")
        for attempt in ({}, {"capability": 1}, {"capability": 3}, {"capability": 1, "certificate": own}):
            data = self.signed(6, b"igudar tombstone", fields, **attempt)
            self.put("tombstones/" + made.hashlib.sha256(data).hexdigest(), data)
        generation = struct.pack("<Q", 1)
        packs = b"".join(bytes.fromhex(name) for name in self.store.names("packs"))
        segments = b"".join(bytes.fromhex(name) for name in self.store.names("index"))
        fields = made.field(1, generation) + made.field(2, packs) + made.field(3, segments) + made.field(4, bytes(8))
        name = f"{1:016x}"
        self.put("gc/" + name, self.signed(8, b"igudar gc", fields, name.encode()))

    def copy(self):
        name = min(self.store.names("snapshots"), key=lambda each: os.path.getmtime(self.store.path("snapshots", each)))
        data = self.store.read("snapshots", name)
        fields = reader.open_record(self.domain.index_key, b"snapshot", data[:10], data[10:])[:-161]
        self.seed = os.urandom(32)
        data = self.signed(5, b"igudar snapshot", fields)
        name = made.hashlib.sha256(data).hexdigest()
        self.put("snapshots/" + name, data)
        print(name)

    def put(self, name, data):
        path = pathlib.Path(self.store.root) / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)


def main():
    thief = Thief(sys.argv[2], os.environb[b"IGUDAR_PASSWORD"])
    getattr(thief, sys.argv[1])()


main()
