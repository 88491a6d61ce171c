#!/bin/bash
# Every kind of file and metadata comes back as it was: once into a new folder, once over other files.
. "$(dirname "$0")/lib.sh"

"$python" "$here/make_tree.py" source | while read -r line; do skip_part "$line"; done
init

checking "a backup of every kind of file"
cd source || exit 1
backup . --threads 3
cd ..
restore_equals latest source

checking "the same over what is there"
run_json 0 restore latest --target restored --verify
assert_equal "$(json 'last["bytes_written"]')" 0 "bytes written though nothing differed"
assert_equal "$(json 'last["files"]')" 0 "files restored though nothing differed"
assert_same_tree source restored

checking "holes take no space"
used=$(du -sk restored/sparse/holes | cut -f1)
assert_at_most "$used" 1000 "KiB used by a sparse file"

checking "a sparse target on request"
rm -rf restored/sparse
run 0 restore latest --target restored --include /sparse --sparse
assert_at_most "$(du -sk 'restored/sparse/zeros that are no hole' | cut -f1)" 8 "KiB used by zeros with --sparse"
assert_same_tree source/sparse restored/sparse --no-holes
