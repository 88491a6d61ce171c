#!/bin/bash
# What a user does with a repository, on the storage that run_with started: init, two backups, check, prune, restore.
#   end_to_end.sh IGUDAR          IGUDAR_TEST_STORE says where
[ -n "${IGUDAR_TEST_STORE:-}" ] || { echo "run me with tests/servers/run_with SERVER" >&2; exit 2; }
. "$(dirname "$0")/../e2e/lib.sh" "$1" "$IGUDAR_TEST_STORE/end-to-end"

"$python" "$here/make_tree.py" source | while read -r line; do skip_part "$line"; done
mkdir source/large
random_file source/large/a 40000000
random_file source/large/b 3000000

checking "what is not there yet"
run 10 snapshots

init
run 1 init --kdf argon2id
assert_says "already|holds"

checking "two backups"
backup source
first=$(latest)
"$python" "$here/tree_state.py" source >first.tree
random_file source/large/b 3000000 other
rm -rf source/large/a
echo new >source/new
backup source
assert_equal "$(snapshot_count)" 2 "snapshots"
check_clean --read-data

checking "restores"
restore_equals "latest:source" source
run 0 restore "$first:source" --target first
"$python" "$here/tree_state.py" first >found.tree
diff -U1 first.tree found.tree >&2 || fail "the first snapshot is not what was there then"

checking "a domain of its own"
run 0 domain create notes
run 0 backup source/new --domain notes
run_json 0 snapshots --domain notes
assert_equal "$(json 'len(last["snapshots"])')" 1 "snapshots of the domain"

checking "forget and prune"
run 0 forget "$first"
run_json 0 prune
assert_at_most "$(json 'last["bytes_after"]')" 40000000 "bytes after"
check_clean --read-data
run 0 restore "latest:source" --target pruned
assert_same_tree source pruned

checking "an interrupted backup"
mkfifo pipe
"$program" --no-progress backup --stdin <pipe >out 2>err &
pid=$!
exec 7>pipe
random_file more 30000000
cat more >&7
kill -TERM "$pid"
status=0
wait "$pid" || status=$?
exec 7>&-
assert_equal "$status" 130 "status"
check_clean --read-data
assert_equal "$(snapshot_count)" 1 "snapshots"
