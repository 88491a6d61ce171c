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

checking "--delete with what such a snapshot lacks still there"
restored() { find restored/source -printf '%P %y\n' | sort; }
mkdir restored/source/closed/deep restored/source/open/fine.orig
echo secret >restored/source/closed/deep/inside
echo secret >restored/source/open/unreadable
echo extra >restored/source/extra
before=$(restored)
for trial in --dry-run ''; do
  run 1 restore latest --target restored --delete $trial
  assert_equal "$(restored)" "$before" "what is in the target"
  assert_equal "$(grep -c 'nothing is removed: 2 items could not be read' err)" 1 "messages"
  assert_says 'igudar snapshots'
  run_json 1 restore latest --target restored --delete $trial
  assert_equal "$(json '[(line["code"], line["item"]) for line in lines if line["message_type"] == "error"]')" \
    '[["incomplete", "(--delete)"]]'
  assert_equal "$(json 'last["deleted"], last["problems"]')" '(0, 1)'
done

checking "a folder that has come in the place of a file of such a snapshot"
rm restored/source/open/fine
mkdir restored/source/open/fine
echo mine >restored/source/open/fine/mine
run 1 restore latest --target restored --delete
assert_file restored/source/open/fine/mine mine

checking "--delete with a snapshot that lacks nothing"
chmod -R u+rwX source
backup source
run 0 restore latest --target restored --delete
assert_absent restored/source/extra
assert_same_tree source restored/source
