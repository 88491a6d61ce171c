#!/bin/bash
# 'key rotate --rewrap' and '--reencrypt': what is stored is taken over to new keys, and what anyone knew before reads
# nothing that is left.
. "$(dirname "$0")/lib.sh"
needs_folder_store

with() { IGUDAR_PASSWORD=$1 run "${@:2}"; }
snapshots() { run_json 0 snapshots; json '[[s["time"], s["host"], s["paths"], s["tags"], s["files"], s["bytes"]] for s in last["snapshots"]]'; }
packs() { find "$IGUDAR_REPOSITORY/packs" -type f -printf '%f\n' | sort; }
# old_keys_read STORAGE: what a storage says to who has the slots of before, with nothing that granted new keys.
old_keys_read() {
  rm -rf thief && cp -r "$1" thief && rm -rf thief/grants thief/epochs thief/keys && cp -r before/keys thief/
  HOME=$work/elsewhere XDG_CACHE_HOME=$work/elsewhere/cache XDG_STATE_HOME=$work/elsewhere/state \
    IGUDAR_REPOSITORY=$work/thief "$program" --no-progress snapshots --json >thief.out 2>/dev/null
  "$python" -c 'import json, sys
print(sum(len(json.loads(line).get("snapshots", [])) for line in open(sys.argv[1])))' thief.out
}

mkdir -p source/folder
random_file source/large 3000000
random_file source/folder/small 20000
random_file source/folder/stays 400000
init
printf writer >writer
run 0 key add --new-password-file writer --capability write
backup source --tag first
first=$(latest)
cp -a source first-source
rm source/folder/small
random_file source/folder/new 500000
backup source --tag second --tag kept
run 0 hold set --snapshot "$first" --reason "a test" --until 2099-01-01
expected=$(snapshots)
cp -r "$IGUDAR_REPOSITORY" before

checking "a rotation alone leaves what is stored to the old keys"
run 0 key rotate
random_file source/folder/later 300000
backup source --tag third
expected=$(snapshots)
[ "$(old_keys_read "$IGUDAR_REPOSITORY")" -ge 2 ] || fail "the old keys should read the old snapshots: $(cat thief.out)"
packs >packs.before

checking "who may not change keys"
with writer 1 key rotate --reencrypt
assert_says "capability"

checking "secrets are sealed to the new keys, and packs copied as they are"
run_json 0 key rotate --rewrap
assert_equal "$(json '[o["message_type"] for o in lines if o["message_type"] != "status"]')" '["keys_rotated", "rewrapped", "prune"]'
assert_equal "$(json '[o["complete"] for o in lines if o["message_type"] == "rewrapped"][0]')" true
assert_equal "$(snapshots)" "$expected" "what is known of the snapshots"
assert_equal "$(packs | comm -12 - packs.before | wc -l)" 0 "packs of before that are left"
assert_equal "$(old_keys_read "$IGUDAR_REPOSITORY")" 0 "snapshots that the old keys read"
restore_equals latest:/source source
check_clean --read-data
"$python" -B "$tools/igudar-read" "$IGUDAR_REPOSITORY" check >/dev/null || fail "igudar-read finds damage"
packs >packs.before

checking "everything is stored anew"
run_json 0 key rotate --reencrypt
assert_equal "$(json '[o["message_type"] for o in lines if o["message_type"] != "status"]')" '["keys_rotated", "reencrypted", "prune"]'
assert_equal "$(json '[o["complete"] for o in lines if o["message_type"] == "reencrypted"][0]')" true
assert_equal "$(json '[o["snapshots"] for o in lines if o["message_type"] == "reencrypted"][0]')" 3
assert_equal "$(snapshots)" "$expected" "what is known of the snapshots"
assert_equal "$(packs | comm -12 - packs.before | wc -l)" 0 "packs of before that are left"
assert_equal "$(old_keys_read "$IGUDAR_REPOSITORY")" 0 "snapshots that the old keys read"
run_json 0 snapshots
first=$(json 'last["snapshots"][0]["id"]')
restore_equals "$first:/source" first-source
restore_equals latest:/source source
check_clean --read-data
run 0 check --signatures
"$python" -B "$tools/igudar-read" "$IGUDAR_REPOSITORY" check >/dev/null || fail "igudar-read finds damage"

checking "a legal hold goes over to what took the snapshot's place"
run 0 forget "$first"
assert_says "stays: the legal hold"
assert_equal "$(snapshot_count)" 3

checking "nothing is stored twice afterwards, by a writer either"
run_json 0 backup source
assert_at_most "$(json 'last["new_bytes"]')" 20000 "stored again"
with writer 0 backup source --tag of-the-writer
with writer 0 backup source --tag of-the-writer

checking "once more, with another suite, in a domain of its own"
run 0 domain create other
run 0 backup --domain other source/folder
run 0 key rotate --domain other --reencrypt --cipher aes-256-gcm+chacha20-poly1305
assert_says "^Stored 1 snapshot anew under the keys of epoch 1"
run 0 restore --domain other latest:/source/folder --target other-restored
assert_same_tree source/folder other-restored

checking "a backup that runs meanwhile"
mkfifo pipe
"$program" backup --stdin <pipe >running.out 2>&1 &
pid=$!
exec 7>pipe
until [ "$(repository_objects leases/)" -ge 1 ]; do [ -d "/proc/$pid/fd" ] || fail "the backup ended too soon"; done
run 0 key rotate --reencrypt
assert_says "is there still"
printf 'what it was given' >&7
exec 7>&-
wait $pid || fail "the backup failed: $(cat running.out)"
checking "the next run goes on with that, under the same keys"
run_json 0 domain list
epoch=$(json '[d["epoch"] for d in last["domains"] if d["name"] == "main"][0]')
run 0 key rotate --reencrypt
assert_says "Going on with"
assert_says "any more"
run_json 0 domain list
assert_equal "$(json '[d["epoch"] for d in last["domains"] if d["name"] == "main"][0]')" "$epoch" "epoch"
check_clean --read-data

checking "both at once"
run 2 key rotate --rewrap --reencrypt
assert_says "cannot be given together"

checking "interrupted at any point"
random_file source/larger 40000000
backup source
count=$(snapshot_count)
for part in 1 2 3 4 5 6; do
  how=--reencrypt
  [ $((part % 2)) = 0 ] || how=--rewrap
  stored=$(repository_objects packs/)
  "$program" --no-progress key rotate $how >out 2>err &
  pid=$!
  until [ "$(repository_objects packs/)" -gt $((stored + part % 3)) ]; do [ -d "/proc/$pid/fd" ] || break; done
  kill -KILL $pid 2>/dev/null
  wait $pid 2>/dev/null
  check_clean
  restore_equals latest:/source source
done
run 0 key rotate --reencrypt
assert_equal "$(snapshot_count)" "$count" "snapshots"
restore_equals latest:/source source
check_clean --read-data
