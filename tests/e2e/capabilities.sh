#!/bin/bash
# A password for 'write' backs up and reads nothing back; one for 'maintain' checks and prunes, and reads nothing.
. "$(dirname "$0")/lib.sh"

mkdir source/folder
random_file source/folder/big 2000000
echo secret >source/file
init
backup source
printf writer >writer
printf maintainer >maintainer
run 0 key add --new-password-file writer --capability write
run 0 key add --new-password-file maintainer --capability maintain
run_json 0 key list
assert_equal "$(json 'sorted(key["capability"] for key in last["keys"])')" '["full", "maintain", "write"]'
owner=$IGUDAR_PASSWORD

checking "the writer backs up; what is stored already is not stored again"
export IGUDAR_PASSWORD=writer
run_json 0 backup source
assert_at_most "$(json 'last["new_bytes"]')" 3000
checking "the writer's next backup is compared with its last one"
echo more >source/more
run_json 0 backup source
assert_equal "$(json 'last["files_unchanged"]')" 2
assert_equal "$(json 'last["files_new"]')" 1
assert_at_most "$(json 'last["read_bytes"]')" 5
run_json 0 snapshots
assert_equal "$(json 'len(last["snapshots"])')" 3

checking "the writer restores nothing"
run 1 restore latest --target stolen
assert_says 'capability|password|key|may'
assert_equal "$(grep -c . err)" 2 "lines of complaint"
assert_absent stolen
checking "the writer neither forgets nor prunes nor adds keys"
for command in "forget --keep-last 1" "prune" "key add --new-password-file writer"; do
  run 1 $command
  assert_says 'capability|password|key|may'
done
checking "the writer checks what it can"
run 0 check

checking "the maintainer prunes, and restores nothing"
export IGUDAR_PASSWORD=maintainer
run 1 restore latest --target stolen
assert_absent stolen
run 1 backup source
run 1 ls latest
run 0 check --read-data
run 0 prune --max-unused 0
run_json 0 snapshots
assert_equal "$(json 'len(last["snapshots"])')" 3
id=$(json 'last["snapshots"][0]["id"]')
run 0 forget "$id" --prune --max-unused 0

checking "the owner reads all that both did"
export IGUDAR_PASSWORD=$owner
assert_equal "$(snapshot_count)" 2
check_clean --read-data
restore_equals latest:/source source
