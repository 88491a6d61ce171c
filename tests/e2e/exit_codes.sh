#!/bin/bash
# The statuses of the one table, each with a message that says what happened and what to do.
. "$(dirname "$0")/lib.sh"
needs_folder_store

echo content >source/file

checking "10: no repository"
run 10 snapshots
assert_says 'no repository'
run 10 backup source
run 10 restore latest --target restored
mkdir -p "$IGUDAR_REPOSITORY"
run 10 check
echo "not ours" >"$IGUDAR_REPOSITORY/file"
run 10 snapshots
run 1 init
assert_file "$IGUDAR_REPOSITORY/file" "not ours"
rm -r "$IGUDAR_REPOSITORY"

checking "0: done"
init
backup source

checking "1: failed"
run 1 init
assert_says 'already'
run 1 restore ffffffff --target restored
run 1 ls latest /no/such/path

checking "2: usage"
run 2
run 2 frobnicate
run 2 backup
run 2 restore latest
run 2 snapshots --no-such-option
assert_says 'no-such-option'
run 2 backup source --exclude-larger-than many
run 2 restore latest --target x --overwrite sometimes
run 2 check --read-data-subset 1/0
run 2 backup source --threads none
run 2 snapshots --repo nonsense://host/path
assert_says 'nonsense'
run 2 backpu source
assert_says 'backup'

checking "12: wrong key"
IGUDAR_PASSWORD=wrong run 12 snapshots
assert_says 'password'
IGUDAR_PASSWORD=wrong run 12 backup source
IGUDAR_PASSWORD=wrong run 12 restore latest --target restored

checking "11: damaged"
cp -a "$IGUDAR_REPOSITORY" whole
pack=$(find "$IGUDAR_REPOSITORY/packs" -type f | head -1)
chmod u+w "$pack"
truncate -s 100 "$pack"
run 11 check
assert_says "$(basename "$pack")"

checking "130: interrupted"
rm -rf "$IGUDAR_REPOSITORY"
cp -a whole "$IGUDAR_REPOSITORY"
mkfifo pipe
env --default-signal=INT "$program" backup --stdin <pipe >out 2>err &  # a shell has its background jobs ignore it
pid=$!
exec 7>pipe
until [ "$(find "$IGUDAR_REPOSITORY/leases" -type f | wc -l)" -ge 1 ]; do [ -d "/proc/$pid/fd" ] || fail "it ended"; done
kill -INT "$pid"
status=0
wait "$pid" || status=$?
exec 7>&-
assert_equal "$status" 130 "status"
assert_says 'interrupt|stopped'
assert_equal "$(find "$IGUDAR_REPOSITORY/leases" -type f | wc -l)" 0 "leases left behind"
check_clean

checking "no message is a bare code or shows the program's insides"
assert_silent_about 'std::'
run 0 version
run 0 help
run 0 help backup
run 0 --help

checking "the table of them"
run 0 help exit-codes
for status in 0 1 2 3 10 11 12 130; do
  assert_equal "$(grep -cE "^ +$status  +[a-z]" out)" 1 "lines for $status"
done
run 2 help exit-kodes
assert_says "exit-codes"
