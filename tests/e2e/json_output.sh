#!/bin/bash
# With --json every command writes only JSON lines with the keys of docs/json.md, errors included.
. "$(dirname "$0")/lib.sh"

echo one >source/file
printf x >$'source/\xff\n'
ln -s file source/link
mkfifo source/fifo

# has COMMAND-TYPE KEY…: the last line has this message_type and these keys.
has() {
  assert_equal "$(json 'last["message_type"]')" "$1" "message_type"
  for key in "${@:2}"; do json "last['$key']" >/dev/null; done
}
run_json 0 init
has initialized id repository cipher
run_json 0 backup source -vv --tag t
has summary dry_run snapshot_id parent_id files_new files_changed files_unchanged directories other_entries total_bytes \
  read_bytes new_chunks new_bytes stored_bytes unreadable seconds
assert_equal "$(json 'sorted(line["action"] for line in lines if line["message_type"] == "item" and line["path"].endswith("file"))')" '["new"]'
run_json 0 snapshots
has snapshots snapshots
json '[last["snapshots"][0][key] for key in "id parent time storage_time host user paths tags entries files bytes stored_bytes unreadable".split()]' >/dev/null
run_json 0 ls latest -R
assert_equal "$(json '[bytes.fromhex(line["path_bytes"]).hex() for line in lines if "path_bytes" in line]')" \
  "[\"$(printf '/source/\xff\n' | od -An -tx1 | tr -d ' \n')\"]"
json '[(line["type"], line["mode"], line["mtime"], line["uid"]) for line in lines if line["message_type"] == "entry"]' >/dev/null
has summary snapshot_id
run_json 0 restore latest --target restored -v
has summary dry_run snapshot_id target files files_unchanged files_skipped directories other_entries bytes_written bytes_verified deleted problems seconds
run_json 0 stats
has stats repository_id snapshots files restore_bytes chunks plain_bytes packs pack_bytes index_bytes total_bytes unused_bytes
run_json 0 check --read-data
has check damaged damage remarks affected_snapshots snapshots packs chunks packs_read bytes_read seconds
run_json 0 forget --keep-last 5
has forget dry_run kept forgotten groups
run_json 0 forget --keep-last 1 --prune
has forget prune
run_json 0 prune
has prune dry_run packs_total packs_kept packs_deleted packs_repacked bytes_before bytes_after bytes_repacked bytes_unused_kept generation \
  nothing_to_do sweep_postponed held_by seconds
run_json 0 key list
has keys keys
printf n >new
run_json 0 key add --new-password-file new
has key action id
IGUDAR_PASSWORD=n run_json 0 key passwd --new-password-file new
has key action
run_json 0 crypto list
has crypto algorithms
json '[last["algorithms"][0][key] for key in "kind name purpose fips_approved used".split()]' >/dev/null
run_json 0 crypto bench
has crypto_bench rates key_derivations
json '[last["rates"][0][key] for key in "name operation bytes_per_second".split()]' >/dev/null
json '[last["key_derivations"][0][key] for key in "name passes memory_kib seconds".split()]' >/dev/null
run_json 0 version
has version version repository_format
run_json 0 help exit-codes
has help text
run_json 0 backup --help
has help text

checking "errors"
run_json 1 restore 01234567 --target x
assert_equal "$(json 'last["code"]') $(json 'last["exit"]')" "not_found 1"
run_json 10 snapshots --repo "$work/nothing"
assert_equal "$(json 'last["code"]') $(json 'last["exit"]')" "no_repository 10"
run_json 2 restore
assert_equal "$(json 'last["code"]') $(json 'last["exit"]')" "usage 2"
IGUDAR_PASSWORD=wrong run_json 12 snapshots
assert_equal "$(json 'last["message_type"]') $(json 'last["exit"]')" "error 12"
