#!/bin/bash
# --files-from reads paths from a file or from standard input, added to those of the command line.
. "$(dirname "$0")/lib.sh"

mkdir -p source/a source/b source/c
touch source/a/1 source/b/2 source/c/3 'source/with space'
init

printf 'source/a\n\nsource/with space\n' >list
backup --files-from list source/b
run 0 ls -R latest
assert_says '^/source/a/1$'
assert_says '^/source/b/2$'
assert_says '^/source/with space$'
assert_silent_about source/c

checking "from standard input"
"$program" backup --files-from - <list >out 2>err || fail "the backup failed"
run 0 ls -R latest
assert_says '^/source/a/1$'
assert_silent_about source/b

checking "a list that is not there, or empty"
run 1 backup --files-from missing
: >empty
run 2 backup --files-from empty

checking "a list that cannot be read, and one that a NUL byte separates"
run 1 backup source/b --files-from source
assert_says 'cannot read source'
printf 'source/a\0source/b\0' >list
run 2 backup --files-from list
assert_says 'NUL'
run 2 backup ''
assert_says 'empty path'
assert_equal "$(snapshot_count)" 2
