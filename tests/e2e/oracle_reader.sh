#!/bin/bash
# The reader in Python, written from docs/format.md alone, lists, restores and checks what the program wrote: with the index
# and without it, before and after a prune.
. "$(dirname "$0")/lib.sh"
needs_folder_store

read_it() { PYTHONDONTWRITEBYTECODE=1 "$python" "$tools/igudar-read" "$@" >out 2>err || fail "igudar-read $* ended with $?"; }

"$python" "$here/make_tree.py" source | while read -r line; do skip_part "$line"; done
chattr -R -i source 2>/dev/null
# What a reader in Python cannot afford, or does not give back.
rm -rf source/flags source/big
random_file source/medium 3000000
init
(cd source && "$program" backup . --digest sha256,md5 >../out 2>../err) || fail "the backup failed"
cp -a source kept

# compared SOURCE OPTION…: the newest snapshot, restored by both, is SOURCE.
compared() {
  rm -rf by-reader
  read_it "${@:2}" "$IGUDAR_REPOSITORY" restore latest by-reader
  assert_same_tree "$1" by-reader --no-root-time
}
checking "the first snapshot"
compared source
checking "without the index"
compared source --from-packs
checking "igudar-read check"
read_it "$IGUDAR_REPOSITORY" check
[ ! -s err ] || fail "igudar-read check has complaints"

checking "after more snapshots and a prune"
for round in 1 2 3; do
  random_file "source/changes" 700000 "$round"
  rm -f "source/names/a" "source/links/second"
  (cd source && "$program" backup . --compression "$(set -- x zlib lz4 lzma; shift "$round"; echo "$1")" >../out 2>../err) || fail "the backup failed"
done
run_json 0 forget --keep-last 1 --prune --max-unused 0
assert_at_least "$(json 'last["prune"]["packs_deleted"] + last["prune"]["packs_repacked"]')" 1 "packs that prune removed"
compared source
compared source --from-packs
read_it "$IGUDAR_REPOSITORY" check
[ ! -s err ] || fail "igudar-read check has complaints"
read_it "$IGUDAR_REPOSITORY" list
assert_equal "$(grep -c . out)" "$(snapshot_count)" "snapshots listed"
