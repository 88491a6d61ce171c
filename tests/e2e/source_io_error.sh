#!/bin/bash
# EIO from the source: the file is reported, the rest is kept, and a later backup is whole.
. "$(dirname "$0")/lib.sh"
command -v strace >/dev/null || skip "needs strace, to inject errors"
strace -o /dev/null true 2>/dev/null || skip "strace is not allowed here"

random_file source/bad 20000000
random_file source/good 3000000
init
for when in 1 2 3; do
  checking "EIO at read $when"
  status=0
  strace -f -o /dev/null -P "$work/source/bad" -e "inject=read,pread64,preadv2,readv:error=EIO:when=$when" \
    "$program" --no-progress backup source --force --threads 1 --json >out 2>err || status=$?
  assert_equal "$status" 3 "status"
  assert_equal "$(json 'last["unreadable"]')" 1
  assert_says 'source/bad'
  assert_says 'Input/output error'
  rm -rf restored
  run 0 restore latest --target restored
  cmp source/good restored/source/good || fail "the good file"
  assert_absent restored/source/bad
done

checking "EIO while a folder is listed"
mkdir source/folder
touch source/folder/{1,2,3}
status=0
strace -f -o /dev/null -P "$work/source/folder" -e "inject=getdents64:error=EIO:when=1" \
  "$program" --no-progress backup source --json >out 2>err || status=$?
assert_equal "$status" 3 "status"
assert_says 'source/folder'

checking "the disk is well again"
backup source
restore_equals latest:/source source
check_clean --read-data
