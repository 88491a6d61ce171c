#!/bin/bash
# What has rotted while its pack is still there, and was stored again: the good copies serve the older snapshots too, and
# stay when the backup that brought them is forgotten.
. "$(dirname "$0")/lib.sh"
needs_folder_store

# rot FILE: one bit, in its first frame
rot() {
  chmod u+w "$1"
  "$python" - "$1" <<'PYTHON'
import sys
with open(sys.argv[1], "r+b") as file:
    file.seek(100)
    byte = file.read(1)[0]
    file.seek(100)
    file.write(bytes([byte ^ 1]))
PYTHON
}

for what in data metadata; do
  rm -rf "$IGUDAR_REPOSITORY" source kept
  mkdir source
  for i in 1 2 3; do random_file "source/file$i" 900000; done
  init
  (cd source && "$program" backup . >../out 2>../err) || fail "the backup failed"
  old=$(latest)
  cp -a source kept

  checking "the backup that stores again what has rotted ($what)"
  if [ $what = data ]; then  # as the guide says; and then the pack is put back, for what is sound in it
    pack=$(find "$IGUDAR_REPOSITORY/packs" -type f -size +1M)
    mv "$pack" aside
    (cd source && "$program" backup . >../out 2>../err) || fail "the backup failed"
    mv aside "$pack"
    rot "$pack"
  else  # a backup reads the tree of the one before
    pack=$(find "$IGUDAR_REPOSITORY/packs" -type f -size -100k)
    rot "$pack"
    (cd source && "$program" backup . >../out 2>../err) || fail "the backup failed"
  fi
  healing=$(latest)
  restore_equals "$old" kept
  run 11 check --read-data
  assert_says "no file of any snapshot is lost"

  checking "after that backup is forgotten ($what)"
  for round in 1 2 3; do  # in the end no snapshot but the first has any of its files: which of them has rotted is chance
    rm source/file"$round"
    random_file source/other 400000 "$round"
    (cd source && "$program" backup . --tag later >../out 2>../err) || fail "the backup failed"
    run 0 forget "$healing"
    healing=$(latest)
    "$program" prune --max-unused 0 >out 2>err
    restore_equals "$old" kept
    run 11 check --read-data
    assert_says "no file of any snapshot is lost"
  done

  checking "after nothing needs what has rotted any more ($what)"
  run 0 forget "$old" --prune --max-unused 0
  check_clean --read-data
  assert_absent "$pack"
done
