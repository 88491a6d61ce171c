#!/bin/bash
# ID:PATH, --include and --exclude choose what is restored; the rest is not made.
. "$(dirname "$0")/lib.sh"

mkdir -p source/a/b/c source/d
echo deep >source/a/b/c/deep.txt
echo log >source/a/b/x.log
echo top >source/d/top.txt
echo $'odd\nname' >$'source/d/odd\nname'
init
(cd source && "$program" backup . >../out 2>../err) || fail "the backup failed"
id=$(latest)

# restored FILES ARGUMENT…: exactly these files are in the target.
restored() {
  checking "restore ${*:2}"
  rm -rf restored
  run 0 restore "${@:2}" --target restored
  assert_equal "$(cd restored && find . -type f | LC_ALL=C sort | tr '\n' ' ')" "$1" "files restored"
}
restored './b/c/deep.txt ./b/x.log ' "${id:0:8}:/a"
restored './b/c/deep.txt ./b/x.log ' "latest:a/"
restored './c/deep.txt ./x.log ' "${id}:a/b"
restored './top.txt ' "latest:/d/top.txt"
restored './a/b/c/deep.txt ./d/top.txt ' latest --include '*.txt'
restored './a/b/c/deep.txt ' latest --include '/a/**' --exclude '*.log'
restored './a/b/c/deep.txt ./a/b/x.log ' latest --exclude d
restored './c/deep.txt ' latest:/a/b --include '*.txt'

checking "the metadata of what leads to a chosen file"
touch -d 2001-02-03 source/a/b/c source/a/b source/a
(cd source && "$program" backup . >../out 2>../err) || fail "the backup failed"
rm -rf restored
run 0 restore latest --target restored --include deep.txt
assert_same_tree source/a/b/c restored/a/b/c
assert_equal "$(stat -c %Y restored/a)" "$(stat -c %Y source/a)"

checking "what is not there"
run 1 restore latest:/nothing --target nowhere
assert_absent nowhere
run 1 restore 0123456789abcdef --target nowhere
run 1 ls latest /nothing
run 2 restore latest
