#!/bin/bash
# --stdin keeps a stream as one file, of any size, and tells when the stream was empty.
. "$(dirname "$0")/lib.sh"

random_file big 20000000
init
"$program" backup --stdin --stdin-filename dump.sql <big >out 2>err || fail "the backup failed"
run 0 restore latest --target restored
cmp big restored/dump.sql || fail "the stream was not kept"

checking "through a pipe, the same bytes again"
cat big | "$program" backup --stdin --stdin-filename dump.sql --json >out 2>err || fail "the backup failed"
assert_at_most "$(json 'last["new_bytes"]')" 5000 "bytes stored again"

checking "the default name"
printf x | "$program" backup --stdin >out 2>err || fail "the backup failed"
run 0 ls latest
assert_says stdin

checking "an empty stream"
run 0 backup --stdin --stdin-filename nothing
run 0 restore latest --target restored
[ -f restored/nothing ] && [ ! -s restored/nothing ] || fail "an empty stream is not an empty file"

checking "paths beside --stdin"
run 2 backup --stdin source

checking "a name for it, but no --stdin"
run 2 backup --stdin-filename dump.sql source
assert_says '--stdin-filename says nothing without --stdin'
assert_says 'Add --stdin'
run 2 backup --stdin-filename dump.sql
assert_says 'Add --stdin'
