#!/bin/bash
# A restore goes on past folders that it may not read or write: each is told, the status is 1, the rest is there.
. "$(dirname "$0")/lib.sh"
needs_root "to take folders away from another user"
needs_folder_store

mkdir -p source/locked source/open
echo one >source/locked/file
echo two >source/open/file
ln source/open/file source/locked/link
init
(cd source && "$program" backup . >../out 2>../err) || fail "the backup failed"

# As a user who owns all there is, but for the folder "locked".
mkdir -p target/locked target/open
echo extra >target/locked/extra
echo extra >target/open/extra
chmod 711 "$work"
chown -R 65534:65534 "$store" "$HOME" "$XDG_CACHE_HOME" "$XDG_STATE_HOME" target
chown 0:0 target/locked
chmod 700 target/locked
as_nobody() {
  status=0
  setpriv --reuid 65534 --regid 65534 --clear-groups "$program" --no-progress "$@" >out 2>err </dev/null || status=$?
}

checking "a restore with --delete"
as_nobody restore latest --target target --delete
assert_equal "$status" 1 "the status"
assert_says 'locked/file: .*Permission denied|target/locked.*Permission denied'
assert_says 'locked/link'
assert_says 'items? could not be restored'
assert_file target/open/file two
assert_absent target/open/extra
assert_file target/locked/extra extra
assert_absent target/locked/file

checking "the same once it may"
chown 65534:65534 target/locked
as_nobody restore latest --target target --delete --verify
assert_equal "$status" 0 "the status"
assert_file target/locked/file one
assert_file target/locked/link two
assert_absent target/locked/extra
