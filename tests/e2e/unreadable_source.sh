#!/bin/bash
# What cannot be read is named and counted, the rest is kept, and the status is 3.
. "$(dirname "$0")/lib.sh"

mkdir -p source/closed source/open
echo secret >source/closed/inside
echo fine >source/open/fine
echo secret >source/open/unreadable
chmod 000 source/open/unreadable source/closed
init
# As an ordinary user: root reads everything.
as_user=()
if is_root; then
  chmod 755 "$work"
  chown -R 65534:65534 "$work"
  as_user=(setpriv --reuid 65534 --regid 65534 --clear-groups)
  cp -- "$program" "$work/igudar"  # the program may lie where only root goes
  program=$work/igudar
fi
status=0
"${as_user[@]}" "$program" backup source --json >out 2>err || status=$?
assert_equal "$status" 3 "status"
assert_equal "$(json 'last["unreadable"]')" 2 "items that could not be read"
assert_equal "$(json 'sorted(line["item"] for line in lines if line["message_type"] == "error" and "item" in line)[0]' | grep -c closed)" 1
assert_says 'open/unreadable'
assert_says '"permission"'

checking "the rest of it"
run 0 restore latest --target restored
assert_file restored/source/open/fine fine
assert_absent restored/source/open/unreadable
run_json 0 snapshots
assert_equal "$(json 'last["snapshots"][0]["unreadable"]')" 2

checking "a path that is not there beside one that is: a mistake of the user, told before anything is done"
count=$(snapshot_count)
run 1 backup source/open/fine "$work/nothing"
assert_says "$work/nothing"
assert_equal "$(snapshot_count)" "$count" "snapshots"
