#!/bin/bash
# Forget removes what the rules do not keep, prune frees its space and nothing else, check is clean all along.
. "$(dirname "$0")/lib.sh"

init
random_file source/own 1000000 other
cp -a source kept.other
backup source --tag keep --time '2019-01-01 00:00:00'
for day in 01 02 03 04; do
  rm -rf source && mkdir source
  random_file source/own 8000000 "day $day"
  random_file source/common 1000000 common
  cp -a source "kept.$day"
  backup source --time "2024-05-$day 12:00:00"
done
check_clean

checking "forget by rule, with --dry-run telling the same"
run_json 0 forget --keep-daily 2 --keep-tag keep --dry-run
planned=$(json 'sorted(s["id"] for g in last["groups"] for s in g["snapshots"] if not s["keep"])')
run_json 0 forget --keep-daily 2 --keep-tag keep
assert_equal "$(json 'sorted(s["id"] for g in last["groups"] for s in g["snapshots"] if not s["keep"])')" "$planned" "forgotten"
assert_equal "$(json 'last["forgotten"]')" 2
assert_equal "$(snapshot_count)" 3

# Of 16 MB, less the frame (of up to 4 MiB) that a forgotten file shares with a kept one.
checking "forget frees nothing yet; prune does"
run_json 0 stats
size=$(json 'last["total_bytes"]')
assert_at_least "$(json 'last["unused_bytes"]')" 11500000 "unused bytes"
check_clean
run_json 0 prune --max-unused 0
assert_equal "$(json 'last["sweep_postponed"]')" false
run_json 0 stats
assert_at_most "$(json 'last["total_bytes"]')" $((size - 11500000)) "bytes after prune"
assert_at_most "$(json 'last["unused_bytes"]')" 20000 "unused bytes after prune"
check_clean --read-data

checking "what is left"
for left in 03 04; do
  run 0 restore latest --at "2024-05-$left 13:00" --target "restored.$left"
  assert_same_tree "kept.$left" "restored.$left/source"
done
run 0 restore latest --tag keep --target restored.tag
assert_same_tree kept.other restored.tag/source

checking "nothing more to do"
run_json 0 prune --max-unused 0
assert_equal "$(json 'last["nothing_to_do"]')" true

checking "forget by id, pruned at once, as --dry-run foresees it"
newest=$(run_json 0 snapshots --at '2024-05-04 13:00'; json 'last["snapshots"][-1]["id"]')
pruned='[last["prune"][name] for name in ("packs_deleted", "packs_repacked", "packs_kept", "bytes_before", "nothing_to_do")]'
run_json 0 prune --dry-run --max-unused 0
assert_equal "$(json 'last["nothing_to_do"]')" true "while no snapshot is forgotten"
run_json 0 forget "${newest:0:12}" --prune --max-unused 0 --dry-run
assert_equal "$(json 'last["prune"]["dry_run"]')" true
assert_at_least "$(json 'last["prune"]["bytes_before"] - last["prune"]["bytes_after"]')" 5000000 "bytes to be freed"
foreseen=$(json "$pruned")
assert_equal "$(snapshot_count)" 3
run_json 0 forget "${newest:0:12}" --prune --max-unused 0
assert_equal "$(json "$pruned")" "$foreseen"
assert_equal "$(json 'last["forgotten"]')" 1
assert_equal "$(snapshot_count)" 2
check_clean --read-data

checking "no rule and no id, or ids that are none"
run 2 forget
run 1 forget 00000000
run 2 forget --keep-last none
assert_equal "$(snapshot_count)" 2

checking "backups go on, and take up again what was pruned"
rm -rf source && cp -a kept.01 source
backup source
restore_equals latest:/source source

checking "everything forgotten"
run 0 snapshots --json
run 0 forget $(json '" ".join(s["id"] for s in last["snapshots"])') --prune --max-unused 0
assert_equal "$(snapshot_count)" 0
check_clean --read-data
run_json 0 stats
assert_at_most "$(json 'last["total_bytes"]')" 60000 "bytes in an empty repository"
run 1 restore latest --target nowhere

checking "forget latest, of one host"
backup source --host one
backup source --host two
mkdir 'back\slash'
backup 'back\slash' --host two
run_json 0 forget latest --host one
assert_equal "$(json 'last["groups"][0]["snapshots"][0]["host"]')" one
assert_equal "$(snapshot_count)" 2
run 1 forget latest --host one

checking "names in the heads of groups are those of 'snapshots'"
run 0 snapshots --host two
shown=$(grep -o '/back.*slash' out)
run 0 forget --keep-last 1
assert_equal "$(grep -cF -- "$shown" out)" 2 "lines that name $shown"
