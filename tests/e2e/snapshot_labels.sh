#!/bin/bash
# --tag, --host and --time are kept, shown, and found again by the filters; 'latest' obeys them.
. "$(dirname "$0")/lib.sh"

mkdir -p source/a source/b
echo 1 >source/a/f
echo 1 >source/b/f
init
backup source/a --tag one,two --tag three --host first --time '2020-02-29 12:00:00'
echo 2 >source/a/f
backup source/a --tag one --host second --time '2021-01-01 00:00:00'
echo 3 >source/a/f
backup source/a --host first --time '2022-06-30 23:59:59'
backup source/b --host first

# counts N OPTION…: so many snapshots are shown.
counts() {
  checking "snapshots ${*:2}"
  run_json 0 snapshots "${@:2}"
  assert_equal "$(json 'len(last["snapshots"])')" "$1" "snapshots shown"
}
counts 4
counts 2 --tag one
counts 1 --tag one,two
counts 0 --tag one,four
counts 2 --tag three --tag one
counts 3 --host first
counts 4 --host first --host second
counts 3 --path "$work/source/a"
counts 0 --path source/none
counts 1 --at '2020-12-31'
counts 2 --at '2021-01-01 00:00:00'
counts 3 latest
counts 4 latest 2

checking "the times and labels as given"
run_json 0 snapshots --tag two
assert_equal "$(json 'last["snapshots"][0]["time"]')" 2020-02-29T12:00:00.000000000Z
assert_equal "$(json 'sorted(last["snapshots"][0]["tags"])')" '["one", "three", "two"]'
assert_equal "$(json 'last["snapshots"][0]["host"]')" first

# restores CONTENT OPTION…: the newest snapshot so filtered is the one with this content.
restores() {
  checking "restore latest ${*:2}"
  rm -rf restored
  run 0 restore latest --target restored "${@:2}"
  assert_file restored/source/a/f "$1"
}
restores 3 --path source/a
restores 2 --host second
restores 1 --tag two
restores 1 --path source/a --at '2020-12-31 00:00'
restores 3 --path source/a --at '2022-07-01'
checking "a day that no calendar has"
run 2 snapshots --at 2021-02-29

checking "a filter that nothing matches"
run 1 restore latest --target nowhere --host third
assert_absent nowhere
run 2 backup source/a --time 'last tuesday'

checking "the host from the environment"
IGUDAR_HOST=third backup source/b
run_json 0 snapshots latest --host third
assert_equal "$(json 'len(last["snapshots"])')" 1
