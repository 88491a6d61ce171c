#!/bin/bash
# Files that vanish, shrink, grow or change while they are read: reported, and what is kept is what was read.
. "$(dirname "$0")/lib.sh"
command -v strace >/dev/null || skip "needs strace, to stop the program in the middle of a file"
strace -o /dev/null true 2>/dev/null || skip "strace is not allowed here"

# 16 chunks' worth, so that reading takes many calls.
random_file source/victim 40000000
echo beside >source/beside
init

# Stops the program once it has opened the victim, changes the file by "$@", and lets it go on.
# strace's own SIGSTOP at the first read of the file is the point in time; no clock is asked.
during_backup() {
  rm -f trace  # that of the run before would tell of its stop, while strace tries the kernel with children of its own
  strace -f -o trace -P "$work/source/victim" -e trace=read,pread64,preadv2,readv,io_uring_enter \
    -e inject=read,pread64,preadv2,readv:signal=STOP:when=2 "$program" --no-progress backup source --threads 1 --force --json >out 2>err &
  local tracer=$! stopped=
  while [ -z "$stopped" ]; do
    kill -0 "$tracer" 2>/dev/null || fail "the backup ended before it was stopped"
    stopped=$(ps -o pid=,stat= --ppid "$tracer" | awk '$2 ~ /^[Tt]/ {print $1}')
    grep -q 'stopped by SIGSTOP' trace 2>/dev/null || stopped=
  done
  "$@"
  kill -CONT "$stopped"
  status=0
  wait "$tracer" || status=$?
}

checking "a file cut short while it is read"
during_backup truncate -s 5000000 source/victim
assert_equal "$status" 3 "status"
assert_says 'victim'
run 0 restore latest --target restored
assert_file restored/source/beside beside

checking "the next backup"
rm -rf restored
run 0 backup source
run 0 restore latest --target restored
assert_same_tree source restored/source

checking "a file removed while it is read is kept as it was"
random_file source/victim 40000000 again
cp source/victim kept
during_backup rm source/victim
case $status in 0 | 3) ;; *) fail "status $status" ;; esac
rm -rf restored
run 0 restore latest --target restored
[ "$status" = 3 ] || cmp kept restored/source/victim || fail "what was kept is not what was there"

checking "a file written to while it is read is told"
cp kept source/victim
during_backup dd if=/dev/zero of=source/victim bs=1M count=1 seek=30 conv=notrunc status=none
assert_equal "$status" 0 "status"
assert_says 'victim.*changed while it was read'

checking "the next backup reads it again, though nothing changed since"
run_json 0 backup source
assert_equal "$(json 'last["files_changed"]')" 1
restore_equals latest:/source source
check_clean --read-data
