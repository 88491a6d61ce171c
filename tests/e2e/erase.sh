#!/bin/bash
# Erasure of files from all snapshots: nothing of them is left in any frame or page, what shared frames with them stays,
# holds and the policy stop it, copies are erased from too, and what a storage brings back is not restored.
. "$(dirname "$0")/lib.sh"
needs_folder_store

# assert_nowhere REPOSITORY TEXT: no frame of any pack holds it; found_in: some does.
frames_with() { "$python" "$tools/igudar-read" "$1" search "$2" 2>err || fail "igudar-read: $(tail -3 err)"; }
assert_nowhere() { assert_equal "$(frames_with "$1" "$2" | wc -l)" 0 "frames that hold '$2'"; }
assert_somewhere() { [ -n "$(frames_with "$1" "$2")" ] || fail "no frame holds '$2'"; }
plan_id() { json 'last["plan"]["id"]'; }

init
secret="the planted secret 7f3a91"
for i in 1 2 3 4 5 6 7 8; do echo "neighbour $i" >"source/neighbour$i"; done
mkdir -p source/people/amina-5d81
echo "$secret" >source/people/amina-5d81/diary-9c27.txt
random_file source/people/amina-5d81/large 3000000 secret
random_file source/large 3000000 other
echo "shared by two" >source/people/amina-5d81/copied
cp source/people/amina-5d81/copied source/copied
ln source/people/amina-5d81/diary-9c27.txt source/people/linked-name
backup "$work/source" --tag first
echo changed >source/neighbour3
echo "$secret, second version" >source/people/amina-5d81/diary-9c27.txt.new
mv source/people/amina-5d81/diary-9c27.txt.new source/people/amina-5d81/diary-9c27.txt
rm source/people/linked-name
backup "$work/source" --tag second
random_file source/later 500000 later
backup "$work/source" --tag third
cp -a source kept
rm -rf kept/people/amina-5d81
touch -r source/people kept/people
cp -a "$IGUDAR_REPOSITORY" "$work/before"
cp -a "$IGUDAR_REPOSITORY" "$work/copy"
assert_somewhere "$IGUDAR_REPOSITORY" "$secret"
assert_somewhere "$IGUDAR_REPOSITORY" amina-5d81
times() { run_json 0 snapshots; json '[[s["time"], s["tags"], s["paths"], s["host"]] for s in last["snapshots"]]'; }
before_times=$(times)

checking "what cannot be planned"
run 2 erase plan
run 2 erase plan --path '/x' --snapshot latest
run 2 erase plan --path ''
run 1 erase plan --path /no/such/name
assert_says "nothing to erase"
run 1 erase run 1234

checking "a plan erases nothing"
run_json 0 erase plan --path "$work/source/people/amina-5d81" --reason "request 12"
plan=$(plan_id)
assert_equal "$(json 'len(last["snapshots"])')" 3 "snapshots"
assert_equal "$(json 'last["entries"]')" 12 "entries"
# "copied" by its other name, and the first diary by its hard link
assert_equal "$(json 'last["chunks_shared"]')" 2 "chunks that others hold"
assert_equal "$(snapshot_count)" 3
assert_somewhere "$IGUDAR_REPOSITORY" "$secret"
run 0 erase list
assert_says "request 12"
run 1 erase certificate "$plan" --output none.json
assert_says "not run yet"

checking "a hold stops it"
run 2 hold set --path /anything
run 0 hold set --path "diary-*" --reason "case 77"
run_json 0 hold list
hold=$(json 'last["holds"][0]["id"]')
run 4 erase run "$plan"
assert_says "${hold:0:12} \(case 77\)"
assert_equal "$(snapshot_count)" 3
checking "forget leaves what a hold covers"
first=$(run_json 0 snapshots; json 'last["snapshots"][0]["id"]')
run 0 forget "$first"
assert_says "case 77"
run 0 forget --keep-last 1
assert_equal "$(snapshot_count)" 3
run 1 hold release 1234 --reason none
run 0 hold release "$hold" --reason "case closed"
run_json 0 hold list
assert_equal "$(json 'len(last["holds"])')" 0 holds
checking "an old hold is none"
run 0 hold set --all --reason "over" --until 2020-01-01
run_json 0 hold list
assert_equal "$(json 'len(last["holds"])')" 0 holds

checking "the policy asks for a second key holder"
run 2 policy set erase-confirmatoin=yes
assert_says "erase-confirmation"
run 2 policy set erase-confirmation=maybe
run 0 policy set erase-confirmation=yes
run_json 0 policy show
assert_equal "$(json 'last["rules"]["erase-confirmation"]')" yes
run 1 erase run "$plan"
assert_says "second key holder"
run 1 erase confirm "$plan"
assert_says "cannot confirm"
printf second >second
run 0 key add --new-password-file second
IGUDAR_PASSWORD=second run 0 erase confirm "$plan"
run_json 0 erase list
assert_equal "$(json 'last["erasures"][0]["status"]')" confirmed

checking "a machine that only writes neither plans nor confirms"
printf writer >writer
run 0 key add --new-password-file writer --capability write
IGUDAR_PASSWORD=writer run 1 erase plan --path /x
IGUDAR_PASSWORD=writer run 1 policy set erase-confirmation=no

checking "executing it, in two copies"
run_json 0 erase run "$plan" --also "$work/copy"
assert_equal "$(json 'last["complete"]')" true complete
assert_equal "$(json '[c["passed"] for c in last["copies"]]')" "[true, true]" "negative tests"
assert_equal "$(json 'last["copies"][0]["snapshots_rewritten"]')" 3 "snapshots rewritten"
assert_equal "$(json 'last["copies"][0]["entries"]')" 12 "entries erased"
for repository in "$IGUDAR_REPOSITORY" "$work/copy"; do
  assert_nowhere "$repository" "$secret, second version"
  assert_nowhere "$repository" amina-5d81
  assert_nowhere "$repository" diary-9c27
  "$python" "$tools/igudar-read" "$repository" check 2>err || fail "igudar-read check: $(tail -3 err)"
  XDG_STATE_HOME=$work/state-of-$(basename "$repository") IGUDAR_REPOSITORY=$repository check_clean --read-data
done
checking "the copy's audit log says so as well"
for repository in "$IGUDAR_REPOSITORY" "$work/copy"; do
  XDG_STATE_HOME=$work/state-of-$(basename "$repository") IGUDAR_REPOSITORY=$repository run_json 0 audit show
  assert_equal "$(json 'sum(o["operation"] == "erase run" and o.get("outcome", {}).get("status") == 0 for o in last["operations"])')" 1
  XDG_STATE_HOME=$work/state-of-$(basename "$repository") IGUDAR_REPOSITORY=$repository run 0 audit verify
done
checking "what others hold stays with them"
assert_somewhere "$IGUDAR_REPOSITORY" "shared by two"
restore_equals "latest:$work/source" kept
assert_equal "$(times)" "$before_times" "times, tags, paths and hosts"
id=$(run_json 0 snapshots; json 'last["snapshots"][0]["id"]')
run 0 restore "$id" --target old
assert_file "old$work/source/people/linked-name" "$secret"
assert_absent "old$work/source/people/amina-5d81"

checking "nothing more to do"
run_json 0 erase run "$plan"
assert_equal "$(json '[c["snapshots_rewritten"] for c in last["copies"]]')" "[3, 3]" "snapshots rewritten by both runs"
assert_equal "$(snapshot_count)" 3
run_json 0 erase run "$plan"
assert_equal "$(json 'last["complete"]')" true complete

checking "the certificate"
run 0 erase certificate "$plan" --output certificate.json
run 0 erase certificate "$plan" --output certificate.pdf
assert_equal "$(stat -c %a certificate.json)" 600
run 1 erase certificate "$plan" --output certificate.json
run 2 erase certificate "$plan" --output certificate.doc
assert_equal "$(head -c 5 certificate.pdf)" "%PDF-"
IGUDAR_PASSWORD='' IGUDAR_REPOSITORY='' run 0 erase verify-certificate certificate.json
assert_says "signature is valid"
run_json 0 erase verify-certificate certificate.json
assert_equal "$(json 'last["of_repository"]')" true
assert_equal "$(json 'last["complete"]')" true
sed 's/"entries": 12/"entries": 13/' certificate.json >changed.json
cmp -s certificate.json changed.json && fail "the certificate has no count of entries"
run 11 erase verify-certificate changed.json
sed 's/request 12/request 13/' certificate.json >changed.json
run 11 erase verify-certificate changed.json
echo '{}' >changed.json
run 2 erase verify-certificate changed.json

checking "what the storage brings back is not restored"
backup "$work/source" --tag after
run 0 restore latest --target after
assert_exists "after$work/source/people/amina-5d81/diary-9c27.txt"
for folder in packs index snapshots; do cp -an "$work/before/$folder/." "$IGUDAR_REPOSITORY/$folder/"; done
rm -rf "$IGUDAR_REPOSITORY/tombstones"/* "$IGUDAR_REPOSITORY/gc"/* "$XDG_CACHE_HOME" "$XDG_STATE_HOME"
run 0 restore "$first" --target again
assert_says "erased"
assert_absent "again$work/source/people/amina-5d81"
assert_file "again$work/source/neighbour3" "neighbour 3"

checking "one snapshot"
rm -rf "$IGUDAR_REPOSITORY" "$XDG_CACHE_HOME" "$XDG_STATE_HOME"
init
rm -rf source && mkdir source
for i in 1 2 3; do echo "neighbour $i" >"source/neighbour$i"; done
echo "only here 11aa" >source/only-name-22bb
backup "$work/source"
rm source/only-name-22bb
backup "$work/source"
first=$(run_json 0 snapshots; json 'last["snapshots"][0]["id"]')
run_json 0 erase plan --snapshot "$first"
plan=$(plan_id)
run_json 0 erase run "$plan"
assert_equal "$(json 'last["complete"]')" true complete
assert_equal "$(snapshot_count)" 1
assert_nowhere "$IGUDAR_REPOSITORY" "only here 11aa"
assert_nowhere "$IGUDAR_REPOSITORY" "only-name-22bb"
restore_equals "latest:$work/source" source
check_clean --read-data

checking "killed, and run again"
rm -rf source && mkdir -p source/gone
for i in 1 2 3 4 5 6; do
  random_file "source/gone/secret$i" 300000 "gone $i"
  echo "small secret 33cc $i" >"source/gone/small$i"
  echo "small neighbour $i" >"source/small$i"
  backup "$work/source"
done
cp -a source kept.last && rm -rf kept.last/gone && touch -r source kept.last
run_json 0 erase plan --path "$work/source/gone"
plan=$(plan_id)
cp -a "$IGUDAR_REPOSITORY" prepared
for after in 1 4 9; do
  rm -rf "$IGUDAR_REPOSITORY" "$XDG_STATE_HOME"
  cp -a prepared "$IGUDAR_REPOSITORY"
  # Killed as soon as so many objects are there that were not.
  present=$(find "$IGUDAR_REPOSITORY" -type f | wc -l)
  "$program" --no-progress erase run "$plan" >out 2>err </dev/null &
  pid=$!
  while [ -d "/proc/$pid/fd" ] && [ "$(find "$IGUDAR_REPOSITORY" -type f 2>/dev/null | wc -l)" -lt $((present + after)) ]; do :; done
  kill -KILL "$pid" 2>/dev/null
  wait "$pid" 2>/dev/null
  run_json 0 erase run "$plan"
  assert_equal "$(json 'last["complete"]')" true "complete after a kill"
  assert_nowhere "$IGUDAR_REPOSITORY" "small secret 33cc"
  assert_equal "$(snapshot_count)" 7 "snapshots"
  check_clean --read-data
  restore_equals "latest:$work/source" kept.last
done
