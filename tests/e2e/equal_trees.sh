#!/bin/bash
# Equal source states give equal pages and chunks, whatever the timing of threads: nothing is stored a second time.
. "$(dirname "$0")/lib.sh"

"$python" "$here/make_tree.py" source | while read -r line; do skip_part "$line"; done
for folder in {1..40}; do
  mkdir "source/many$folder"
  for file in {1..50}; do echo "$folder $file" >"source/many$folder/$file"; done
done
init
backup source --threads 1
run_json 0 stats
chunks=$(json 'last["chunks"]')
plain=$(json 'last["plain_bytes"]')
for threads in 2 7 1 3 2 5 7 4 16 2; do
  checking "the same with $threads threads"
  run_json 0 backup source --force --threads "$threads"
  assert_equal "$(json 'last["new_chunks"]')" 0 "new chunks"
  assert_equal "$(json 'last["new_bytes"]')" 0 "new bytes"
done

checking "a tree reached by another way: changed, and changed back with all its times"
mv source/many7 aside
backup source
mv aside source/many7
run_json 0 stats
assert_at_least "$(json 'last["chunks"]')" "$chunks" "chunks"
