#!/bin/bash
# What a second backup reads: nothing of what did not change, whatever it was compared with; --force reads all.
. "$(dirname "$0")/lib.sh"

mkdir source/d
random_file source/d/big 3000000
echo small >source/d/small
init
backup source
first=$(latest)

checking "nothing changed"
# But for what each command leaves in the audit log.
objects() { find "$store" -type f -not -path "*/audit/*" 2>/dev/null | wc -l; }
objects_before=$(objects)
bytes_before=$(run_json 0 stats; json 'last["total_bytes"]')
run_json 0 backup source
assert_equal "$(json 'last["read_bytes"]')" 0 "bytes read"
assert_equal "$(json 'last["new_bytes"]')" 0 "new bytes"
assert_equal "$(json 'last["files_unchanged"]')" 2
assert_equal "$(json 'last["parent_id"]')" "$first"
if [ -d "$store" ]; then
  assert_at_most $(($(objects) - objects_before)) 2 "objects that an unchanged backup added"
fi
bytes_after=$(run_json 0 stats; json 'last["total_bytes"]')
assert_at_most $((bytes_after - bytes_before)) 10000 "bytes that an unchanged backup added"

checking "one file changed, its size and time as before"
touch -r source/d/small reference
printf 'SMALL\n' >source/d/small
touch -r reference source/d/small
run_json 0 backup source
assert_equal "$(json 'last["files_changed"]')" 1
assert_equal "$(json 'last["read_bytes"]')" 6
restore_equals latest:/source/d source/d

checking "--parent"
run_json 0 backup source --parent "${first:0:10}"
assert_equal "$(json 'last["parent_id"]')" "$first"
assert_equal "$(json 'last["files_changed"]')" 1
run 1 backup source --parent 0123456789

checking "--force"
run_json 0 backup source --force
assert_equal "$(json 'last["read_bytes"]')" 3000006
assert_equal "$(json 'last["new_bytes"]')" 0 "new bytes"

checking "a renamed file is read and stored no second time"
mv source/d/big source/d/renamed
run_json 0 backup source
assert_at_most "$(json 'last["new_bytes"]')" 5000
restore_equals latest:/source/d source/d
