#!/bin/bash
# Domains: each has its own snapshots, keys and people; who has a part in one learns nothing of the others.
. "$(dirname "$0")/lib.sh"
needs_folder_store

with() { IGUDAR_PASSWORD=$1 run "${@:2}"; }
random_file source/ours 200000
random_file theirs 250000
init
backup source

checking "making domains"
run_json 0 domain create "client Amal"
run 0 domain create project
run 1 domain create project
assert_says 'already'
run_json 0 domain list
assert_equal "$(json '[d["name"] for d in last["domains"]]')" '["main", "client Amal", "project"]'
run 1 snapshots --domain nobody
assert_says "no domain 'nobody'"

checking "each has its own snapshots and packs"
export IGUDAR_DOMAIN="client Amal"
run_json 0 backup theirs source/ours
assert_at_least "$(json 'last["new_bytes"]')" 450000 "what main has already is not shared"
assert_equal "$(snapshot_count)" 1
run 0 restore latest --target restored
cmp -s restored/theirs theirs || fail "the restored file differs"
check_clean --read-data
run 0 forget --keep-last 1 --prune
unset IGUDAR_DOMAIN
assert_equal "$(snapshot_count)" 1
restore_equals latest:/source source
check_clean --read-data
"$python" -B "$tools/igudar-read" --domain "client Amal" "$IGUDAR_REPOSITORY" check >/dev/null || fail "igudar-read check"
"$python" -B "$tools/igudar-read" --domain "client Amal" "$IGUDAR_REPOSITORY" restore latest by-reader >/dev/null || fail "igudar-read restore"
cmp -s by-reader/theirs theirs || fail "igudar-read restored something else"
grep -rqF Amal "$IGUDAR_REPOSITORY" && fail "the name of a domain is in clear in the storage"

checking "a key for one domain"
for name in reader writer keeper colleague; do printf %s "$name" >"$name"; done
run 0 key add --domain "client Amal" --new-password-file reader
run 0 key add --domain "client Amal" --new-password-file writer --capability write
run 0 key add --domain "client Amal" --new-password-file keeper --capability maintain
with reader 0 snapshots
with reader 0 restore latest --target by-its-reader
cmp -s by-its-reader/theirs theirs || fail "the restored file differs"
with writer 0 backup theirs
with writer 1 restore latest --target stolen
with keeper 0 check
with keeper 0 prune
for who in reader writer keeper; do
  with $who 1 snapshots --domain main
  with $who 1 snapshots --domain project
  with $who 1 key add --new-password-file colleague
  with $who 1 domain create another
  with $who 0 domain list
  assert_silent_about project
done

checking "a colleague with everything"
run 0 key add --new-password-file colleague
with colleague 0 snapshots --domain "client Amal"
with colleague 0 backup source --domain project
run 0 restore latest --domain project --target by-owner
assert_same_tree source by-owner/source

checking "rotation and revocation in one domain"
run_json 0 key rotate --domain "client Amal"
assert_equal "$(json '[last["epoch"], last["holders"]]')" '[1, 5]'
with writer 0 backup theirs
with reader 0 restore latest --target after-rotation
cmp -s after-rotation/theirs theirs || fail "the restored file differs"
run_json 0 key list
writer=$(json '[k["id"] for k in last["keys"] if k["capability"] == "write"][0]')
run 0 key revoke "$writer"
with writer 12 backup theirs
run_json 0 domain list
assert_equal "$(json '[d["epoch"] for d in last["domains"]]')" '[0, 2, 0]'
run_json 0 snapshots --domain "client Amal"
assert_equal "$(json 'len(last["snapshots"])')" 3
check_clean
