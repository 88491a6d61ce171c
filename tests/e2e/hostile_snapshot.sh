#!/bin/bash
# Snapshots made to write outside the target of a restore do not.
. "$(dirname "$0")/lib.sh"
needs_folder_store

everything_else() { find . -mindepth 1 \( -path ./hostile -o -path ./target -o -path ./cache -o -path ./state -o -path ./out -o -path ./err \) -prune -o -print | sort; }

mkdir outside
export IGUDAR_REPOSITORY=$work/hostile
PYTHONDONTWRITEBYTECODE=1 "$python" "$here/hostile_repository.py" "$IGUDAR_REPOSITORY" "$work/outside" >tricks || fail "the writer in Python failed"
assert_at_least "$(wc -l <tricks)" 10 "tricks"
before=$(everything_else)
while read -r id trick; do
  checking "$trick"
  mkdir -p target
  status=0
  "$program" restore "$id" --target target/in >out 2>err </dev/null || status=$?
  case $status in 1 | 11) ;; *) fail "status $status" ;; esac
  assert_equal "$(ls -A outside)" "" "files outside of the target"
  assert_equal "$(find target -name planted -not -path 'target/in/*')" "" "files beside the target"
  # Over a target in which the symlink is there already, or a file that is to be brought up to date.
  echo there | tee target/in/lie1 >target/in/lie2
  status=0
  "$program" restore "$id" --target target/in --delete --verify >out 2>err </dev/null || status=$?
  case $status:$trick in
    11:*) ;;
    *:lies:*) fail "a lie ended the restore: status $status" ;;
    0:* | 1:*) ;;
    *) fail "over what is there: status $status" ;;
  esac
  assert_equal "$(ls -A outside)" "" "files outside of the target"
  rm -rf target
done <tricks
after=$(everything_else)
assert_equal "$after" "$before" "the files outside of the target"
