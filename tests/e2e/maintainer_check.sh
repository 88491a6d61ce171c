#!/bin/bash
# What check says with a password that may prune but read nothing: what it could not look at, and the same damage, with the
# same status, as with the owner's.
. "$(dirname "$0")/lib.sh"
needs_folder_store

packs() { find "$IGUDAR_REPOSITORY/packs" -type f -printf '%s %f\n' | sort -n | awk '{ print $2 }'; }
remove_pack() { rm -f -- "$(find "$IGUDAR_REPOSITORY/packs" -name "$1")"; }
# as NAME COMMAND…: with that one's password.
as() { IGUDAR_PASSWORD=${passwords[$1]} "${@:2}"; }
declare -A passwords=([owner]=$IGUDAR_PASSWORD [maintainer]=maintainer)

mkdir source/folder
random_file source/folder/big 2000000
init
printf maintainer >maintainer
run 0 key add --new-password-file maintainer --capability maintain
backup source
kept=$(packs)

checking "what the maintainer cannot look at is told, and is no damage"
as maintainer run 0 check
assert_says "does not allow to read the trees of snapshots: they were not checked"
assert_says "No damage was found"
as maintainer run 0 check --read-data
assert_says "data was verified by its hashes only"
as maintainer run_json 0 check
assert_equal "$(json 'last["damaged"]')" false
assert_equal "$(json '[each["object"] for each in last["remarks"]]')" '["snapshots"]'

checking "a pack is gone that no snapshot needs"
random_file source/folder/other 1000000
backup source
for pack in $(packs); do
  grep -qxF -- "$pack" <<<"$kept" || other=$pack
done
run 0 forget "$(latest)"
remove_pack "$other"
for who in owner maintainer; do
  as "$who" run 0 check
  assert_says "remark: packs/$other: .*no snapshot needs it"
  assert_says "No damage was found"
done

checking "a pack is gone that a snapshot needs"
needed=$(tail -1 <<<"$kept")
remove_pack "$needed"
for who in owner maintainer; do
  as "$who" run 11 check
  assert_says "damage: packs/$needed: it is missing, and snapshots need what it held"
  as "$who" run_json 11 check
  assert_equal "$(json 'last["damaged"]')" true
  assert_equal "$(json '[each["object"] for each in last["damage"] if each["object"].startswith("packs/")]')" \
    "[\"packs/$needed\"]" "packs damaged, as the $who"
done
