#!/bin/bash
# A repository inside the source is left out of its own backups; so are a repository's caches, as CACHEDIR.TAG says.
. "$(dirname "$0")/lib.sh"
needs_folder_store

export IGUDAR_REPOSITORY=$work/source/backups/repository
mkdir source/backups
echo content >source/file
echo beside >source/backups/beside
init
backup source
assert_says "left out: $IGUDAR_REPOSITORY"
backup source
run 0 ls -R latest
assert_says /source/backups/beside
assert_silent_about /repository/config
assert_silent_about /repository/packs
run_json 0 stats
assert_at_most "$(json 'last["plain_bytes"]')" 10000 "bytes in the repository"
check_clean --read-data
run 0 restore latest --target restored
assert_file restored/source/file content

checking "the repository itself as what is to be backed up"
run 2 backup "$IGUDAR_REPOSITORY"
assert_says 'cannot hold itself'
run 2 backup source/file "$IGUDAR_REPOSITORY/packs"
backup source/file "$IGUDAR_REPOSITORY"
assert_says "left out: $IGUDAR_REPOSITORY"
