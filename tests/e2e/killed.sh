#!/bin/bash
# SIGINT and SIGTERM: the status says so, what had arrived is used by the next run, and no lease stays behind.
. "$(dirname "$0")/lib.sh"
needs_folder_store

random_file source/file 30000000
mkfifo pipe
for signal in INT TERM; do
  checking "SIG$signal during a backup"
  rm -rf "$IGUDAR_REPOSITORY"
  init
  env --default-signal="$signal" "$program" --no-progress backup --stdin <pipe >out 2>err &
  pid=$!
  exec 7>pipe
  cat source/file >&7
  # The pipe stays open, so the backup waits for more. Once much has arrived:
  until [ "$(find "$IGUDAR_REPOSITORY" -type f -size +2000k | wc -l)" -ge 1 ]; do
    [ -d "/proc/$pid/fd" ] || fail "the backup ended too soon"
  done
  kill -"$signal" "$pid"
  status=0
  wait "$pid" || status=$?
  exec 7>&-
  assert_equal "$status" 130 "status"
  assert_equal "$(snapshot_count)" 0 "snapshots"
  assert_equal "$(find "$IGUDAR_REPOSITORY/leases" -type f | wc -l)" 0 "leases left behind"
  check_clean --read-data
done

checking "what had arrived is not stored again"
"$program" backup --stdin --json <source/file >out 2>err || fail "the backup failed"
assert_at_most "$(json 'last["new_bytes"]')" 27000000 "new bytes"
run 0 restore latest --target restored
cmp source/file restored/stdin || fail "not what was backed up"
