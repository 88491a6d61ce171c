#!/bin/bash
# A domain is erased by destroying its keys, in every copy; what the storage brings back of it is not restored.
. "$(dirname "$0")/lib.sh"
needs_folder_store

random_file source/ours 200000
random_file theirs 250000
init
printf colleague >colleague && printf theirs >their-password && chmod 600 colleague their-password
run 0 key add --new-password-file colleague
run 0 domain create "client Amal"
run 0 domain create project
run 0 key add --domain "client Amal" --new-password-file their-password
run_json 0 domain list
id=$(json '[d["id"] for d in last["domains"] if d["name"] == "client Amal"][0]')
backup source
run 0 backup theirs --domain "client Amal"
run 0 backup source/ours --domain project
cp -a "$IGUDAR_REPOSITORY" copy
cp -a "$IGUDAR_REPOSITORY" before

checking "plans"
run 2 erase plan --of-domain main
run 1 erase plan --of-domain nobody
run 2 erase plan --of-domain "client Amal" --path /x
run 2 erase plan --of-domain project --domain "client Amal"
run_json 0 erase plan --of-domain "client Amal" --reason "contract ended"
plan=$(json 'last["plan"]["id"]')
assert_equal "$(json '[last["plan"]["domain"], len(last["snapshots"])]')" '["client Amal", 1]'
run 0 snapshots --domain "client Amal"

checking "a legal hold in the domain"
run_json 0 hold set --all --reason "case 5" --domain "client Amal"
hold=$(json 'last["id"]')
run 4 erase run "$plan"
run 0 hold release "$hold" --reason closed --domain "client Amal"

checking "the erasure"
run_json 0 erase run "$plan" --also "$work/copy"
assert_equal "$(json '[last["complete"], [c["passed"] for c in last["copies"]], [c["snapshots_erased"] for c in last["copies"]]]')" \
  '[true, [true, true], [1, 1]]'
for place in "$IGUDAR_REPOSITORY" "$work/copy"; do
  export IGUDAR_REPOSITORY=$place
  run 1 snapshots --domain "client Amal"
  IGUDAR_PASSWORD=colleague run 1 snapshots --domain "client Amal"
  IGUDAR_PASSWORD=theirs run 1 snapshots
  run 0 snapshots --domain project
  check_clean --read-data
  restore_equals latest:/source source
done
export IGUDAR_REPOSITORY=$store/repository
for place in "$IGUDAR_REPOSITORY" copy; do
  assert_equal "$(find "$place/domains/$id" -type f | wc -l)" 0 "objects of the domain in $place"
done
run 0 erase list
assert_says 'the domain client Amal'

checking "the certificate"
run 0 erase certificate "$plan" --output certificate.json
run 0 erase certificate "$plan" --output certificate.pdf
run 0 erase verify-certificate certificate.json
sed 's/client Amal/client Omar/' certificate.json >changed.json
run 11 erase verify-certificate changed.json

checking "the storage brings it back, with its keys"
cp -a before/grants/. "$IGUDAR_REPOSITORY"/grants/
cp -a before/domains/. "$IGUDAR_REPOSITORY"/domains/
run 1 restore latest --domain "client Amal" --target back
assert_says 'was erased'
assert_absent back
run_json 0 erase run "$plan"
run 1 snapshots --domain "client Amal"
