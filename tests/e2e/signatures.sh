#!/bin/bash
# check --signatures: who signed each snapshot; forged, replayed and missing ones are told apart.
. "$(dirname "$0")/lib.sh"
needs_folder_store

# verdict ID: of the last check --signatures --json
verdict() { json "[s['verdict'] for s in last['signatures'] if s['snapshot'] == '$1']"; }

init
echo one >source/file
backup source
first=$(latest)
printf writer >password
run_json 0 key add --new-password-file password --capability write
slot=$(json 'last["id"]')
echo two >source/file
IGUDAR_PASSWORD=writer run 0 backup source
second=$(latest)

checking "snapshots by keys that are there"
run_json 0 check --signatures
assert_equal "$(json '[s["verdict"] for s in last["signatures"]]')" '["valid", "valid"]'
assert_equal "$(json "[s['key'] for s in last['signatures'] if s['snapshot'] == '$second']")" "[\"$slot\"]"
run 0 check --signatures
assert_says "${second:0:8}.*${slot:0:8}.*$(id -un)@$(hostname).*valid"
run_json 0 check
assert_equal "$(json '"signatures" in last')" false

checking "a snapshot by a key that was removed"
run 0 key remove "$slot"
run_json 0 check --signatures
assert_equal "$(verdict "$first")" '["valid"]'
assert_equal "$(verdict "$second")" '["unknown"]'
run 0 check --signatures
assert_says "by a key that was removed"

checking "a snapshot whose signature is nobody's who may"
forged=$("$python" "$here/stolen_writer.py" copy "$IGUDAR_REPOSITORY") || fail "no snapshot was forged"
run_json 11 check --signatures
assert_equal "$(verdict "$forged")" '["forged"]'
assert_equal "$(verdict "$first")" '["valid"]'
run 11 restore "$forged" --target restored
assert_absent restored
rm "$IGUDAR_REPOSITORY/snapshots/$forged"

checking "a forgotten snapshot that comes back"
cp "$IGUDAR_REPOSITORY/snapshots/$first" kept
run 0 forget "$first"
run 0 check --signatures
cp kept "$IGUDAR_REPOSITORY/snapshots/$first"
touch -d '+2 seconds' "$IGUDAR_REPOSITORY/snapshots/$first"
run_json 11 check --signatures
assert_equal "$(verdict "$first")" '["replayed"]'
run 0 prune
run_json 0 check --signatures

checking "a storage that shows last week's state"
mv "$IGUDAR_REPOSITORY/tombstones" aside
mkdir "$IGUDAR_REPOSITORY/tombstones"
run_json 11 check --signatures
assert_says rolled_back
rm -r "$IGUDAR_REPOSITORY/tombstones"
mv aside "$IGUDAR_REPOSITORY/tombstones"
mv "$IGUDAR_REPOSITORY/snapshots/$second" aside
run_json 11 check --signatures
assert_equal "$(verdict "$second")" '["rolled_back"]'
run 11 check --signatures
assert_says "GONE: the storage shows an older state"
mv aside "$IGUDAR_REPOSITORY/snapshots/$second"
run 0 check --signatures
