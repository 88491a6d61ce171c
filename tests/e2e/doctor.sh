#!/bin/bash
# The rules that the policy sets are compared with what is there.
. "$(dirname "$0")/lib.sh"

verdicts() { json '" ".join("%s:%s" % (f["rule"], f["verdict"]) for f in last["findings"] if f["rule"])'; }

init
checking "no rules"
run_json 0 doctor
assert_equal "$(verdicts)" "max-key-age:not_set max-retention:not_set min-password-memory:not_set min-pbkdf2-rounds:not_set require-recovery-key:not_set"
assert_equal "$(json '[f["verdict"] for f in last["findings"] if not f["rule"]]')" '["advice"]'

checking "rules that are kept"
run 0 policy set max-key-age=365
run 0 policy set max-retention=30
echo text >source/file
backup source
run 0 policy set min-password-memory=8
run 0 policy set min-pbkdf2-rounds=600000
run 0 key recovery create --output recovery.txt
run 0 policy set require-recovery-key=yes
run_json 0 doctor
assert_equal "$(verdicts)" "max-key-age:kept max-retention:kept min-password-memory:kept min-pbkdf2-rounds:kept require-recovery-key:kept"
assert_says '180 days'
run 0 key recovery test --recovery-file recovery.txt
run_json 0 doctor
assert_equal "$(json '[f for f in last["findings"] if not f["rule"]]')" '[]'

checking "rules that are broken"
printf fips >fips && chmod 600 fips
run_json 0 key add --new-password-file fips --kdf pbkdf2
slot=$(json 'last["id"]')
run_json 0 backup source --time 2024-01-01
old=$(json 'last["snapshot_id"]')
run 0 policy set min-pbkdf2-rounds=700000
run 0 policy set min-password-memory=100000
run_json 5 doctor
assert_equal "$(verdicts)" "max-key-age:kept max-retention:broken min-password-memory:broken min-pbkdf2-rounds:broken require-recovery-key:kept"
assert_equal "$(json '[f["object"] for f in last["findings"] if f["rule"] == "min-pbkdf2-rounds"]')" "[\"keys/$slot\"]"
run_json 0 key list
run 0 key remove "$(json '[k["id"] for k in last["keys"] if k["recovery_key"]][0]')"
run 5 doctor
assert_says 'no recovery key'

checking "a snapshot that is too old, and one that a hold covers"
run_json 5 doctor
assert_equal "$(json '[f["object"] for f in last["findings"] if f["rule"] == "max-retention"]')" "[\"snapshots/$old\"]"
run 0 hold set --snapshot "$old" --reason "case 12"
run_json 5 doctor
assert_equal "$(json '[f["verdict"] for f in last["findings"] if f["rule"] == "max-retention"]')" '["kept"]'

checking "keys that are older than the rule allows"
if command -v faketime >/dev/null; then
  faketime '+400 days' "$program" doctor --json >out 2>err && fail "keys that are 400 days old are no finding"
  [ "$(verdicts | tr ' ' '\n' | grep -c 'max-key-age:broken')" -ge 2 ] || fail "not told: $(cat out)"
  assert_equal "$(json 'sorted({"keys/" in f["object"] for f in last["findings"] if f["rule"] == "max-key-age"})')" '[false, true]' \
    "slots and domains whose keys are too old"
  run 0 key rotate
  run_json 5 doctor
  assert_equal "$(verdicts | tr ' ' '\n' | grep -c 'max-key-age:broken')" 0 "too old today"
else
  skip_part "the age of keys: no faketime"
fi
