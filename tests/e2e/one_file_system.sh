#!/bin/bash
# --one-file-system keeps the mount point itself and nothing in it; without it the other file system is entered.
. "$(dirname "$0")/lib.sh"
needs_root "mounts a file system"

mkdir -p source/here
echo here >source/here/file
mount_tmpfs source/there 1m
echo there >source/there/file
init

backup source --one-file-system
run 0 ls -R latest
assert_says '/source/there$'
assert_silent_about /source/there/file
assert_says /source/here/file

checking "both file systems given"
backup source source/there -x
run 0 ls -R latest
assert_says /source/there/file

checking "without the option"
backup source
run 0 ls -R latest
assert_says /source/there/file
