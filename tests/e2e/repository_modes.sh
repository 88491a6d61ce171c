#!/bin/bash
# Nobody but its owner sees anything of a repository, and its objects are not written again: folders 0700, objects 0400.
. "$(dirname "$0")/lib.sh"
needs_folder_store

umask 000
random_file source/file 500000
init
backup source
backup source --force
run 0 forget --keep-last 1 --prune
wrong=$(find "$IGUDAR_REPOSITORY" \( -type d ! -perm 0700 \) -o \( -type f ! -perm 0400 ! -perm 0600 \))
assert_equal "$wrong" "" "files with other modes"
assert_equal "$(find "$IGUDAR_REPOSITORY"/{packs,snapshots,index,keys} -type f ! -perm 0400)" "" "objects that can be written to"

checking "caches and state"
wrong=$(find "$XDG_CACHE_HOME/igudar" "$XDG_STATE_HOME/igudar" \( -type d ! -perm 0700 \) -o \( -type f -perm /0077 \) 2>/dev/null)
assert_equal "$wrong" "" "files that others may see"

checking "restored files are not open to all while they are written"
rm -rf restored
run 0 restore latest --target restored
assert_equal "$(stat -c %a restored/source/file)" 666 "the mode in the end"
