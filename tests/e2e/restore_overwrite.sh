#!/bin/bash
# What a restore does to what is there already: --overwrite always, if-changed, never; --delete; --verify.
. "$(dirname "$0")/lib.sh"

mkdir -p source/folder
echo same >source/same
echo snapshot >source/changed
printf 'AAAA' >source/hidden
random_file source/big 20000000
echo inside >source/folder/inside
touch -d 2005-05-05 source/*
ln -s same source/link
init
(cd source && "$program" backup . >../out 2>../err) || fail "the backup failed"

# A target in which much differs; 'hidden' in its content only.
target() {
  rm -rf restored
  cp -a source restored
  echo mine >restored/changed
  printf 'BBBB' >restored/hidden
  touch -r source/hidden restored/hidden
  printf x | dd of=restored/big bs=1 seek=1500000 conv=notrunc status=none
  rm restored/link restored/folder/inside
  ln -s elsewhere restored/link
  echo extra >restored/extra
  mkdir -p restored/folder/extra
  echo extra >restored/folder/extra/deep
}

checking "--overwrite always is the default and makes all like the snapshot"
target
run_json 0 restore latest --target restored
assert_equal "$(json 'last["files_unchanged"]')" 1 "files that were equal"
# Where a repository cuts is its secret: the byte lies in a chunk of at most 4 MiB.
assert_at_most "$(json 'last["bytes_written"]')" 4200000 "bytes written for one changed byte"
assert_file restored/extra extra
rm -r restored/extra restored/folder/extra
touch -r source/folder restored/folder
assert_same_tree source restored --no-root-time

checking "--delete removes what the snapshot does not have"
target
run_json 0 restore latest --target restored --delete --dry-run
assert_equal "$(json 'last["deleted"]')" 2
assert_file restored/extra extra
run_json 0 restore latest --target restored --delete
assert_equal "$(json 'last["deleted"]')" 2
assert_same_tree source restored --no-root-time

checking "--delete leaves what an --exclude leaves out"
target
run 0 restore latest --target restored --delete --exclude extra
assert_file restored/extra extra
assert_file restored/folder/extra/deep extra

checking "--overwrite if-changed trusts size and time"
target
run 0 restore latest --target restored --overwrite if-changed
assert_file restored/hidden BBBB
assert_file restored/changed snapshot
cmp source/big restored/big || fail "a changed file was not restored"

checking "--overwrite never only adds"
target
run 0 restore latest --target restored --overwrite never
assert_file restored/changed mine
assert_equal "$(readlink restored/link)" elsewhere
assert_file restored/folder/inside inside

checking "a folder in the place of a file, and the other way round"
rm -rf restored
mkdir -p restored/same/deep restored/link
echo x >restored/folder
run 1 restore latest --target restored
assert_says 'restored/same exists already'
[ -d restored/same/deep ] || fail "a folder was removed without --delete"
cmp source/folder/inside restored/folder/inside || fail "the rest was not restored"
run 0 restore latest --target restored --delete
assert_same_tree source restored --no-root-time

checking "a target that is a symlink in the way is replaced, not followed"
rm -rf restored outside
mkdir restored outside
ln -s ../outside restored/folder
run 0 restore latest --target restored
assert_same_tree source restored --no-root-time
assert_equal "$(ls -A outside)" "" "outside the target"

checking "--verify"
run_json 0 restore latest --target verified --verify
assert_equal "$(json 'last["bytes_verified"]')" "$(json 'last["bytes_written"]')" "bytes verified"

checking "files that are equal and take no changes"
mkdir locked
echo immutable >locked/immutable
echo append >locked/append
if is_root && chattr +i locked/immutable 2>/dev/null && chattr +a locked/append 2>/dev/null; then
  (cd locked && "$program" backup . >../out 2>../err) || fail "the backup failed"
  run 0 restore latest --target relocked
  assert_same_tree locked relocked
  for dry_run in --dry-run --verify; do
    run_json 0 restore latest --target relocked "$dry_run"
    assert_equal "$(json 'last["files"]')" 0 "files restored $dry_run"
    assert_equal "$(json 'last["files_unchanged"]')" 2 "files unchanged $dry_run"
  done
  chattr -i relocked/immutable
  echo changed >relocked/immutable
  chattr +i relocked/immutable
  run 1 restore latest --target relocked
  assert_says 'cannot replace .*immutable'
  assert_file relocked/immutable changed
else
  skip_part "chattr +i and +a need root and a file system that has them"
fi

checking "read-only files that are equal, for a user"
mkdir readonly
echo same >readonly/file
chmod 444 readonly/file
(cd readonly && "$program" backup . >../out 2>../err) || fail "the backup failed"
run 0 restore latest --target again
run_json 0 restore latest --target again
assert_equal "$(json 'last["files_unchanged"]')" 1 "files unchanged"

checking "--verify leaves the access times that were restored"
mkdir accessed
echo read long ago >accessed/file
touch -d 2005-05-05 accessed/file
(cd accessed && "$program" backup --with-atime . >../out 2>../err) || fail "the backup failed"
run 0 restore latest --target as_accessed --verify
assert_equal "$(stat -c %X as_accessed/file)" "$(date -d 2005-05-05 +%s)" "access time"
