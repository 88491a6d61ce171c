#!/bin/bash
# A pack was lost and later backups stored again what it held: that serves the older snapshots too, and stays when the
# backup that brought it is forgotten.
. "$(dirname "$0")/lib.sh"
needs_folder_store

for i in 1 2 3; do random_file "source/file$i" 900000; done
init
(cd source && "$program" backup . >../out 2>../err) || fail "the backup failed"
old=$(latest)
cp -a source kept

lost=$(find "$IGUDAR_REPOSITORY/packs" -type f -size +1M | head -1)
rm "$lost"
checking "what is lost, is said"
run 11 check
assert_says "it is missing, and snapshots need what it held"

checking "the backup that stores it again"
(cd source && "$program" backup . >../out 2>../err) || fail "the backup failed"
healing=$(latest)
check_clean --read-data
assert_says "other packs hold all that snapshots need of it"
restore_equals "$old" kept

checking "after that backup is forgotten"
for round in 1 2; do
  rm source/file"$round"
  random_file source/other 400000 "$round"
  (cd source && "$program" backup . --tag later >../out 2>../err) || fail "the backup failed"
  run 0 forget "$healing" --prune --max-unused 0
  healing=$(latest)
  check_clean --read-data
  restore_equals "$old" kept
done

checking "after nothing needs it any more"
run 0 forget "$old" --prune --max-unused 0
check_clean --read-data
assert_silent_about "$(basename "$lost")"
