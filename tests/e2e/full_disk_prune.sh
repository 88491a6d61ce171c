#!/bin/bash
# A disk that is full is when people prune: packs that nothing needs go without any room for copies, what they leave makes
# room for the rest, and where there is none at all prune says so, and loses nothing.
. "$(dirname "$0")/lib.sh"
needs_root "mounts a file system"
needs_folder_store

# Three snapshots, of which only the last is kept. It needs a part of what the second brought, and nothing of the first.
make_history() {
  mount_tmpfs "$1" 64m
  export IGUDAR_REPOSITORY=$work/$1/repository
  init
  rm -rf source && mkdir source
  random_file source/first 8000000
  backup source
  rm source/first
  random_file source/shared 6000000
  random_file source/second 6000000
  backup source
  rm source/second
  echo third >source/third
  backup source
}
# Leaves so many KiB free on the disk.
leave_free() {
  local free
  free=$(df --output=avail -k "$1" | tail -n 1)
  head -c $(((free - $2) * 1024)) /dev/zero >"$1/filler"
  free=$(df --output=avail -k "$1" | tail -n 1)
  assert_at_most "$free" "$2" "KiB free on the full disk"
}
pack_bytes() { find "$IGUDAR_REPOSITORY/packs" -type f -printf '%s\n' | awk '{ sum += $1 } END { print sum + 0 }'; }
third_is_whole() {
  check_clean --read-data
  restore_equals latest:/source source
}

checking "packs that nothing needs"
make_history unused
id=$(run_json 0 snapshots; json 'last["snapshots"][0]["id"]')
run 0 forget "$id"
leave_free unused 100
run_json 0 prune
assert_at_least "$(json 'last["packs_deleted"]')" 1 "packs deleted"
assert_at_most "$(pack_bytes)" 12200000 "bytes left"
third_is_whole

checking "what those free makes room for copies of the rest"
make_history both
run 0 forget --keep-last 1
leave_free both 1000
run_json 0 prune --max-unused 0
assert_equal "$(json 'last["packs_repacked"]')" 1 "packs rewritten"
assert_equal "$(json 'last["bytes_before"] > 20000000')" true "all packs counted"
assert_equal "$(json 'last["bytes_after"]')" "$(pack_bytes)" "bytes after, as told"
assert_at_most "$(pack_bytes)" 10500000 "bytes left"
third_is_whole
run_json 0 prune --max-unused 0
assert_equal "$(json 'last["nothing_to_do"]')" true

checking "no room for any copy"
make_history none
run 0 forget --keep-last 1
run 0 prune --max-unused 100
before=$(pack_bytes)
leave_free none 1000
run_json 1 prune --max-unused 0
assert_equal "$(json 'last["code"]')" no_space
run 1 prune --max-unused 0
assert_says 'No space left|full'
assert_says 'room'
assert_equal "$(pack_bytes)" "$before" "bytes after the failed prune"
third_is_whole

checking "room again"
rm none/filler
run_json 0 prune --max-unused 0
assert_equal "$(json 'last["packs_repacked"]')" 1
assert_at_most "$(pack_bytes)" 10500000 "bytes left"
third_is_whole
