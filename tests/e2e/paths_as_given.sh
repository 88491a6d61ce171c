#!/bin/bash
# Paths are kept as restic keeps them: absolute ones in full, relative ones relative, '.' as what is in the folder.
. "$(dirname "$0")/lib.sh"

mkdir -p source/folder
echo one >source/folder/file
echo two >source/other
init

# The paths in the newest snapshot, without those of the folders above.
listing() { run 0 ls -R latest; grep -v '^/$' out | sort | tr '\n' ' '; }

checking "an absolute path"
backup "$work/source"
run 0 restore latest --target restored
assert_same_tree source "restored$work/source"

checking "a relative path"
backup source/folder
assert_equal "$(listing)" "/source /source/folder /source/folder/file "

checking "the folder itself"
(cd source && "$program" backup . >../out 2>../err) || fail "backup . failed"
assert_equal "$(listing)" "/folder /folder/file /other "

checking "several paths, with './', '//', '..' and a trailing '/'"
(cd source && "$program" backup ./folder// folder/../other >../out 2>../err) || fail "backup failed"
assert_equal "$(listing)" "/folder /folder/file /other "

checking "a path that leads above the working folder"
(cd source/folder && "$program" backup ../other >../../out 2>../../err) || fail "backup failed"
assert_equal "$(listing)" "/other "

checking "a single file"
backup source/other
assert_equal "$(listing)" "/source /source/other "
run 0 restore latest:/source/other --target one
[ -f one/other ] || fail "the file is not in the target"

checking "a path given as a symlink is the symlink; below a symlinked folder are the files"
ln -s source link
backup link
run 0 ls -l latest
assert_says 'link -> source'
backup link/folder
assert_equal "$(listing)" "/link /link/folder /link/folder/file "

checking "the paths of the snapshot, absolute whatever was given"
run_json 0 snapshots latest
assert_equal "$(json 'last["snapshots"][-1]["paths"][0]["path"]')" "$work/link/folder"

checking "a path through a symlink that is itself to be kept"
run 2 backup link link/folder
assert_says 'is no folder'

checking "a path from elsewhere beside '.'"
mkdir folder settings
echo theirs >folder/theirs
echo one >settings/one
echo two >settings/two
for again in first second; do
  (cd source && "$program" backup . ../settings/one >../out 2>../err) || fail "the $again backup failed"
  assert_equal "$(listing)" "/folder /folder/file /other /settings /settings/one "
done
run 0 restore latest --target both --delete
assert_file both/settings/one one
assert_file both/folder/file one
check_clean

checking "a path from elsewhere in the place of what is in '.'"
status=0
(cd source && "$program" backup . ../folder/theirs >../out 2>../err) || status=$?
assert_equal "$status" 2 "status"
assert_says 'would both be stored as folder/theirs'
