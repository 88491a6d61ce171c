#!/bin/bash
# A restore never touches the repository it reads from: not with --delete, not by what a snapshot has in its place.
. "$(dirname "$0")/lib.sh"
needs_folder_store

export IGUDAR_REPOSITORY=$work/source/backups/repository
mkdir -p source/backups source/data
echo one >source/data/file
init
cd source || exit 1
backup .
cd ..

checking "--delete where the repository is among what the snapshot does not have"
echo extra >source/data/extra
echo beside >source/backups/beside
run 0 restore latest --target source --delete
assert_says 'backups/repository stays'
assert_absent source/data/extra
assert_absent source/backups/beside
check_clean --read-data

checking "--delete where a folder that leads to the repository is extra"
run 0 init --repo source/lone/deep/repository
echo beside >source/lone/beside
run 0 backup source/data --repo source/lone/deep/repository
(cd source && run 0 backup . --repo "$work/source/lone/deep/repository" --exclude /lone) || exit 1
run 0 restore latest --repo source/lone/deep/repository --target source --delete --dry-run
assert_exists source/lone/beside
run 0 restore latest --repo source/lone/deep/repository --target source --delete
assert_absent source/lone/beside
run 0 check --repo source/lone/deep/repository

checking "a snapshot that has something else in the place of the repository"
export IGUDAR_REPOSITORY=$work/place/repository
init
mkdir -p other/repository other/kept
echo mine >other/repository/config
echo kept >other/kept/file
(cd other && run 0 backup .) || exit 1
run 1 restore latest --target place
assert_says 'repository that is restored from is in the place of repository/config'
assert_file place/kept/file kept
check_clean --read-data
rm -r other/repository
echo file >other/repository
(cd other && run 0 backup .) || exit 1
run 1 restore latest --target place --delete
check_clean --read-data

checking "a target in the repository"
for target in "$IGUDAR_REPOSITORY" "$IGUDAR_REPOSITORY/packs" "$IGUDAR_REPOSITORY/new"; do
  run 2 restore latest --target "$target"
  assert_says 'belongs to the repository'
done
assert_absent "$IGUDAR_REPOSITORY/new"
check_clean --read-data
