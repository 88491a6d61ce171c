#!/bin/bash
# A repository that may only be read: restore, ls, snapshots and check work; what must write fails with a clear message.
. "$(dirname "$0")/lib.sh"
needs_root "mounts a file system read-only"
needs_folder_store

mount_tmpfs disk 16m
export IGUDAR_REPOSITORY=$work/disk/repository
random_file source/file 300000
init
backup source
random_file source/file 300000 again
backup source
run 0 forget --keep-last 1
backup source
mount -o remount,ro disk

run 0 snapshots
run 0 ls latest
run 0 stats
check_clean --read-data
restore_equals latest:/source source

for command in "backup source" "forget --keep-last 1" "prune --max-unused 0" "init"; do
  checking "$command"
  run 1 $command
  assert_says 'read-only|already'
  ! grep -q 'cleaning up' err || fail "complains of a lease that was never stored"
done
run 0 prune --dry-run
run 0 forget --keep-last 1 --dry-run
printf x >new
run 1 key add --new-password-file new

mount -o remount,rw disk
backup source
check_clean --read-data
