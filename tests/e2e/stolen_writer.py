#!/usr/bin/python3
"""What the thief of a writing client tries: the client's password, its cache and state, and all of the storage.

  stolen_writer.py read REPOSITORY     tries every secret of the key slot on every frame and description
  stolen_writer.py forge REPOSITORY    stores tombstones and a gc record that would take all snapshots away
  stolen_writer.py audit REPOSITORY    appends an entry to the longest audit log, of which it has no key; prints its name
  stolen_writer.py subjects REPOSITORY tries every secret of the key slot on what audit entries say of people
  stolen_writer.py copy REPOSITORY     stores the oldest snapshot again, as if another had made it; prints its id

The password is $IGUDAR_PASSWORD. Works from docs/format.md alone, by tools/igudar-read and the writer in its tests.
"""

import os
import pathlib
import struct
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from format_tools import made

reader = made.READER


class Thief(made.Writer):
    """Writes with what the slot holds, where a Writer has all keys."""

    def __init__(self, root, password):  # a Writer's would make a repository
        self.root, self.suite, self.forged_certificate = pathlib.Path(root), 1, None
        self.store = reader.Store(root)
        for name in self.store.names("keys"):
            slot = reader.decode_slot(self.store.read("keys", name))
            try:
                key = reader.password_key(slot.derivation, password)
                record = reader.open_record(key, b"key slot", slot.clear, slot.sealed)
            except reader.BrokenSeal:
                continue
            self.ring = reader.decode_slot_record(name, record)
            self.epoch = self.ring.epochs[0]
            fields = reader.field_list(record, {n: bytes for n in (1, 2, 3, 4, 5, 7)}, {6: bytes})
            self.repository_id, self.index_key = self.ring.config.repository_id, self.epoch.index_key
            self.signer, self.own_certificate = Ed25519PrivateKey.from_private_bytes(fields[2]), fields[4]
            self.authority_seed = fields[5]
            self.candidates = self.all_secrets(record)
            return
        sys.exit("the password opens no slot")

    @staticmethod
    def all_secrets(record):
        """Every 32 bytes of the slot's record, wherever they begin: all that could be a key."""
        return sorted({record[at:at + 32] for at in range(len(record) - 31)})

    def certificate(self, capability):
        return self.forged_certificate or self.own_certificate

    def frames(self):
        for name in self.store.names("packs"):
            yield from reader.read_toc(self.store, name, self.ring.epochs).frames

    def read(self):
        assert self.authority_seed is None, "the slot holds the authority's key"
        tried = 0
        for frame in self.frames():
            if frame.type == reader.CHUNK_REFSET:
                continue
            try:
                self.epoch.session_key(frame, {self.epoch.number: self.epoch})
                sys.exit("the slot has a key for what was backed up")
            except reader.WrongKey:
                pass
            for secret in self.candidates:
                try:
                    session_secret = reader.sealed_box_open(frame.sealed_secret[1], self.epoch.public_key, secret)
                except reader.Error:
                    continue
                sys.exit(f"a secret of the slot opens a session: {session_secret[:0]}")
            tried += 1
            if tried == 3:  # frames of one session are alike
                break
        for name in self.store.names("snapshots"):
            fields = self.record(name)
            sealed, session = fields[14][0], fields[13][0]
            for secret in self.candidates:
                for key in (secret, reader.hkdf(secret, session, b"igudar session description", 32)):
                    try:
                        reader.open_record(key, b"description", session, sealed)
                    except reader.BrokenSeal:
                        continue
                    sys.exit("a secret of the slot opens a description")
        print(f"{tried} frames and {len(self.store.names('snapshots'))} descriptions stay closed")

    def fields_of(self, name):
        """The field list of a snapshot's record, without its signature."""
        data = self.store.read("snapshots", name)
        return reader.open_record(self.index_key, b"snapshot", data[:10], data[10:])[:-161]

    def record(self, name):
        fields, cursor = {}, reader.Cursor(self.fields_of(name))
        while cursor.left():
            fields.setdefault(cursor.varint(), []).append(cursor.bytes())
        return fields

    def forge(self):
        forgotten = b"".join(made.field(1, bytes.fromhex(name)) for name in self.store.names("snapshots"))
        fields = forgotten + made.field(2, bytes(8)) + made.field(3, bytes(8))
        for capability in (2, 1, 3):
            self.put_hashed("tombstones", self.signed(6, b"igudar tombstone", fields, capability=capability))
        self.forged_certificate = self.signer.sign(
            b"igudar certificate 1" + self.repository_id + made.raw_public(self.signer) + b"\1")
        self.put_hashed("tombstones", self.signed(6, b"igudar tombstone", fields, capability=1))
        self.forged_certificate = None
        packs = b"".join(bytes.fromhex(name) for name in self.store.names("packs"))
        segments = b"".join(bytes.fromhex(name) for name in self.store.names("index"))
        fields = made.field(1, struct.pack("<Q", 1)) + made.field(2, packs) + made.field(3, segments) + made.field(4, bytes(8))
        name = f"{1:016x}"
        self.put("gc/" + name, self.signed(8, b"igudar gc", fields, name.encode(), capability=2))

    def audit(self):
        numbers = {}
        for name in self.store.names("audit"):
            log, number = name.split(".")
            numbers[log] = max(numbers.get(log, 0), int(number.rpartition("-")[2]))
        log = max(numbers, key=numbers.get)
        previous = reader.hashlib.sha256(self.store.read("audit", f"{log}.{numbers[log]}")).digest()
        facts = made.field(1, b"\1") + made.field(2, bytes(8)) + made.field(3, b"restore") + made.field(4, bytes(16))
        name = f"audit/{log}.{numbers[log] + 1}"
        self.put(name, self.audit_entry(bytes.fromhex(log), numbers[log] + 1, previous, facts, capability=2))
        print(name)

    def subjects(self):
        authority = reader.Authority(self.repository_id, self.ring.authority)
        tried = 0
        for name in self.store.names("subjects"):
            _, sealed, clear, sealed_name = reader.decode_subject(authority, name, self.store.read("subjects", name))
            for secret in self.candidates:
                try:
                    reader.sealed_box_open(sealed, self.epoch.public_key, secret)
                    sys.exit("a secret of the slot opens a subject")
                except reader.Error:
                    pass
                try:
                    reader.open_record(secret, b"audit subject", clear, sealed_name)
                    sys.exit("a secret of the slot opens a subject's name")
                except reader.BrokenSeal:
                    pass
            tried += 1
        print(f"{tried} subjects stay closed")

    def copy(self):
        name = min(self.store.names("snapshots"), key=lambda each: os.path.getmtime(self.store.path("snapshots", each)))
        self.signer = Ed25519PrivateKey.generate()
        print(self.put_hashed("snapshots", self.signed(5, b"igudar snapshot", self.fields_of(name), capability=2)))


def main():
    thief = Thief(sys.argv[2], os.environb[b"IGUDAR_PASSWORD"])
    getattr(thief, sys.argv[1])()


main()
