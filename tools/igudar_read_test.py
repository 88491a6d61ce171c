#!/usr/bin/python3
"""Tests of igudar-read against repositories made here, by a small writer that shares no code with it.

The writer, too, is made from docs/format.md; it writes small pages and frames so that a few files
need all of the format.
"""

import bz2
import contextlib
import ctypes
import hashlib
import hmac
import importlib.machinery
import importlib.util
import io
import lzma
import os
import pathlib
import shutil
import stat
import struct
import tempfile
import unittest
import zlib

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import (
    Encoding, NoEncryption, PrivateFormat, PublicFormat)

HERE = pathlib.Path(__file__).resolve().parent
PASSWORD = b"correct horse"
ROOT = os.geteuid() == 0
SODIUM = ctypes.CDLL("libsodium.so.23")
SODIUM.sodium_init()
ZSTD = ctypes.CDLL("libzstd.so.1")
ZSTD.ZSTD_compress.restype = ctypes.c_size_t


def load_reader():
    loader = importlib.machinery.SourceFileLoader("igudar_read", str(HERE / "igudar-read"))
    spec = importlib.util.spec_from_loader("igudar_read", loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


READER = load_reader()


# --- The writer ---------------------------------------------------------------------------------

def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def zigzag(value):
    return varint(((value << 1) ^ (value >> 63)) & (1 << 64) - 1)


def sized(data):
    return varint(len(data)) + data


def field(tag, value):
    return varint(tag) + sized(value)


def header(kind):
    return b"IGDR" + bytes([kind, 1, 0, 0])


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def hkdf(key, salt, info, size):
    pseudo, out, block = mac(salt or bytes(32), key), b"", b""
    for number in range(1, -(-size // 32) + 1):
        block = mac(pseudo, block + info + bytes([number]))
        out += block
    return out[:size]


def zstd(data):
    out = ctypes.create_string_buffer(len(data) + 1024)
    size = ZSTD.ZSTD_compress(out, len(out), data, len(data), 3)
    return out.raw[:size]


def lz4_literals(data):
    """A valid LZ4 block without any match."""
    length, extra = len(data), b""
    if length >= 15:
        extra = b"\xff" * ((length - 15) // 255) + bytes([(length - 15) % 255])
    return bytes([min(length, 15) << 4]) + extra + data


COMPRESSORS = [bytes, zstd, lz4_literals, zlib.compress, bz2.compress, lzma.compress]


def suite_seal(suite, secret, salt, info, nonce, associated, plain):
    associated = bytes([suite]) + associated
    if suite == 1:
        return AESGCM(hkdf(secret, salt, info, 32)).encrypt(nonce, plain, associated)
    inner = AESGCM(hkdf(secret, salt, b"inner " + info, 32)).encrypt(nonce, plain, associated)
    return ChaCha20Poly1305(hkdf(secret, salt, b"outer " + info, 32)).encrypt(nonce, inner, associated)


def seal(suite, purpose_key, info, associated, plain, codec=1, salt=None):
    salt = salt or os.urandom(32)
    body = bytes([codec]) + varint(len(plain)) + COMPRESSORS[codec](plain)
    return bytes([suite]) + salt + suite_seal(suite, purpose_key, salt, info, bytes(12), associated, body)


def raw_private(key):
    return key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())


def raw_public(key):
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def sealed_box(plain, public):
    out = ctypes.create_string_buffer(len(plain) + 48)
    SODIUM.crypto_box_seal(out, plain, ctypes.c_ulonglong(len(plain)), public)
    return out.raw


def hpke_box(plain, public):
    """Section 5.3, the other way round: RFC 9180 with P-256, HKDF-SHA256 and AES-256-GCM."""
    def extract(suite, salt, label, material):
        return mac(salt or bytes(32), b"HPKE-v1" + suite + label + material)

    def expand(suite, pseudo, label, info, size):
        return mac(pseudo, struct.pack(">H", size) + b"HPKE-v1" + suite + label + info + b"\1")[:size]

    ephemeral = ec.generate_private_key(ec.SECP256R1())
    sent, whole = (key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
                   for key in (ephemeral.public_key(), public))
    kem, suite = b"KEM" + bytes([0, 16]), b"HPKE" + bytes([0, 16, 0, 1, 0, 2])
    agreed = ephemeral.exchange(ec.ECDH(), public)
    shared = expand(kem, extract(kem, b"", b"eae_prk", agreed), b"shared_secret", sent + whole, 32)
    context = bytes(1) + extract(suite, b"", b"psk_id_hash", b"")
    context += extract(suite, b"", b"info_hash", b"igudar sealed box 1")
    secret = extract(suite, shared, b"secret", b"")
    key = expand(suite, secret, b"key", context, 32)
    return sent + AESGCM(key).encrypt(expand(suite, secret, b"base_nonce", context, 12), plain, b"")


def password_key(derivation, password):
    kdf, passes, memory, salt = struct.unpack("<BII16s", derivation)
    if kdf == 2:
        return hashlib.pbkdf2_hmac("sha256", password, salt, passes)
    if kdf == 3:
        return hashlib.scrypt(password, salt=salt, n=memory, r=8, p=passes, maxmem=1 << 28, dklen=32)
    out = ctypes.create_string_buffer(32)
    SODIUM.crypto_pwhash(out, ctypes.c_ulonglong(32), password, ctypes.c_ulonglong(len(password)),
                         salt, ctypes.c_ulonglong(passes), ctypes.c_size_t(memory * 1024), 2)
    return out.raw


class Writer:
    """A repository under construction: one domain, one signer with capability full.

    `suite` may be changed: what is written from then on is sealed with another.
    """

    def __init__(self, root, suite=1):
        self.suite = suite
        self.root = pathlib.Path(root)
        self.root.mkdir()
        self.repository_id = os.urandom(16)
        self.authority, self.signer = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
        self.secrets = {tag: os.urandom(32) for tag in (3, 4, 5)}
        self.id_key, self.index_key = self.secrets[3], self.secrets[5]
        self.box_key = X25519PrivateKey.generate()
        self.copies = {}
        self.config = self.make_config()
        self.put("config", self.config)
        self.add_slot(PASSWORD, 1)

    def put(self, name, data):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def put_hashed(self, folder, data):
        name = hashlib.sha256(data).hexdigest()
        self.put(f"{folder}/{name}", data)
        return name

    def make_config(self, extra=b""):
        data = header(1) + b"".join([
            field(1, self.repository_id), field(2, bytes(8)), field(3, raw_public(self.authority)),
            field(4, b"\3"), field(6, struct.pack("<III", 64, 128, 256)),
            field(7, struct.pack("<I", 1024)), field(8, struct.pack("<I", 4096)), extra,
            field(13, bytes([self.suite])),
            field(77, b"of the future")])
        data += self.authority.sign(b"igudar config 1" + data)
        return data + hashlib.sha256(data).digest()

    def chunk_id(self, kind, plain):
        if len(plain) <= 8192:
            return mac(self.id_key, bytes([kind]) + plain)
        leaves = [hashlib.sha256(plain[at:at + 8192]).digest() for at in range(0, len(plain), 8192)]
        return mac(self.id_key, bytes([kind + 128]) + b"".join(leaves))

    def certificate(self, capability):
        return self.authority.sign(b"igudar certificate 1" + self.repository_id
                                   + raw_public(self.signer) + bytes([capability]))

    def add_slot(self, password, capability, derivation=None):
        derivation = derivation or struct.pack("<BII16s", 1, 1, 8192, os.urandom(16))
        self.store_slot(capability, 1, field(2, derivation), password_key(derivation, password))

    def add_wrapped_slot(self, recipient, fingerprint, wrapped, slot_key, oaep_hash=None):
        fields = field(1, fingerprint) + field(2, wrapped)
        fields += field(3, bytes([oaep_hash])) if oaep_hash else b""
        self.store_slot(1, recipient, field(4, fields), slot_key)

    def store_slot(self, capability, recipient, recipient_field, slot_key):
        granted = {1: (3, 4, 5), 2: (3, 4, 5), 3: (5,)}[capability]
        epoch = field(1, bytes(2)) + field(2, bytes([self.suite]))
        epoch += b"".join(field(tag, self.secrets[tag]) for tag in granted)
        epoch += field(6, raw_public(self.box_key))
        epoch += field(7, raw_private(self.box_key)) if capability == 1 else b""
        record = field(1, bytes([capability])) + field(2, raw_private(self.signer))
        record += field(3, raw_public(self.authority)) + field(4, self.certificate(capability))
        record += field(5, raw_private(self.authority)) if capability == 1 else b""
        record += field(6, epoch) + field(7, self.config)
        slot = os.urandom(16)
        label = field(1, bytes([capability])) + field(2, bytes(8)) + field(3, b"me")
        sealed_label = field(3, seal(self.suite, self.index_key, b"igudar slot label", slot, label))
        parts = (recipient_field, sealed_label) if recipient == 1 else (sealed_label, recipient_field)
        clear = field(1, bytes([recipient])) + b"".join(parts) + field(5, bytes(2))
        data = header(2) + struct.pack("<I", len(clear)) + clear
        data += seal(self.suite, slot_key, b"igudar key slot", data, record)
        data += hashlib.sha256(data).digest()
        for copy in (1, 2):
            self.put(f"keys/{slot.hex()}.{copy}", data)

    def signed(self, kind, info, fields, name=b"", capability=1):
        before, salt = header(kind) + bytes(2), os.urandom(32)
        signature = self.signer.sign(b"igudar record 1" + self.repository_id + bytes([kind, 0, 0])
                                     + sized(name) + salt + fields)
        record = fields + raw_public(self.signer) + bytes([capability])
        record += self.certificate(capability) + signature
        return before + seal(self.suite, self.index_key, info, before + name, record, salt=salt)

    def add_tombstone(self, forgotten, heads=(), capability=1):
        fields = field(1, bytes.fromhex(forgotten) + b"".join(map(bytes.fromhex, heads)))
        fields += field(2, bytes(8)) + field(3, bytes(8))
        data = self.signed(6, b"igudar tombstone", fields, capability=capability)
        return self.put_hashed("tombstones", data)

    def add_gc(self, generation, packs, suffix=""):
        name = f"{generation:016x}{suffix}"
        fields = field(1, struct.pack("<Q", generation)) + field(2, b"".join(packs))
        data = self.signed(8, b"igudar gc", fields + field(4, bytes(8)), name.encode())
        self.put(f"gc/{name}", data)

    def sign_clear(self, purpose, data, capability=1):
        data += raw_public(self.signer) + bytes([capability]) + self.certificate(capability)
        return data + self.signer.sign(purpose + self.repository_id + data)

    def add_subject(self, name):
        """(id, key) of a new subject of the audit log."""
        subject, key = os.urandom(16), os.urandom(32)
        data = header(13) + bytes(2) + subject + bytes([self.suite])
        data += sized(sealed_box(key, raw_public(self.box_key)))
        data += sized(seal(self.suite, key, b"igudar audit subject", data, name))
        self.put(f"subjects/{subject.hex()}", self.sign_clear(b"igudar subject 1", data))
        return subject, key

    def audit_entry(self, log, number, previous, facts, subject=None, personal=b"", capability=1):
        clear = header(12) + bytes(2) + log + struct.pack("<Q", number) + previous
        data = clear + sized(seal(self.suite, self.index_key, b"igudar audit", clear, facts))
        sealed = b""
        if subject:
            sealed = subject[0] + seal(self.suite, subject[1], b"igudar audit personal", clear, personal)
        return self.sign_clear(b"igudar audit 1", data + sized(sealed), capability)

    def add_log(self, operations, subject=None, personal=b"", merged=0):
        """A log of these operations, the first `merged` entries in one object. Its id."""
        log, previous, entries = os.urandom(16), bytes(32), []
        for number, operation in enumerate(operations):
            facts = field(1, b"\1") + field(2, struct.pack("<q", number)) + field(3, operation)
            facts += field(4, bytes(16)) + field(8, sized(b"files") + varint(300)) + field(9, b"\2snapshots/ab")
            entries.append(self.audit_entry(log, number, previous, facts + field(99, b"later"), subject, personal))
            previous = hashlib.sha256(entries[-1]).digest()
        if merged:
            self.put(f"audit/{log.hex()}.0-{merged - 1}",
                     header(12) + bytes(2) + b"".join(sized(entry) for entry in entries[:merged]))
        for number, entry in enumerate(entries[merged:], merged):
            self.put(f"audit/{log.hex()}.{number}", entry)
        return log

    def add_lease(self):
        name = f"{os.urandom(16).hex()}.3"
        before = header(7) + bytes(2)
        fields = field(1, bytes(8)) + field(2, struct.pack("<Q", 60)) + field(3, b"\1")
        self.put(f"leases/{name}", before + seal(self.suite, self.index_key, b"igudar lease",
                                                 before + name.encode(), fields))


class Session:
    """A backup of entries given as {path: entry maker}; one stream for each type of chunks."""

    def __init__(self, writer):
        self.writer = writer
        self.suite = writer.suite
        self.id = os.urandom(16)
        self.secret = os.urandom(32)
        self.box = sealed_box(self.secret, raw_public(writer.box_key))
        self.chunks = {kind: [] for kind in (1, 2, 3, 4)}
        self.frames = []
        self.needed = set()

    def chunk(self, kind, plain):
        chunk_id = self.writer.chunk_id(kind, plain)
        if chunk_id not in self.writer.copies:
            self.writer.copies[chunk_id] = (self.id, kind, len(self.chunks[kind]))
            self.chunks[kind].append((chunk_id, plain))
        if kind != 4:
            self.needed.add(chunk_id)
        return chunk_id

    def extents(self, parts):
        """Encoded (size, id) pairs of bytes, or of holes given as numbers."""
        out = []
        for part in parts:
            if isinstance(part, int):
                out.append((part, varint(part << 1 | 1)))
            else:
                out.append((len(part), varint(len(part) << 1) + self.chunk(1, part)))
        return out

    def content(self, parts, listed):
        extents, level = self.extents(parts), 0
        size = sum(extent[0] for extent in extents)
        if listed:
            level, halves = 1, [extents[:len(extents) // 2], extents[len(extents) // 2:]]
            extents = [self.extent_list(half) for half in halves]
        body = varint(len(extents)) + b"".join(extent[1] for extent in extents)
        return varint(size) + bytes([level]) + body

    def extent_list(self, extents):
        size = sum(extent[0] for extent in extents)
        chunk = self.chunk(3, varint(len(extents)) + b"".join(extent[1] for extent in extents))
        return size, varint(size << 1) + chunk

    def table(self, kind, rows):
        """Pages of at most three rows; a row is (key, value, sums), sums (entries, files, bytes, newest)."""
        level = 0
        while True:
            pages = [rows[at:at + 3] for at in range(0, len(rows), 3)] or [[]]
            above = []
            for page in pages:
                sums = tuple(sum(row[2][i] for row in page) for i in range(3))
                newest = max((row[2][3] for row in page), default=0)
                chunk = self.chunk(kind, bytes([level]) + varint(len(page)) + self.page(page, level))
                if page:
                    above.append((page[0][0], chunk, (*sums, newest)))
            if len(pages) == 1:
                return chunk + bytes([level])
            level, rows = level + 1, above

    @staticmethod
    def page(rows, level):
        out, before = b"", None
        for key, value, sums in rows:
            shared = len(os.path.commonprefix([before, key])) if before is not None else 0
            out += varint(shared) + sized(key[shared:])
            out += sized(value) if level == 0 else (
                value + b"".join(map(varint, sums[:3])) + zigzag(sums[3]))
            before = key
        return out

    def refset(self):
        blocks = {}
        for chunk_id in self.needed:
            session, stream, ordinal = self.writer.copies[chunk_id]
            key = session + struct.pack(">II", stream, ordinal >> 16)
            blocks.setdefault(key, []).append(ordinal & 65535)
        rows = []
        for key in sorted(blocks):
            ordinals = sorted(blocks[key])
            rows.append((key, self.ordinals(ordinals), (1, len(ordinals), 0, 0)))
        return self.table(4, rows)

    @staticmethod
    def ordinals(ordinals):
        runs, bits = [], bytearray(ordinals[-1] // 8 + 1)
        for ordinal in ordinals:
            bits[ordinal // 8] |= 1 << ordinal % 8
            if runs and runs[-1][1] == ordinal:
                runs[-1][1] += 1
            else:
                runs.append([ordinal, ordinal + 1])
        packed, at = b"", 0
        for start, end in runs:
            packed += varint(start - at) + varint(end - start - 1)
            at = end
        return b"\1" + bytes(bits) if len(bits) < len(packed) else b"\0" + packed

    def session_key(self, kind):
        if kind == 4:
            return hkdf(self.writer.index_key, self.id, b"igudar session refset", 32)
        info = b"igudar session data" if kind == 1 else b"igudar session metadata"
        return hkdf(self.secret, self.id, info, 32)

    def description_key(self):
        return hkdf(self.secret, self.id, b"igudar session description", 32)

    def seal_frame(self, kind, counter, first, chunks):
        """The bytes of a frame and its row of (type, codec, stream, …) for the tables."""
        plain = b"".join(chunk[1] for chunk in chunks)
        codec, padding = counter % 6, counter % 3
        packed = COMPRESSORS[codec](plain)
        associated = struct.pack("<BBH16sIQIII", kind, codec, 0, self.id, kind, counter, len(plain),
                                 len(packed), padding)
        sealed = suite_seal(self.suite, self.session_key(kind), self.id,
                            b"igudar stream " + struct.pack("<I", kind),
                            struct.pack(">IQ", 0, counter), associated, packed + bytes(padding))
        row = (kind, codec, 0, kind, counter, first, len(plain), len(packed), padding, len(chunks))
        return sealed, row, chunks

    def write_pack(self, pack_type, kinds):
        """Writes a pack; returns (name, type, size, frames as (offset, row, chunks))."""
        name, data, frames = os.urandom(16), header(3), []
        for kind in kinds:
            for counter, first in enumerate(range(0, len(self.chunks[kind]), 2)):
                chunks = self.chunks[kind][first:first + 2]
                sealed, row, chunks = self.seal_frame(kind, counter, first, chunks)
                frames.append((len(data), row, chunks))
                data += sealed
        toc = seal(self.suite, self.writer.index_key, b"igudar toc", name, self.toc(frames))
        offset = len(data)
        data += toc
        blocks = b"".join(hashlib.sha256(data[at:at + 32768]).digest()[:16]
                          for at in range(0, len(data), 32768))
        footer = struct.pack("<QQQQQIHBB", offset, len(toc), len(data), 0, len(data), 32768, 0,
                             pack_type, 0)
        footer += hashlib.sha256(blocks + footer).digest() + bytes(8) + header(9)
        data += blocks + footer
        self.writer.put(f"packs/{name.hex()[:2]}/{name.hex()}", data)
        return name, pack_type, len(data), frames

    def toc(self, frames):
        out = varint(1) + varint(1) + self.id + bytes(2) + bytes([self.suite]) + bytes(2) + sized(self.box) + varint(len(frames))
        for _, row, _ in frames:
            out += bytes(row[:2]) + b"".join(map(varint, row[2:]))
        chunks = [chunk for _, _, chunks in frames for chunk in chunks]
        out += b"".join(chunk[0] for chunk in chunks)
        return out + b"".join(varint(len(chunk[1])) for chunk in chunks)

    def write_index(self, packs):
        out = varint(1) + varint(len(packs))
        out += b"".join(name + bytes([kind]) + varint(size) for name, kind, size, _ in packs)
        out += varint(1) + self.id + bytes(2) + bytes([self.suite]) + bytes(2) + sized(self.box)
        frames = [(number, *frame) for number, pack in enumerate(packs) for frame in pack[3]]
        out += varint(len(frames))
        columns = zip(*((number, offset, *row) for number, offset, row, _ in frames))
        out += b"".join(varint(value) for column in columns for value in column)
        rows = sorted((chunk[0], number, place, len(chunk[1]))
                      for number, frame in enumerate(frames) for place, chunk in enumerate(frame[3]))
        out += varint(len(rows)) + b"".join(row[0] for row in rows)
        out += b"".join(varint(row[i]) for i in (1, 2, 3) for row in rows)
        before = header(4) + bytes(2)
        return self.writer.put_hashed(
            "index", before + seal(self.suite, self.writer.index_key, b"igudar index", before, out))

    def write(self, entries, heads=(), time=1, capability=1):
        """Stores a snapshot of (path, value, sums) rows; returns its id."""
        rows = sorted((path.replace(b"/", b"\0"), value, sums) for path, value, sums in entries)
        tree, refset = self.table(2, rows), self.refset()
        packs = [self.write_pack(1, [1]), self.write_pack(2, [2, 3, 4])]
        self.write_index(packs)
        pages = field(9, self.id + struct.pack("<IQQ", 4, 0, len(self.chunks[4])))
        description = field(1, b"host") + field(2, b"user") + field(3, b"/data")
        description += field(4, "étiquette".encode()) + field(5, b"igudar_read_test")
        fields = [field(1, tree), field(2, refset)]
        fields += [field(3, bytes.fromhex(head)) for head in heads]
        fields += [field(4, bytes(8)), field(5, struct.pack("<q", time)), field(6, bytes(8)),
                   field(7, bytes(32)), pages, field(11, b"\1"), field(12, bytes(12)),
                   field(13, self.id), field(14, seal(self.suite, self.description_key(), b"igudar description",
                                                      self.id, description)),
                   field(16, bytes(2) + bytes([self.suite]) + bytes(2) + self.box)]
        return self.writer.put_hashed("snapshots", self.writer.signed(
            5, b"igudar snapshot", b"".join(fields), capability=capability))


class Tree:
    """Rows for Session.write(), made one entry at a time."""

    def __init__(self, session):
        self.session = session
        self.rows = []

    def add(self, path, kind, mode, parts=(), size=0):
        """`parts` maps bits of `present` to encoded values."""
        parts = dict(parts)
        value = bytes([kind]) + varint(sum(parts)) + varint(mode)
        value += varint(os.getuid()) + varint(os.getgid()) + sized(b"user") + sized(b"")
        value += zigzag(1600000000) + varint(123456789) + zigzag(-2) + varint(5) + varint(42)
        value += b"".join(parts[bit] for bit in sorted(parts))
        self.rows.append((path, value, (1, int(kind == 1), size, -2_000_000_000 + 5)))
        return self

    def folder(self, path, mode=0o755):
        return self.add(path, 2, mode)

    def file(self, path, *parts, listed=False, mode=0o644, more=()):
        size = sum(part if isinstance(part, int) else len(part) for part in parts)
        return self.add(path, 1, mode, {64: self.session.content(parts, listed), **dict(more)}, size)

    def symlink(self, path, target):
        return self.add(path, 3, 0o777, {16: sized(target)})


def sample_tree(session):
    """A bit of everything."""
    tree = Tree(session).folder(b"", 0o750).folder(b"dir").folder(b"dir/closed", 0o500)
    tree.file(b"dir/closed/in", b"inside").file(b"empty")
    tree.file(b"caf\xe9\n", b"name that is no UTF-8")
    tree.file(b"big", *(bytes([i % 251]) * 100 for i in range(40)), listed=True)
    digest = hashlib.sha1(b"start" + bytes(3 << 20) + b"end").digest()
    tree.file(b"sparse", b"start", 3 << 20, b"end", more={128: varint(1) + b"\2" + sized(digest)})
    tree.file(b"xattr", b"x", mode=0o400, more={32: varint(1) + sized(b"user.k") + sized(b"v\0")})
    tree.file(b"hard1", b"linked", more={2: varint(2) + varint(9)})
    tree.file(b"hard2", b"linked", more={2: varint(2) + varint(9)})
    tree.symlink(b"link", b"../nowhere").add(b"fifo", 4, 0o600)
    tree.file(b"setuid", b"s", mode=0o4755)
    for i in range(30):
        tree.file(b"dir/%03d" % i, b"%d " % i * 50)
    return tree


# --- The tests ----------------------------------------------------------------------------------

class Scratch(unittest.TestCase):
    """A scratch folder with the sample repository, made once and copied for each test.

    Its second session is sealed with another suite than its first.
    """

    @classmethod
    def setUpClass(cls):
        cls.scratch = pathlib.Path(tempfile.mkdtemp(prefix="igudar-read-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.scratch, True)
        cls.writer = Writer(cls.scratch / "sample")
        session = Session(cls.writer)
        cls.first = session.write(sample_tree(session).rows)
        cls.writer.suite = 2
        session = Session(cls.writer)
        tree = sample_tree(session).file(b"new", b"only in the second")
        cls.second = session.write(tree.rows, [cls.first], 2)
        cls.writer.add_lease()

    def setUp(self):
        self.repository = self.scratch / self.id()
        shutil.copytree(self.scratch / "sample", self.repository)
        self.writer.root = self.repository
        self.target = self.scratch / f"{self.id()}.target"

    def run_reader(self, *arguments, password=PASSWORD):
        """(exit code, output, errors) of a run in this process."""
        os.environb[b"IGUDAR_PASSWORD"] = password
        out, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
            code = READER.main([str(argument) for argument in arguments])
        return code, out.getvalue(), errors.getvalue()

    def assert_sample_restored(self):
        where = self.target
        self.assertEqual((where / "big").read_bytes(), b"".join(bytes([i % 251]) * 100 for i in range(40)))
        self.assertEqual((where / "sparse").read_bytes(), b"start" + bytes(3 << 20) + b"end")
        self.assertEqual((where / "dir/007").read_bytes(), b"7 " * 50)
        self.assertEqual((where / "empty").read_bytes(), b"")


class Reading(Scratch):

    def test_List_shows_the_snapshots_oldest_first(self):
        code, out, errors = self.run_reader(self.repository, "list")
        self.assertEqual((code, errors), (0, ""))
        self.assertEqual([line[:64] for line in out.splitlines()], [self.first, self.second])
        self.assertIn("1970-01-01T00:00:00.000000001Z  host  /data  [étiquette]", out)

    def test_Ls_shows_each_entry_on_one_line(self):
        code, out, _ = self.run_reader(self.repository, "ls", self.first[:8])
        lines = out.splitlines()
        self.assertEqual(code, 0)
        self.assertEqual(len(lines), 44)
        self.assertTrue(any(line.endswith("caf\\xe9\\n") for line in lines))
        self.assertTrue(any(line.startswith("-rwsr-xr-x") for line in lines))
        self.assertTrue(any(line.endswith("link -> ../nowhere") for line in lines))

    def test_Restore_gives_back_all_that_was_stored(self):
        code, _, errors = self.run_reader(self.repository, "restore", "latest", self.target)
        self.assertEqual((code, errors), (0, ""))
        self.assert_sample_restored()
        self.assertEqual((self.target / "new").read_bytes(), b"only in the second")
        self.assertEqual(os.listdir(os.fsencode(self.target / "dir/closed")), [b"in"])
        self.assertTrue(os.path.exists(os.fsencode(self.target) + b"/caf\xe9\n"))

    def test_Restore_gives_back_metadata(self):
        self.run_reader(self.repository, "restore", self.first, self.target)
        for name, mode in (("dir/closed", 0o40500), ("setuid", 0o104755), ("fifo", 0o10600),
                           ("xattr", 0o100400), (".", 0o40750)):
            self.assertEqual((self.target / name).lstat().st_mode, mode, name)
        for name in ("dir", "dir/closed", "empty", "link", "fifo", "."):
            self.assertEqual((self.target / name).lstat().st_mtime_ns, 1600000000123456789, name)
        self.assertEqual(os.getxattr(self.target / "xattr", "user.k"), b"v\0")
        self.assertEqual(os.readlink(self.target / "link"), "../nowhere")
        self.assertEqual((self.target / "hard1").stat().st_ino, (self.target / "hard2").stat().st_ino)
        self.assertLess((self.target / "sparse").stat().st_blocks * 512, 1 << 20)

    def test_Tables_of_contents_alone_are_enough(self):
        shutil.rmtree(self.repository / "index")
        code, _, errors = self.run_reader(self.repository, "restore", "latest", self.target)
        self.assertEqual((code, errors), (0, ""))
        self.assert_sample_restored()

    def test_From_packs_ignores_the_index(self):
        for segment in (self.repository / "index").iterdir():
            segment.write_bytes(b"broken")
        code, _, errors = self.run_reader("--from-packs", self.repository, "restore", "latest",
                                          self.target)
        self.assertEqual((code, errors), (0, ""))
        self.assert_sample_restored()

    def test_The_copy_of_the_config_in_a_slot_is_enough(self):
        (self.repository / "config").unlink()
        code, _, errors = self.run_reader(self.repository, "restore", "latest", self.target)
        self.assertIn("config:", errors)
        self.assertEqual(code, 3)
        self.assert_sample_restored()

    def test_A_forgotten_snapshot_is_not_shown(self):
        self.writer.add_tombstone(self.second, [self.first])
        self.assertNotIn(self.second, self.run_reader(self.repository, "list")[1])

    def test_Passwords_by_PBKDF2_open_their_slot(self):
        derivation = struct.pack("<BII16s", 2, 100_000, 0, os.urandom(16))
        self.writer.add_slot(b"other", 1, derivation)
        self.assertEqual(self.run_reader(self.repository, "list", password=b"other")[0], 0)

    def test_Passwords_by_scrypt_open_their_slot(self):
        self.writer.add_slot(b"other", 1, struct.pack("<BII16s", 3, 2, 8192, os.urandom(16)))
        self.assertEqual(self.run_reader(self.repository, "list", password=b"other")[0], 0)

    def key_file(self, content):
        path = self.scratch / f"{self.id()}.key"
        path.write_bytes(content)
        return path

    def test_An_identity_opens_its_slot(self):
        pair, slot_key = X25519PrivateKey.generate(), os.urandom(32)
        public = raw_public(pair)
        self.writer.add_wrapped_slot(2, hashlib.sha256(public).digest()[:8], sealed_box(slot_key, public), slot_key)
        lines = [prefix + (value + hashlib.sha256(prefix.encode() + value).digest()[:4]).hex()
                 for prefix, value in (("igudar-recipient-1-", public), ("igudar-identity-1-", raw_private(pair)))]
        path = self.key_file("# mine\r\n{}\n\n{}\n".format(*lines).encode())
        code, _, errors = self.run_reader("--identity", path, self.repository, "list", password=b"wrong")
        self.assertEqual(code, 0, errors)
        for broken in (lines[0], lines[1], lines[0] + "\n" + lines[1].replace("-1-", "-1-00")):
            path = self.key_file(broken.encode())
            self.assertEqual(self.run_reader("--identity", path, self.repository, "list")[0], 11)

    def test_An_RSA_key_opens_its_slot_by_both_hashes(self):
        key = rsa.generate_private_key(65537, 2048)
        der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        path = self.key_file(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        self.assertEqual(self.run_reader("--identity", path, self.repository, "list")[0], 12)
        for number, digest in ((1, hashes.SHA256()), (2, hashes.SHA1())):
            shutil.rmtree(self.repository / "keys")
            slot_key = os.urandom(32)
            wrapped = key.public_key().encrypt(slot_key, padding.OAEP(padding.MGF1(digest), digest, None))
            self.writer.add_wrapped_slot(3, hashlib.sha256(der).digest()[:8], wrapped, slot_key, number)
            code, _, errors = self.run_reader("--identity", path, self.repository, "list")
            self.assertEqual(code, 0, errors)

    def test_A_key_to_write_reads_neither_names_nor_content(self):
        self.writer.add_slot(b"writer", 2)
        for command in (("ls", "latest"), ("restore", "latest", self.target)):
            code, output, errors = self.run_reader(self.repository, *command, password=b"writer")
            self.assertEqual(code, 12, errors)
            self.assertEqual(output, "")

    def test_Keys_to_write_and_to_maintain_check_what_they_can_see(self):
        for capability in (2, 3):
            self.writer.add_slot(b"less", capability)
            code, _, errors = self.run_reader(self.repository, "check", password=b"less")
            self.assertEqual(code, 0, errors)
            self.assertIn("frames were not opened", errors)
            shutil.rmtree(self.repository / "keys")


    def test_Each_suite_is_read_without_the_other(self):
        for suite in (1, 2):
            writer = Writer(self.scratch / f"{self.id()}.{suite}", suite)
            session = Session(writer)
            session.write(sample_tree(session).rows)
            self.target = self.scratch / f"{self.id()}.{suite}.target"
            code, _, errors = self.run_reader(writer.root, "restore", "latest", self.target)
            self.assertEqual((code, errors), (0, ""))
            self.assert_sample_restored()
            self.assertEqual(self.run_reader(writer.root, "check"), (0, "", ""))


class Auditing(Scratch):

    PERSONAL = field(1, b"amina") + field(2, bytes(4)) + field(3, b"web1") + field(4, b"/home/amina/lettre \xff")

    def setUp(self):
        super().setUp()
        self.subject = self.writer.add_subject(b"amina@web1")
        self.log = self.writer.add_log([b"init", b"backup", b"key add", b"restore"], self.subject, self.PERSONAL, 2)

    def object(self, number):
        return self.repository / f"audit/{self.log.hex()}.{number}"

    def test_Entries_loose_and_merged_are_shown_in_order(self):
        code, out, errors = self.run_reader(self.repository, "audit")
        self.assertEqual((code, errors), (0, ""))
        lines = out.splitlines()
        self.assertEqual([line.split("  ")[4] for line in lines], ["init", "backup", "key add", "restore"])
        self.assertIn(r"amina@web1  /home/amina/lettre \xff  files=300  read:snapshots/ab", lines[1])

    def test_Chain_and_signatures_are_verified_without_any_key(self):
        code, out, errors = self.run_reader(self.repository, "audit", "--without-key", password=b"wrong")
        self.assertEqual((code, errors), (0, ""))
        self.assertEqual(len(out.splitlines()), 4)
        self.assertNotIn("backup", out)

    def test_Without_the_key_of_its_subject_an_entry_names_nobody(self):
        (self.repository / f"subjects/{self.subject[0].hex()}").unlink()
        code, out, errors = self.run_reader(self.repository, "audit")
        self.assertEqual((code, errors), (0, ""))
        self.assertIn("(anonymised or sealed)  files=300", out)
        self.assertNotIn("amina", out)

    def test_A_key_to_write_reads_facts_and_no_names(self):
        self.writer.add_slot(b"writer", 2)
        code, out, _ = self.run_reader(self.repository, "audit", password=b"writer")
        self.assertEqual(code, 0)
        self.assertIn("key add", out)
        self.assertNotIn("amina", out)

    def test_A_missing_entry_is_found(self):
        self.object(2).unlink()
        code, _, errors = self.run_reader(self.repository, "audit", "--without-key")
        self.assertEqual(code, 11)
        self.assertIn("entries 2 to 2 are missing", errors)

    def test_A_changed_entry_is_found_without_keys(self):
        for at in range(0, self.object(2).stat().st_size, 37):
            data = bytearray(self.object(2).read_bytes())
            data[at] ^= 1
            self.object(2).write_bytes(data)
            code, _, errors = self.run_reader(self.repository, "audit", "--without-key")
            self.assertIn(f"{self.log.hex()}.2: ", errors, at)
            self.assertNotEqual(code, 0, at)
            data[at] ^= 1
            self.object(2).write_bytes(data)

    def test_Swapped_entries_are_found(self):
        second, third = self.object(2).read_bytes(), self.object(3).read_bytes()
        self.object(2).write_bytes(third)
        self.object(3).write_bytes(second)
        code, _, errors = self.run_reader(self.repository, "audit", "--without-key")
        self.assertEqual(code, 11)
        self.assertIn("of another place", errors)

    def test_An_entry_by_another_certified_key_is_found(self):
        previous = hashlib.sha256(self.object(3).read_bytes()).digest()
        signer, self.writer.signer = self.writer.signer, Ed25519PrivateKey.generate()
        self.addCleanup(setattr, self.writer, "signer", signer)
        facts = field(1, b"\1") + field(2, bytes(8)) + field(3, b"init") + field(4, bytes(16))
        self.writer.put(f"audit/{self.log.hex()}.4", self.writer.audit_entry(self.log, 4, previous, facts))
        code, _, errors = self.run_reader(self.repository, "audit", "--without-key")
        self.assertEqual(code, 11)
        self.assertIn("another key than its log", errors)


class Refusing(Scratch):

    def test_A_config_with_an_unknown_suite_needs_a_newer_program(self):
        self.writer.suite = 3
        self.writer.put("config", self.writer.make_config())
        code, _, errors = self.run_reader(self.repository, "list")
        self.assertIn("the cipher suite 3 is not known", errors)
        self.assertNotEqual(code, 0)
        type(self).writer.suite = 2

    def test_A_record_that_says_another_suite_does_not_open(self):
        snapshot = self.repository / "snapshots" / self.second
        data = bytearray(snapshot.read_bytes())
        self.assertEqual(data[10], 2)
        data[10] = 1
        self.assertEqual(self.writer.put_hashed("snapshots", bytes(data)), hashlib.sha256(data).hexdigest())
        code, _, errors = self.run_reader(self.repository, "list")
        self.assertEqual(code, 11)
        self.assertIn("the seal is broken", errors)


    def test_A_wrong_password_is_told_from_damage(self):
        self.assertEqual(self.run_reader(self.repository, "list", password=b"wrong")[0], 12)
        for slot in (self.repository / "keys").iterdir():
            slot.write_bytes(slot.read_bytes()[:-1])
        self.assertEqual(self.run_reader(self.repository, "list")[0], 11)

    def test_No_repository_has_its_own_code(self):
        self.assertEqual(self.run_reader(self.scratch / "nothing", "list")[0], 10)

    def test_A_feature_needed_to_read_is_refused(self):
        self.writer.config = self.writer.make_config(field(9, b"time travel"))
        self.writer.put("config", self.writer.config)
        code, _, errors = self.run_reader(self.repository, "list")
        self.assertEqual(code, 1)
        self.assertIn("time travel", errors)

    def restore_hostile(self, make):
        session = Session(self.writer)
        tree = Tree(session).folder(b"")
        make(tree)
        hostile = session.write(tree.rows, time=3)
        return self.run_reader(self.repository, "restore", hostile, self.target / "in")[0]

    def test_Restore_never_follows_a_symlink_of_the_snapshot(self):
        outside = self.target / "outside"
        outside.mkdir(parents=True)

        def make(tree):
            tree.symlink(b"a", os.fsencode(outside)).file(b"a/planted", b"x")
        self.assertEqual(self.restore_hostile(make), 11)
        self.assertEqual(list(outside.iterdir()), [])

    def test_Restore_follows_no_symlink_even_if_the_tree_was_not_verified(self):
        outside = self.target / "outside"
        outside.mkdir(parents=True)
        tree = Tree(Session(self.writer)).symlink(b"a", os.fsencode(outside)).add(b"a\0fifo", 4, 0o600)
        tree.entries = lambda: ((path, READER.decode_entry(value)) for path, value, _ in tree.rows)
        problems = []
        READER.Restore(tree, self.target / "in", lambda *problem: problems.append(problem)).run()
        self.assertEqual([what for what, _ in problems], ["a/fifo"])
        self.assertEqual(list(outside.iterdir()), [])

    def test_A_wrong_digest_of_a_whole_file_is_told_and_the_file_not_kept(self):
        digest = {128: varint(1) + b"\1" + sized(bytes(32))}
        self.assertEqual(self.restore_hostile(lambda t: t.file(b"f", b"x", more=digest)), 11)
        self.assertFalse((self.target / "in/f").exists())

    def test_A_chunk_under_the_id_of_another_is_refused(self):
        def make(tree):
            tree.file(b"f", b"what was seen")
            chunks = tree.session.chunks[1]
            chunks[-1] = (chunks[-1][0], b"what is there")
        self.assertEqual(self.restore_hostile(make), 11)
        self.assertFalse((self.target / "in/f").exists())
        self.assertEqual(self.run_reader(self.repository, "check")[0], 11)

    def test_Restore_refuses_names_that_lead_outside(self):
        for name in (b"../planted", b"./planted", b"a//planted"):
            with self.subTest(name):
                self.assertEqual(self.restore_hostile(lambda tree, n=name: tree.file(n, b"x")), 11)
                self.assertFalse((self.target / "planted").exists())
                shutil.rmtree(self.target)

    def test_Restore_wants_an_empty_target(self):
        self.target.mkdir()
        (self.target / "mine").touch()
        self.assertEqual(self.run_reader(self.repository, "restore", "latest", self.target)[0], 1)

    def test_A_tombstone_or_snapshot_of_the_wrong_signer_does_not_count(self):
        self.writer.add_tombstone(self.second, capability=2)
        code, out, _ = self.run_reader(self.repository, "list")
        self.assertEqual(code, 11)
        self.assertIn(self.second, out)

    def test_A_swept_record_is_no_record_of_condemned_packs(self):
        packs = [os.urandom(16)]
        name = "0000000000000001"
        self.writer.add_gc(1, packs)
        self.writer.add_gc(1, packs, ".swept")
        self.assertEqual(self.run_reader(self.repository, "check")[0], 0)
        signed = self.repository / f"gc/{name}.swept"
        self.writer.put(f"gc/{name}", self.reseal(signed.read_bytes(), signed.name, name))
        self.assertEqual(self.run_reader(self.repository, "check")[0], 11)

    def reseal(self, data, old, new):
        """What a holder of the index key can do to a signed record: give it another name."""
        keys = [hkdf(self.writer.index_key, data[11:43], layer + b" igudar gc", 32)
                for layer in (b"outer", b"inner")]
        sealed = data[43:]
        for cipher, key in zip((ChaCha20Poly1305, AESGCM), keys):
            sealed = cipher(key).decrypt(bytes(12), sealed, b"\2" + data[:10] + old.encode())
        return data[:43] + suite_seal(2, self.writer.index_key, data[11:43], b"igudar gc", bytes(12),
                                      data[:10] + new.encode(), sealed)


class Checking(Scratch):

    def test_A_sound_repository_is_clean(self):
        self.assertEqual(self.run_reader(self.repository, "check"), (0, "", ""))

    def test_Every_damaged_object_is_named(self):
        for path in sorted(self.repository.rglob("*")):
            if path.is_dir():
                continue
            sound = path.read_bytes()
            for damage, name in ((self.flip(sound), "flipped"), (sound[:-1], "cut"), (b"", "empty")):
                with self.subTest(f"{path.parent.name}/{path.name} {name}"):
                    path.write_bytes(damage)
                    code, _, errors = self.run_reader(self.repository, "check")
                    self.assertEqual(code, 11, errors)
                    self.assertIn(path.name, errors)
            path.write_bytes(sound)

    def test_Every_byte_at_the_end_of_a_pack_is_covered(self):
        path = next((self.repository / "packs").glob("*/*"))
        store, sound = READER.Store(str(self.repository)), path.read_bytes()
        READER.check_block_hashes(store, path.name)
        for back in range(1, 120):
            path.write_bytes(sound[:-back] + bytes([sound[-back] ^ 1]) + sound[len(sound) - back + 1:])
            with self.subTest(back), self.assertRaises((READER.Damaged, READER.Unsupported)):
                READER.check_block_hashes(store, path.name)

    def test_An_object_under_the_name_of_another_is_damaged(self):
        for folder in ("index", "snapshots"):
            path = next((self.repository / folder).iterdir())
            path.rename(path.with_name("0" * 64))
        _, _, errors = self.run_reader(self.repository, "check")
        self.assertIn(f"index/{'0' * 64}: the bytes are not those", errors)
        self.assertIn(f"snapshots/{'0' * 64}: the bytes are not those", errors)

    @staticmethod
    def flip(data):
        at = len(data) // 3
        return data[:at] + bytes([data[at] ^ 16]) + data[at + 1:]

    def test_Damaged_packs_never_give_wrong_bytes(self):
        for path in (self.repository / "packs").glob("*/*"):
            path.write_bytes(self.flip(path.read_bytes()))
        self.assertEqual(self.run_reader(self.repository, "restore", "latest", self.target)[0], 11)

    def test_A_lost_snapshot_is_noticed_by_the_graph(self):
        (self.repository / "snapshots" / self.first).unlink()
        code, _, errors = self.run_reader(self.repository, "check")
        self.assertEqual(code, 11)
        self.assertIn(self.first, errors)

    def test_A_forgotten_snapshot_is_not_lost(self):
        (self.repository / "snapshots" / self.first).unlink()
        self.writer.add_tombstone(self.first)
        self.assertEqual(self.run_reader(self.repository, "check")[0], 0)

    def test_A_reference_set_that_misses_a_chunk_is_found(self):
        session = Session(self.writer)
        tree = Tree(session).folder(b"").file(b"f", b"unnamed")
        session.needed.remove(session.chunk(1, b"unnamed"))
        bad = session.write(tree.rows, time=3)
        code, _, errors = self.run_reader(self.repository, "check")
        self.assertEqual(code, 11)
        self.assertIn(f"{bad}: 1 chunks are not named", errors)

    def test_Wrong_sums_in_an_inner_page_are_found(self):
        session = Session(self.writer)
        tree = sample_tree(session)
        path, value, _ = tree.rows[-1]
        tree.rows[-1] = (path, value, (1, 1, 4711, 0))
        session.write(tree.rows, time=3)
        self.assertEqual(self.run_reader(self.repository, "check")[0], 11)

    def test_A_missing_pack_is_found(self):
        pack = next((self.repository / "packs").glob("*/*"))
        pack.unlink()
        code, _, errors = self.run_reader(self.repository, "check")
        self.assertEqual(code, 11)
        self.assertIn(f"pack {pack.name} is missing", errors)


class Decoding(unittest.TestCase):

    def assert_damaged(self, decode, *arguments):
        with self.assertRaises(READER.Damaged):
            decode(*arguments)

    def test_Varints_have_one_form_each(self):
        for value in (0, 1, 127, 128, 300, (1 << 63) - 1, (1 << 64) - 1):
            self.assertEqual(READER.Cursor(varint(value)).varint(), value)
        for wrong in (b"", b"\x80", b"\x80\x00", b"\xff" * 9 + b"\x02", b"\x80" * 10 + b"\x01"):
            self.assert_damaged(READER.Cursor(wrong).varint)
        for value in (0, -1, 1, -(1 << 63), (1 << 63) - 1):
            self.assertEqual(READER.Cursor(zigzag(value)).zigzag(), value)

    def test_Field_lists_are_in_order_and_skip_what_is_unknown(self):
        fields = READER.field_list(field(1, b"a") + field(2, b"b") + field(2, b"c") + field(9, b"?"),
                                   {1: bytes, 3: bytes}, {2: bytes})
        self.assertEqual(fields, {1: b"a", 2: [b"b", b"c"], 3: None})
        self.assert_damaged(READER.field_list, field(2, b"") + field(1, b""), {1: bytes, 2: bytes})
        self.assert_damaged(READER.field_list, field(1, b"") + field(1, b""), {1: bytes})
        self.assert_damaged(READER.field_list, field(1, b"")[:-1] + b"\1", {1: bytes})
        self.assert_damaged(READER.field_list, b"", {1: bytes}, {}, (1,))

    def test_Keys_of_a_page_share_all_they_can(self):
        key = READER.Table.key
        self.assertEqual(key(READER.Cursor(b"\2\1d"), b"abc"), b"abd")
        self.assertEqual(key(READER.Cursor(b"\3\1d"), b"abc"), b"abcd")
        for wrong in (b"\1\2bd", b"\2\1b", b"\3\0", b"\4\1d", b"\2\0"):
            self.assert_damaged(key, READER.Cursor(wrong), b"abc")
        self.assert_damaged(key, READER.Cursor(b"\1\1d"), None)

    def test_Reference_sets_have_one_form_each(self):
        key = bytes(24)
        for ordinals in ([0], [5, 6, 7, 65535], list(range(0, 4000, 2)), [8], list(range(65536))):
            value = Session.ordinals(ordinals)
            (_, _, runs), sums = READER.decode_refset_entry(key, value)
            self.assertEqual([o for first, n in runs for o in range(first, first + n)], ordinals)
            self.assertEqual(sums.files, len(ordinals))
        for wrong in (b"\0", b"\1", b"\2\0", b"\1\1\0", b"\0\0\0\0\0", b"\0\0\xff\xff\x03\1\0",
                      b"\1\0\0\0\1", b"\0" + b"\1\0" * 2000):
            self.assert_damaged(READER.decode_refset_entry, key, wrong)

    def test_Entries_hold_what_fits_their_type(self):
        class NoSession:
            @staticmethod
            def content(_parts, _listed):
                return varint(0) + b"\0" + varint(0)
        good = Tree(NoSession).file(b"f").rows[0][1]
        self.assertEqual(READER.decode_entry(good).mtime, 1600000000123456789)
        self.assert_damaged(READER.decode_entry, good + b"\0")
        self.assert_damaged(READER.decode_entry, b"\2" + good[1:])
        with self.assertRaises(READER.Unsupported):
            READER.decode_entry(b"\x08" + good[1:])


class Primitives(unittest.TestCase):

    def test_Argon2id_in_Python_equals_libsodium(self):
        for passes, memory in ((1, 8), (3, 64), (2, 133)):
            derivation = struct.pack("<BII16s", 1, passes, memory, bytes(range(16)))
            self.assertEqual(READER.slow_argon2id(b"password", bytes(range(16)), passes, memory),
                             password_key(derivation, b"password"))

    def test_Sealed_boxes_of_libsodium_open(self):
        key, plain = X25519PrivateKey.generate(), os.urandom(32)
        box = sealed_box(plain, raw_public(key))
        self.assertEqual(READER.sealed_box_open(box, raw_public(key), raw_private(key)), plain)
        for at in (0, 40, 79):
            wrong = box[:at] + bytes([box[at] ^ 1]) + box[at + 1:]
            with self.assertRaises(READER.Damaged):
                READER.sealed_box_open(wrong, raw_public(key), raw_private(key))

    def test_Boxes_of_HPKE_open(self):
        key = ec.generate_private_key(ec.SECP256R1())
        public = key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
        secret = key.private_numbers().private_value.to_bytes(32, "big")
        self.assertEqual(READER.box_public(secret, public), public)
        plain = os.urandom(32)
        box = hpke_box(plain, key.public_key())
        self.assertEqual(READER.sealed_box_open(box, public, secret), plain)
        for at in (0, 40, 64, 65, 112):
            wrong = box[:at] + bytes([box[at] ^ 1]) + box[at + 1:]
            with self.subTest(at=at), self.assertRaises(READER.Damaged):
                READER.sealed_box_open(wrong, public, secret)
        for wrong in (box[:-1], box + b"\0", box[:40]):
            with self.assertRaises(READER.Damaged):
                READER.sealed_box_open(wrong, public, secret)
        self.assertEqual(READER.sealed_box_open(hpke_box(b"", key.public_key()), public, secret, plain_size=None), b"")

    def test_Key_pairs_follow_from_seeds_as_the_RFC_has_it(self):
        material = bytes.fromhex("668b37171f1072f3cf12ea8a236a45df23fc13b82af3609ad1e354f6ef817550")
        self.assertEqual(READER.hpke_key_pair(material).hex(),
                         "f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2")

    def test_Keys_of_boxes_have_one_of_two_lengths(self):
        for good in (bytes(32), b"\2" + bytes(32), b"\3" + bytes(32)):
            self.assertEqual(READER.box_key(good), good)
        for bad in (b"", bytes(31), bytes(33), b"\4" + bytes(64)):
            with self.subTest(bad=bad), self.assertRaises(READER.Damaged):
                READER.box_key(bad)

    def test_Codecs_give_back_exactly_what_was_announced(self):
        plain = b"abcabcabc" * 1000
        for codec, compress in enumerate(COMPRESSORS):
            packed = compress(plain)
            self.assertEqual(READER.decompress(codec, packed, len(plain)), plain)
            for wrong, size in ((packed + b"\0", len(plain)), (packed, len(plain) - 1),
                                (packed, len(plain) + 1), (packed[:-1], len(plain))):
                with self.subTest(codec=codec), self.assertRaises(READER.Damaged):
                    READER.decompress(codec, wrong, size)

    def test_LZ4_blocks_with_matches_are_read(self):
        library = ctypes.CDLL("liblz4.so.1")
        plain = os.urandom(50) + b"a" * 5000 + os.urandom(300) * 3
        out = ctypes.create_string_buffer(2 * len(plain))
        size = library.LZ4_compress_default(plain, out, len(plain), len(out))
        self.assertLess(size, 1000)
        self.assertEqual(READER.lz4(out.raw[:size], len(plain)), plain)


if __name__ == "__main__":
    unittest.main()
