#!/bin/bash
# What the --exclude options leave out, and only that.
. "$(dirname "$0")/lib.sh"

cd source || exit 1
mkdir -p keep build/deep sub/build cache/inside notes
touch keep/a.c keep/a.o build/deep/x sub/build/y sub/b.o sub/important.o notes/draft.txt notes/final.txt $'sub/new\nline.o'
printf 'Signature: 8a477f597d28d172789f06886806bc55\n' >cache/CACHEDIR.TAG
touch cache/inside/z
head -c 3000 /dev/zero >big
head -c 2048 /dev/zero >limit
cd ..
init

# excluded NAME… -- OPTION…: with the options, exactly these names and what is below them are left out.
excluded() {
  local names=()
  while [ "$1" != -- ]; do names+=("$1"); shift; done
  shift
  checking "backup $*"
  rm -rf expected restored
  cp -a source expected
  for name in "${names[@]}"; do rm -r "expected/$name" || fail "the test's own list is wrong"; done
  (cd source && "$program" backup . "$@" >../out 2>../err) || fail "the backup failed"
  run 0 restore latest --target restored
  assert_same_tree expected restored --no-time
}

excluded --
excluded keep/a.o sub/b.o sub/important.o $'sub/new\nline.o' -- --exclude '*.o'
excluded keep/a.o sub/b.o $'sub/new\nline.o' -- --exclude '*.o' --exclude '!important.o'
excluded build sub/build -- --exclude 'build/'
excluded build -- --exclude '/build'
excluded sub/build -- -e 'sub/build'
excluded build/deep/x -- --exclude '**/deep/*'
excluded notes/draft.txt -- --exclude 'd*.tx[a-z]'
excluded -- --exclude 'keep/a' --exclude 'Build' --exclude 'notes/*/'

printf '# a comment\n\n*.txt\r\n!final.txt\n\\#none\nbig   \n' >patterns
excluded notes/draft.txt big -- --exclude-file ../patterns
excluded notes/draft.txt big keep/a.c -- --exclude-file ../patterns --exclude '*.c'

excluded cache/inside -- --exclude-caches
excluded big -- --exclude-larger-than 2K
excluded big limit -- --exclude-larger-than 2047

checking "an absolute path given, and patterns tied to it"
backup "$work/source" --exclude "$work/source/build" --exclude /nowhere
run 0 ls -R latest
assert_silent_about "$work/source/build"
assert_says "$work/source/sub/build/y"

checking "a pattern file that is not there"
run 1 backup source --exclude-file missing
assert_says missing
run 1 backup source --exclude-file source
assert_says 'cannot read the exclude file source'
run 2 backup source --exclude-larger-than lots
assert_equal "$(snapshot_count)" 15 "snapshots after failed runs"
