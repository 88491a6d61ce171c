#!/bin/bash
# Fernet keys of Python's cryptography open what was added for them, and Python opens what is stored.
. "$(dirname "$0")/lib.sh"

echo content >source/file
init
backup source
umask 077
for name in first second; do
  "$python" -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())' >$name.fernet || fail "Python made no key"
done

checking "adding and opening"
run 0 key add --recipient first.fernet
run_json 0 key list --identity first.fernet
json '[key["recipient"] for key in last["keys"] if key["current"]][0]' | grep -qE '^Fernet [0-9a-f]{16}$' || fail "key list does not name the key"
slot=$(json '[key["id"] for key in last["keys"] if key["current"]][0]')
run 0 restore latest --target restored --identity first.fernet
assert_file restored/source/file content
assert_silent_about "$(cat first.fernet)"
printf %s "$(cat first.fernet)" >unended.fernet
run 0 snapshots --identity unended.fernet

checking "another key, and none"
run 12 snapshots --identity second.fernet
assert_says "no key slot .* is for the Fernet key [0-9a-f]{16}"
head -c 40 first.fernet >short.fernet
run 2 snapshots --identity short.fernet

checking "a file that others can read"
chmod 644 second.fernet
run 1 key add --recipient second.fernet
assert_says "chmod 600"
run 1 snapshots --identity second.fernet

needs_folder_store
checking "no key is stored"
found=$(grep -rlaF -f first.fernet "$HOME" "$XDG_CACHE_HOME" "$XDG_STATE_HOME" "$store" 2>/dev/null)
assert_equal "$found" "" "files with the key"
checking "a reader made from the format alone"
PYTHONDONTWRITEBYTECODE=1 "$python" "$tools/igudar-read" --identity first.fernet "$IGUDAR_REPOSITORY" restore latest by-reader >out 2>err || fail "the reader does not open the slot"
assert_file by-reader/source/file content

checking "a slot key that Python wrapped"
"$python" -B - "$tools/igudar-read" "$IGUDAR_REPOSITORY/keys/$slot" first.fernet <<'P' || fail "Python does not wrap the key anew"
import hashlib, importlib.machinery, importlib.util, struct, sys
from cryptography.fernet import Fernet
loader = importlib.machinery.SourceFileLoader("igudar_read", sys.argv[1])
reader = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
sys.modules[loader.name] = reader
loader.exec_module(reader)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
fernet = Fernet(open(sys.argv[3], "rb").read().strip())
data = open(sys.argv[2] + ".1", "rb").read()
slot = reader.decode_slot(data)
key = fernet.decrypt(slot.wrapped[2])
record = reader.open_record(key, b"key slot", slot.clear, slot.sealed)
again = fernet.encrypt(key)
assert len(again) == len(slot.wrapped[2]) and again != slot.wrapped[2]
clear = slot.clear.replace(slot.wrapped[2], again)
salt = bytes(32)
body = b"\0" + reader.struct.pack("B", len(record) & 127 | 128) + reader.struct.pack("B", len(record) >> 7) + record
suite_key, = reader.suite_keys(1, key, salt, b"igudar key slot")
sealed = b"\1" + salt + AESGCM(suite_key).encrypt(bytes(12), body, b"\1" + clear)
new = clear + sealed
for copy in ".1", ".2":
    open(sys.argv[2] + copy, "wb").write(new + hashlib.sha256(new).digest())
P
run 0 snapshots --identity first.fernet
