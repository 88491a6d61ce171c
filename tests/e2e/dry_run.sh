#!/bin/bash
# --dry-run changes nothing, anywhere, and says what would be done.
. "$(dirname "$0")/lib.sh"
needs_folder_store

# But for the audit log, in which a dry run is an operation like others.
state() { find "$IGUDAR_REPOSITORY" restored -path "$IGUDAR_REPOSITORY/audit" -prune -o -type f -printf '%p %s %T@ %m\n' 2>/dev/null | sort; }

random_file source/file 100000
init
before=$(state)
run_json 0 backup source --dry-run
assert_equal "$(json 'last["dry_run"]')" true
assert_equal "$(json 'last["files_new"]')" 1
assert_equal "$(json 'last["snapshot_id"]')" ""
assert_equal "$(state)" "$before" "the repository"

backup source
backup source --force
before=$(state)
checking restore
run_json 0 restore latest --target restored --dry-run
assert_equal "$(json 'last["files"]')" 1
assert_absent restored
checking "forget and prune"
run_json 0 forget --keep-last 1 --dry-run
assert_equal "$(json 'last["forgotten"]')" 1
run_json 0 forget --keep-last 1 --prune --dry-run
run_json 0 prune --dry-run
assert_equal "$(state)" "$before" "the repository"
