#!/bin/bash
# Each control of a profile is judged by what the repository shows: here one that passes little, then one that passes
# what it can, and what breaks it again.
. "$(dirname "$0")/lib.sh"
needs_folder_store

# verdict ID: of one control in the last run.
verdict() { json "[c['verdict'] for c in last['controls'] if c['id'] == '$1'][0]"; }
evidence() { json "' '.join([' '.join(c['evidence']) + ' ' + c['why'] for c in last['controls'] if c['id'] == '$1'])"; }
# judged PROFILE STATUS [ID=VERDICT…]
judged() {
  run_json "$2" compliance check --profile "$1"
  local each
  for each in "${@:3}"; do assert_equal "$(verdict "${each%=*}")" "${each#*=}" "the verdict on ${each%=*}"; done
}

init
run 2 compliance check
assert_says "pci-dss"
run 2 compliance check --profile iso
run 2 compliance audit --profile gdpr

checking "a new repository"
judged gdpr 5 '5(1)(e)=not_applicable' '5(2)=pass' '6, 7=not_applicable' 17=not_applicable 18=not_applicable 25=fail 30=fail \
  '32(1)(a)=pass' '32(1)(b)=pass' '32(1)(c)=fail' '32(1)(d)=fail' 33=fail 35=not_applicable
judged pci-dss 5 3.2.1=not_applicable 3.5.1=pass 3.7.4=fail 8.3.2=pass 8.3.4=not_applicable 10.2.1=pass 10.4.1=fail 11.5.2=fail

checking "one that is kept as it should be"
echo text >source/file
mkdir source/customers
run 0 consent source add "$work/source/customers" --category customers
run 5 backup source
judged gdpr 5 '6, 7=fail'
run_json 0 consent record --category customers --subject customers --purpose orders --basis contract
consent=$(json 'last["id"]')
backup source
for field in controller contact purpose data-subjects; do run 0 privacy set $field="some $field"; done
run 0 policy set max-retention=365
run 0 policy set max-key-age=365
printf writer >writer
run 0 key add --capability write --new-password-file writer
run 0 restore latest --target restored --dry-run
judged gdpr 5 '32(1)(c)=fail'
run 0 restore latest --target restored
run 0 check
judged gdpr 5 '32(1)(d)=fail'
run 0 check --read-data
run 0 audit verify
export IGUDAR_ALERT_COMMAND=true
judged gdpr 0 '5(1)(e)=pass' '6, 7=pass' 25=pass 30=pass '32(1)(c)=pass' '32(1)(d)=pass' 33=pass
assert_equal "$(json '[last["failed"], last["passed"] > 8]')" '[0, true]'
assert_equal "$(evidence '6, 7' | grep -cF "${consent:0:12} (contract)")" 1 "the consent among the evidence"
judged pci-dss 0 3.2.1=pass 3.7.4=pass 7.2.2=pass 10.4.1=pass 10.5.1=pass 10.7.2=pass 11.5.2=pass

checking "its files"
run 0 compliance check --profile gdpr
assert_says "Lawfulness and consent"
assert_says "no certificate"
run 0 compliance check --profile gdpr --output gdpr.pdf
assert_equal "$(head -c 5 gdpr.pdf)" "%PDF-"
run 0 compliance check --profile pci-dss --output pci.json
"$python" -c 'import json, sys; assert json.load(open(sys.argv[1]))["profile"] == "pci-dss"' pci.json || fail "pci.json"
run 2 compliance check --profile gdpr --format csv

checking "a consent that is withdrawn, an old snapshot, an erasure that waits"
run 0 consent withdraw "$consent" --reason "contract ended"
judged gdpr 5 '6, 7=fail' '5(1)(e)=pass'
run 0 hold set --path /none --reason "case 12"
backup source/file --time 2020-01-01
run_json 0 erase plan --path /source/customers --reason request
plan=$(json 'last["plan"]["id"]')
judged gdpr 5 '5(1)(e)=fail' 17=pass 18=pass
run 0 erase run "$plan"
judged gdpr 5 17=pass '6, 7=fail'

checking "a weak password"
printf weak >weak && chmod 600 weak
run 0 policy set min-password-memory=100000
judged pci-dss 5 8.3.2=pass 3.2.1=fail

checking "who may not read cannot judge"
IGUDAR_PASSWORD=writer run 1 compliance check --profile gdpr

checking "a repository that is damaged, and a log that was cut"
pack=$(find "$IGUDAR_REPOSITORY/packs" -type f | head -1)
mv "$pack" pack
judged gdpr 5 '32(1)(b)=fail'
judged pci-dss 5 11.5.2=fail
mv pack "$pack"
judged gdpr 5 '32(1)(b)=pass'
log=$(find "$IGUDAR_REPOSITORY/audit" -type f -printf '%s %p\n' | sort -t. -k2 -n | tail -4 | head -1)
rm "${log#* }" || fail "the log has no such entry"
rm -rf "$XDG_STATE_HOME"
judged gdpr 5 '5(2)=fail'
judged pci-dss 5 10.5.1=fail 10.3.4=fail
