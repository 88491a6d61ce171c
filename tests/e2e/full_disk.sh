#!/bin/bash
# A disk that gets full: the backup fails with a message, nothing that was there is lost, and once there is room the next one succeeds
# and takes up what had arrived.
. "$(dirname "$0")/lib.sh"
needs_root "mounts a file system"
needs_folder_store

mount_tmpfs disk 8m
export IGUDAR_REPOSITORY=$work/disk/repository
mkdir source/small source/large
random_file source/small/file 1000000
random_file source/large/file 12000000
init
backup source/small

checking "the disk gets full"
run_json 1 backup source/large
assert_equal "$(json 'last["code"]')" no_space
assert_says 'No space left|full'
check_clean --read-data
restore_equals latest:/source/small source/small

checking "again: still full, still sound"
run 1 backup source/large
check_clean --read-data

checking "room again"
mount -o remount,size=64m disk
run_json 0 backup source/large
check_clean --read-data
restore_equals latest:/source/large source/large

checking "a full target of a restore"
mount_tmpfs target 512k
random_file source/small/more 3000000
mkdir source/small/then
: >source/small/then/empty
ln -s empty source/small/then/link
(cd source/small && run 0 backup .) || exit 1
run_json 1 restore latest --target target/in --verify
assert_equal "$(json 'sorted((line["code"], line["item"]) for line in lines if line["message_type"] == "error")')" \
  '[["no_space", "file"], ["no_space", "more"]]'
assert_equal "$(json 'last["message_type"], last["problems"]')" "('summary', 2)"
assert_exists target/in/then/empty
assert_equal "$(readlink target/in/then/link)" empty
run 1 restore latest --target target/in
assert_says 'more: No space left'
assert_says '2 items could not be restored'
check_clean

checking "the same restore once there is room"
mount -o remount,size=16m target
run 0 restore latest --target target/in --verify
assert_same_tree source/small target/in --no-root-time
