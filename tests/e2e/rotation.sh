#!/bin/bash
# Keys are changed and revoked: what is stored stays readable, what is stored later is closed to whoever was left out.
. "$(dirname "$0")/lib.sh"
needs_folder_store

with() { IGUDAR_PASSWORD=$1 run "${@:2}"; }
read_it() { "$python" -B "$tools/igudar-read" "$IGUDAR_REPOSITORY" "$@" || fail "igudar-read $*"; }

random_file source/old 300000
cp -a source first-source
init
backup source
before=$(latest)
for name in second writer keeper; do printf %s "$name" >"$name"; done
run 0 key add --new-password-file second
run 0 key add --new-password-file writer --capability write
run 0 key add --new-password-file keeper --capability maintain
with writer 0 backup source --tag of-the-writer
cp -r "$IGUDAR_REPOSITORY" stolen

checking "rotation"
run_json 0 key rotate --cipher aes-256-gcm+chacha20-poly1305
assert_equal "$(json 'last["epoch"]')" 1
assert_equal "$(json 'last["holders"]')" 4
assert_equal "$(json 'last["left_over"]')" '[]'
random_file source/new 300000
run_json 0 backup source
assert_at_most "$(json 'last["new_bytes"]')" 320000 "what was stored under the old keys is stored again"
for password in "$IGUDAR_PASSWORD" second; do
  checking "everything opens with '$password'"
  IGUDAR_PASSWORD=$password restore_equals latest:/source source
  IGUDAR_PASSWORD=$password restore_equals "$before:/source" first-source
done
checking "a writer and a maintainer go on"
with writer 0 backup source
with writer 1 restore latest --target stolen-files
with keeper 0 check
with keeper 0 prune
check_clean --read-data
read_it check >/dev/null
read_it restore latest by-reader >/dev/null
assert_same_tree source by-reader/source

checking "retention groups do not end with the keys"
run_json 0 forget --keep-last 1 --dry-run --group-by host,paths
assert_equal "$(json 'len(last["groups"])')" 1 "groups"

checking "the same slot, its password changed"
printf changed >changed
with second 0 key passwd --new-password-file changed
with changed 0 snapshots
IGUDAR_PASSWORD=changed restore_equals latest:/source source

checking "revoking the writer"
run_json 0 key list
writer=$(json '[k["id"] for k in last["keys"] if k["capability"] == "write"][0]')
slots=$(json 'len(last["keys"])')
run_json 0 snapshots
snapshots=$(json 'len(last["snapshots"])')
cp -r "$IGUDAR_REPOSITORY" with-writer
with keeper 1 key revoke "$writer"
run 0 key revoke "${writer:0:8}"
run_json 0 key list
assert_equal "$(json 'len(last["keys"])')" $((slots - 1))
with writer 12 backup source
run_json 0 snapshots
assert_equal "$(json 'len(last["snapshots"])')" "$snapshots" "snapshots, with those that the writer made before"
with keeper 0 check
run 0 check --signatures
backup source

checking "the slot of the revoked writer, put back by the storage"
cp with-writer/keys/"$writer".* "$IGUDAR_REPOSITORY"/keys/
with writer 1 backup source
assert_says 'withdrawn'
rm -f "$IGUDAR_REPOSITORY"/keys/"$writer".*

checking "what the writer stored in a copy from before does not count, moved here"
IGUDAR_REPOSITORY=$work/with-writer IGUDAR_PASSWORD=writer XDG_STATE_HOME=$work/elsewhere run 0 backup source --tag smuggled
for folder in packs index snapshots; do
  cp -rn with-writer/"$folder"/. "$IGUDAR_REPOSITORY"/"$folder"/
done
run 11 check
assert_says 'withdrawn'
run_json 11 check --signatures
assert_equal "$(json 'sum(s["verdict"] == "forged" for s in last["signatures"])')" 1 "forged snapshots"
run_json 11 snapshots
assert_equal "$(json 'sum("smuggled" in s["tags"] for s in last["snapshots"])')" 0

checking "an older state of the keys is noticed: nothing is stored under it, and all that is there restores"
rm -rf "$IGUDAR_REPOSITORY"
cp -r stolen "$IGUDAR_REPOSITORY"
run 1 backup source
assert_says 'older state of the keys'
run 0 restore "$before" --target old-keys
cmp -s old-keys/source/old source/old || fail "the old file differs"
