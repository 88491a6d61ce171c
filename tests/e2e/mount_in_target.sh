#!/bin/bash
# --delete leaves other file systems that are mounted in the target alone, whatever the snapshot has in their place.
. "$(dirname "$0")/lib.sh"
needs_root "mounts file systems"

# What the target keeps is said once, by the restore as by its dry run, which changes nothing.
restore_deleting() {  # STATUS SNAPSHOT TARGET MESSAGE…
  local before
  before=$(find "$3" | sort)
  run "$1" restore "$2" --target "$3" --delete --dry-run
  assert_equal "$(find "$3" | sort)" "$before" "what a dry run left"
  for message in "${@:4}"; do assert_equal "$(cat out err | grep -c -- "$message")" 1 "dry run, '$message'"; done
  run "$1" restore "$2" --target "$3" --delete
  for message in "${@:4}"; do assert_equal "$(cat out err | grep -c -- "$message")" 1 "'$message'"; done
}

mkdir source/here
echo here >source/here/file
mount_tmpfs source/there 1m
mkdir source/there/folder
echo precious >source/there/folder/file
init
(cd source && run 0 backup . --one-file-system) || exit 1
sole=$(latest)

checking "a snapshot made with --one-file-system"
echo extra >source/here/extra
restore_deleting 0 "$sole" source '^there keeps what is in it'
assert_absent source/here/extra
assert_file source/there/folder/file precious

checking "nothing is said of what there is nothing to say of"
rm -r source/there/folder
run 0 restore "$sole" --target source --delete
assert_silent_about keeps

checking "one that was made of both file systems"
mkdir source/there/folder
echo precious >source/there/folder/file
(cd source && run 0 backup .) || exit 1
both=$(latest)
echo later >source/there/later
echo later >source/there/folder/later
echo spoilt >source/there/folder/file
restore_deleting 0 "$both" source '^there keeps what is in it'
assert_file source/there/folder/file precious
assert_file source/there/later later
assert_file source/there/folder/later later

checking "a file system mounted in a folder that the snapshot does not have"
mkdir source/extra
echo extra >source/extra/file
mount_tmpfs source/extra/deep/mounted 1m
echo precious >source/extra/deep/mounted/file
restore_deleting 0 "$sole" source '^there keeps what is in it' '^extra/deep/mounted keeps what is in it'
assert_absent source/extra/file
assert_file source/extra/deep/mounted/file precious

checking "a folder, and a file, of the target's own file system that is mounted again in it"
mkdir elsewhere source/extra/bound
echo precious >elsewhere/file
echo precious >lone
echo >source/extra/lone
mount --bind elsewhere source/extra/bound && mounts+=("$work/source/extra/bound") || skip "cannot mount a folder again"
mount --bind lone source/extra/lone && mounts+=("$work/source/extra/lone") || skip "cannot mount a file again"
restore_deleting 0 "$sole" source '^extra/bound keeps what is in it' '^extra/lone keeps what is in it'
assert_file elsewhere/file precious
assert_file lone precious

checking "what an exclude names is not spoken of"
run 0 restore "$sole" --target source --delete --exclude /extra
assert_silent_about extra

checking "something mounted where the snapshot has a file or a symlink"
mkdir other
echo file >other/there
ln -s nowhere other/extra
(cd other && run 0 backup .) || exit 1
restore_deleting 1 latest source 'source/there would be replaced, but another file system is mounted there' \
  'source/extra would be replaced, but another file system is mounted there'
assert_file source/there/folder/file precious
assert_file source/extra/deep/mounted/file precious
assert_file elsewhere/file precious
assert_absent source/here

checking "the target itself is a mount point"
mount_tmpfs target 1m
echo extra >target/extra
restore_deleting 0 "$sole" target
assert_absent target/extra
assert_file target/here/file here
