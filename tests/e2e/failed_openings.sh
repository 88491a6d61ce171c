#!/bin/bash
# Openings that fail are counted, told by an alert command, and in the audit log once one succeeds.
. "$(dirname "$0")/lib.sh"

echo one >source/file
init
backup source
run 0 key generate-identity stranger

checking "wrong passwords and keys are counted"
IGUDAR_PASSWORD=wrong-e52b run 12 snapshots
run 12 snapshots --identity stranger
IGUDAR_PASSWORD=wrong-e52b run 12 restore latest --target restored
run 1 snapshots ffffffff
run_json 0 audit show
assert_equal "$(json '[o["counts"]["failures"] for o in last["operations"] if o["type"] == "failed_openings"]')" "[3]"
assert_equal "$(json '[[f["means"], f["error"], f["user"]] for o in last["operations"] for f in o.get("failures", [])]')" \
  "[[\"password\", \"wrong_key\", \"$(id -un)\"], [\"identity\", \"wrong_key\", \"$(id -un)\"], [\"password\", \"wrong_key\", \"$(id -un)\"]]"
run 0 audit show
assert_says "3 failed openings"
run_json 0 audit show
assert_equal "$(json 'len([o for o in last["operations"] if o["type"] == "failed_openings"])')" 1 "entries of failed openings"
! grep -rqaF wrong-e52b "$work/state" "$store" || fail "a password that was tried is kept"

checking "the alert command runs from the second one on"
export IGUDAR_ALERT_COMMAND="cat >alert; echo told; env >environment" IGUDAR_ALERT_AFTER=2
IGUDAR_PASSWORD=wrong-e52b run 12 snapshots
assert_absent alert
IGUDAR_PASSWORD=wrong-e52b run 12 snapshots --json
assert_exists alert
grep -q told err || fail "what the alert command says is not on standard error"
mv alert out
assert_equal "$(json '[last["count"], last["means"], last["error"], last["user"], last["host"], last["repository"]]')" \
  "[2, \"password\", \"wrong_key\", \"$(id -un)\", \"$(hostname)\", \"$IGUDAR_REPOSITORY\"]"
! grep -q wrong-e52b environment out || fail "the alert command gets the password"

checking "an opening that succeeds ends the count"
run 0 snapshots
rm -f alert
IGUDAR_PASSWORD=wrong-e52b run 12 snapshots
assert_absent alert

checking "an alert command that fails is a warning"
IGUDAR_PASSWORD=wrong-e52b IGUDAR_ALERT_COMMAND="exit 3" run 12 snapshots
assert_says "warning: .*the alert command failed"
IGUDAR_PASSWORD=wrong-e52b run 12 snapshots --alert-command "true" --alert-after many
assert_says "warning: .*--alert-after"
