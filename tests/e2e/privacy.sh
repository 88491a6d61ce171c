#!/bin/bash
# Personal data: no backup without a recorded ground, whoever makes it and whatever its options forget; the record of
# processing tells what is there; what was erased is not listed when a storage brings it back.
. "$(dirname "$0")/lib.sh"
needs_folder_store

with() { IGUDAR_PASSWORD=$1 run "${@:2}"; }
objects() { repository_objects snapshots; }
consent() { json 'last["id"]'; }

init
mkdir -p source/customers/amal source/public
echo "letter" >source/customers/amal/letter
echo "public" >source/public/page
printf writer >writer
run 0 key add --capability write --new-password-file writer

checking "untagged backups go on as before"
run_json 0 backup source
assert_equal "$(json 'last["personal_data"]')" '[]'

checking "a tag without a consent stops the backup before anything is stored"
packs=$(repository_objects packs)
run_json 5 backup source --personal-data customers
assert_equal "$(json 'last["code"]')" rule_broken
assert_equal "$(json '"igudar consent record --category customers" in last["hint"]')" true
run 5 backup source --personal-data customers --dry-run
assert_says "no consent for them is recorded"
assert_equal "$(objects)" 1 snapshots
assert_equal "$(repository_objects packs)" "$packs" packs
run 2 backup source --personal-data 'a
b'

checking "what a consent needs"
run 2 consent record --category customers --purpose orders --basis contract
assert_says subject
run 2 consent record --category customers --subject all --basis contract
assert_says purpose
run 2 consent record --category customers --subject all --purpose orders
assert_says basis
run 2 consent record --category customers --subject all --purpose orders --basis because
run 2 consent record --subject all --purpose orders --basis contract
assert_says category
run 2 consent record --category customers --subject all --purpose orders --basis contract --given 2026-01-02 --until 2025-01-01
run 2 consent frobnicate
run 2 consent source add
with writer 1 consent record --category customers --subject all --purpose orders --basis contract

checking "a consent lets it through, and the snapshot says so"
run_json 0 consent record --category customers --subject "all customers" --purpose "orders" --basis contract --document "binder 4"
contract=$(consent)
run_json 0 backup source --personal-data customers
assert_equal "$(json 'last["personal_data"]')" '["customers"]'
run 5 backup source --personal-data customers,health
assert_says "'health'"
run_json 0 consent list
assert_equal "$(json '[(c["subject"], c["basis"], c["state"], c["document"]) for c in last["consents"]]')" '[["all customers", "contract", "valid", "binder 4"]]'
run 0 consent list
assert_says "all customers"
grep -rqF -e "binder 4" -e "all customers" "$IGUDAR_REPOSITORY" && fail "a consent is in clear in the storage"

checking "a consent that ended, and one that has not begun"
run 0 consent record --category health --subject patients --purpose care --basis consent --given 2020-01-01 --until 2020-12-31
run 5 backup source --personal-data health
assert_says "ended on 2020-12-31"
run 0 consent record --category staff --subject staff --purpose pay --basis legal-obligation --given 2200-01-01
run 5 backup source --personal-data staff
assert_says "begins on 2200-01-01"

checking "withdrawn"
run_json 0 consent record --category biometrics --subject staff --purpose doors --basis consent
doors=$(consent)
run 0 backup source --personal-data biometrics
run 2 consent withdraw "$doors"
run 0 consent withdraw "$doors" --reason "letter of Amal"
run 5 backup source --personal-data biometrics
assert_says "${doors:0:12} for them was withdrawn"
run 1 consent withdraw "$doors" --reason again
run_json 0 consent list
assert_equal "$(json '[(c["state"], c["withdrawn"]["reason"]) for c in last["consents"] if c["withdrawn"]]')" '[["withdrawn", "letter of Amal"]]'

checking "sources that are tagged once for all"
run 2 consent source add "$work/source/customers"
with writer 1 consent source add "$work/source/customers" --category customers
run_json 0 consent source add "$work/source/customers" --category customers
tagged=$(json 'last["id"]')
for path in source/customers source/customers/amal/letter source "$work" source/public/../customers; do
  run_json 0 backup "$path" --dry-run
  assert_equal "$(json 'last["personal_data"]')" '["customers"]' "the tag of $path"
done
for path in source/public source/customers/../public; do
  run_json 0 backup "$path" --dry-run
  assert_equal "$(json 'last["personal_data"]')" '[]' "the tag of $path"
done
mkdir -p source/customers-of-others elsewhere
run_json 0 backup source/customers-of-others --dry-run
assert_equal "$(json 'last["personal_data"]')" '[]' "a name that only begins like it"
ln -s "$work/source/customers" elsewhere/link
run_json 0 backup elsewhere/link/ --dry-run
assert_equal "$(json 'last["personal_data"]')" '["customers"]' "a symbolic link to it"
grep -rqF -e "source/customers" "$IGUDAR_REPOSITORY" && fail "a tagged path is in clear in the storage"

checking "who only backs up is stopped, too"
run 0 consent withdraw "$contract" --reason "contract ended"
before=$(objects)
with writer 5 backup source/customers
assert_says "${contract:0:12} for them was withdrawn"
assert_says "capability 'full'"
with writer 5 backup source
with writer 5 backup source/public --personal-data health
assert_equal "$(objects)" "$before" snapshots
with writer 0 backup source/public
with writer 0 consent list
assert_silent_about "all customers"
with writer 0 consent source list
assert_silent_about "source/customers"

checking "a tag of one host only"
run 0 consent source add "$work/source/public" --category visitors --host web7
run 0 backup source/public --dry-run
run 5 backup source/public --dry-run --host web7
assert_says "visitors"

checking "another domain has consents and tags of its own"
run 0 domain create other
run_json 0 backup source/customers --domain other
assert_equal "$(json 'last["personal_data"]')" '[]'
run 5 backup source/public --domain other --personal-data customers
assert_says "consent record --domain other --category customers"
run 0 consent record --domain other --category customers --subject all --purpose orders --basis contract
run 0 backup source/public --domain other --personal-data customers

checking "a source is no longer tagged"
run 1 consent source remove 1234
run 0 consent source remove "$tagged"
run_json 0 backup source/customers --dry-run
assert_equal "$(json 'last["personal_data"]')" '[]'

checking "the record of processing"
run 2 privacy set nonsense=x
run 2 privacy set contact
run 2 privacy set contactt=x
assert_says "contact"
run 0 privacy set controller="=Agadir, \"SARL\""
run 0 privacy set contact="dpo@example.org"
run 0 privacy set contact="privacy@example.org"
run 0 policy set max-retention=3650
run 0 hold set --all --reason "case 12" --until 2200-01-01
run 0 forget --keep-last 100
run_json 0 privacy report --also "$IGUDAR_REPOSITORY" --also "$work/nowhere"
assert_equal "$(json '[d["name"] for d in last["domains"]]')" '["main", "other"]'
assert_equal "$(json 'last["domains"][0]["record"]')" '{"contact": "privacy@example.org", "controller": "=Agadir, \"SARL\""}'
assert_equal "$(json '[(c["name"], c["snapshots"], c["covered"]) for c in last["domains"][0]["categories"]]')" \
  '[["biometrics", 1, false], ["customers", 1, false]]'
assert_equal "$(json '[h["capability"] for h in last["domains"][0]["holders"]].count("write")')" 1
assert_equal "$(json '[h["capability"] for h in last["domains"][1]["holders"]]')" '["full"]'
assert_equal "$(json 'last["domains"][0]["max_retention_days"]')" 3650
assert_equal "$(json 'last["domains"][0]["last_forget"]["arguments"]')" '["--keep-last=100"]'
assert_equal "$(json '[h["reason"] for h in last["domains"][0]["holds"]]')" '["case 12"]'
assert_equal "$(json '[c["problem"] is None for c in last["copies"]]')" '[true, false]'
run_json 0 privacy report --domain other
assert_equal "$(json '[d["name"] for d in last["domains"]]')" '["other"]'
run 0 privacy report
assert_says "Record of processing"
assert_says "customers: 1 snapshot, .*NOT COVERED"
assert_says "privacy set purpose="
with writer 1 privacy report
run 0 privacy unset contact
run 1 privacy unset contact
run_json 0 privacy report
assert_equal "$(json '"contact" in last["domains"][0]["record"]')" false

checking "its files"
run 2 privacy report --format pdf
run 0 privacy report --output report.pdf
assert_equal "$(head -c 5 report.pdf)" "%PDF-"
assert_equal "$(stat -c %a report.pdf)" 600
run 1 privacy report --output report.pdf
run 0 privacy report --output report.csv
"$python" - report.csv <<'PYTHON' || fail "the CSV is not what it should be"
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="", encoding="utf-8")))
assert [row["domain"] for row in rows] == ["main", "other"], rows
assert rows[0]["controller"] == "'=Agadir, \"SARL\"", rows[0]["controller"]
assert "case 12" in rows[0]["legal_holds"]
assert "customers" in rows[1]["categories"]
assert open(sys.argv[1], newline="").read().count("\r\n") == 3
PYTHON
run 0 privacy report --output report.json
"$python" -c 'import json, sys; assert json.load(open(sys.argv[1]))["message_type"] == "privacy_report"' report.json || fail "report.json"
run 0 privacy report --format csv
assert_says '^"domain","domain_id"'
run 2 privacy report --format csv --json

checking "all of it is in the audit log"
run_json 0 audit show
assert_equal "$(json '{"consent record", "consent withdraw", "consent source add", "privacy set", "privacy report"} <= {o["operation"] for o in last["operations"]}')" true
assert_equal "$(json '[o["outcome"].get("error") for o in last["operations"] if o["operation"] == "backup" and "--personal-data=customers" in o["arguments"]][0]')" rule_broken

checking "the rules of a domain"
run 0 domain policy other set max-key-age=100
run_json 0 domain policy other
assert_equal "$(json 'last["rules"]')" '{"max-key-age": "100"}'
run_json 0 policy show --domain other
assert_equal "$(json 'last["rules"]')" '{"max-key-age": "100"}'
run_json 0 domain policy show
assert_equal "$(json 'last["rules"]')" '{"max-retention": "3650"}'
run 0 domain policy other unset max-key-age
run_json 0 domain policy other show
assert_equal "$(json 'last["rules"]')" '{}'
run 2 domain policy other frobnicate
run 1 domain policy nobody show

checking "ls leaves out what was erased, where a storage brings it back"
rm -rf "$IGUDAR_REPOSITORY" "$XDG_CACHE_HOME" "$XDG_STATE_HOME"
init
backup source
first=$(latest)
cp -a "$IGUDAR_REPOSITORY" before
run_json 0 erase plan --path /source/customers
plan=$(json 'last["plan"]["id"]')
run 0 erase run "$plan"
for folder in packs index snapshots; do cp -an "before/$folder/." "$IGUDAR_REPOSITORY/$folder/"; done
rm -rf "$IGUDAR_REPOSITORY/tombstones"/* "$IGUDAR_REPOSITORY/gc"/* "$XDG_CACHE_HOME" "$XDG_STATE_HOME"
run 0 ls "$first"
assert_silent_about amal
assert_says "3 entries were left out: they were erased"
grep -q "public/page" out || fail "ls does not show the rest"
run 0 ls "$first" /source
grep -qE "(customers$|letter)" out && fail "ls shows what was erased"
run_json 0 ls "$first"
assert_equal "$(json 'last["erased_left_out"]')" 3
