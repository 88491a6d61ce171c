#!/bin/bash
# What networks and overloaded services do to buckets and containers: nothing is lost, passing failures are got over,
# others are named.
#   run_with SERVER,fault_proxy bucket_faults.sh IGUDAR
[ -n "${IGUDAR_TEST_FAULTS:-}" ] || { echo "run me with tests/servers/run_with SERVER,fault_proxy" >&2; exit 2; }
. "$(dirname "$0")/../e2e/lib.sh" "$1" "$IGUDAR_TEST_STORE/faults"
proxy=$here/../servers/fault_proxy.py
control() { "$python" "$proxy" ctl "$IGUDAR_TEST_FAULTS" "$@" || fail "fault_proxy ctl $*"; }
rule() { number=$(control add "$1"); }
# The faults so far were met, and the repository is as it should be.
was_used() { control rules | grep -q "\"id\": $number,.*\"used\": [1-9]" || fail "the fault was never met: $(control rules)"; }
sound() { control clear; check_clean; }

# What differs between the services: how an upload in parts and a listing show in requests, codes of errors, what the
# user is told of a key that is not taken, and how the TLS fronts of the proxy are reached.
case $IGUDAR_TEST_STORE in
  s3*)
    begun='"method": "POST", "query": "uploads"' completed='"method": "POST", "query": "uploadId"' listing=list-type
    busy=SlowDown denied=AccessDenied refused=ExpiredToken refusal="does not take the access key any more"
    secret=$AWS_SECRET_ACCESS_KEY
    tls_front() { # TLS|WRONG_NAME|EXPIRED
      local store=IGUDAR_TEST_STORE_$1
      unset AWS_CA_BUNDLE
      export IGUDAR_REPOSITORY=${!store}/faults/repository
    }
    interrupt_server() { "$here/../servers/restart" radosgw || fail "the server was not restarted"; }
    ;;
  azure*)
    begun='"method": "PUT", "query": "comp=block$"' completed='"method": "PUT", "query": "comp=blocklist"' listing=comp=list
    busy=ServerBusy denied=AuthorizationPermissionMismatch refused=AuthenticationFailed refusal="does not take the key of the storage account"
    secret=$AZURE_STORAGE_KEY
    tls_front() {
      local endpoint=IGUDAR_TEST_AZURE_ENDPOINT_$1
      export AZURE_STORAGE_BLOB_ENDPOINT=${!endpoint}
    }
    # Azurite writes what it has acknowledged some seconds later: it is not killed, but out of reach.
    interrupt_server() { control refuse && control accept; }
    ;;
esac

init
random_file source/a 1000000
backup source

i=0
survives() { # WHAT RULE
  checking "a backup with $1"
  rule "$2"
  random_file source/new 9000000 $((++i))
  backup source
  was_used
  sound
  rm -rf restored
  checking "a restore after $1"
  run 0 restore latest --target restored
  assert_same_tree source restored/source
}
survives "a connection reset before a request" '{"do": "reset-connection", "match": {"method": "PUT"}, "count": 2}'
survives "a connection reset after a head" '{"do": "reset-after-head", "match": {"method": "PUT", "path": "packs/"}, "count": 2}'
survives "a connection reset in the middle of a part" '{"do": "reset-in-request", "bytes": 3000000, "match": {"method": "PUT", "path": "packs/"}}'
survives "a connection reset before the reply" '{"do": "reset-after-request", "match": {"method": "PUT"}, "count": 2}'
survives "a reply that got lost, though the part was put" '{"do": "lose-reply", "match": {"method": "PUT", "path": "packs/"}}'
survives "a reply that got lost, though the object was created exclusively" '{"do": "lose-reply", "match": {"method": "PUT", "path": "snapshots/"}}'
survives "a lease whose reply got lost" '{"do": "lose-reply", "match": {"method": "PUT", "path": "leases/"}}'
survives "an upload completed whose reply got lost" '{"do": "lose-reply", "match": {'"$completed"'}}'
survives "an upload begun whose reply got lost" '{"do": "lose-reply", "match": {'"$begun"'}}'
survives "a service that is busy" '{"do": "status", "status": 503, "code": "'$busy'", "headers": {"Retry-After": "1"}, "match": {"method": "PUT"}, "count": 3}'
survives "too many requests" '{"do": "status", "status": 429, "headers": {"Retry-After": "1"}, "count": 2}'
survives "an internal error" '{"do": "status", "status": 500, "code": "InternalError", "skip": 3, "count": 4}'
survives "a listing that is cut off" '{"do": "truncate-reply", "match": {"method": "GET", "query": "'$listing'"}, "count": 2}'
survives "a deletion whose reply got lost" '{"do": "lose-reply", "match": {"method": "DELETE"}}'

restores() { # WHAT RULE
  checking "a restore with $1"
  rule "$2"
  rm -rf restored
  run 0 restore latest --target restored
  assert_same_tree source restored/source
  was_used
  control clear
}
restores "packs that are cut off" '{"do": "truncate-reply", "match": {"method": "GET", "path": "packs/"}, "count": 3}'
restores "a connection reset in the middle of a pack" '{"do": "reset-in-reply", "bytes": 100000, "match": {"method": "GET", "path": "packs/"}, "count": 3}'
restores "a reply of the wrong length" '{"do": "wrong-length", "by": 100, "match": {"method": "GET", "path": "packs/"}, "count": 2}'

checking "Retry-After is honoured"
rule '{"do": "status", "status": 503, "headers": {"Retry-After": "3"}, "match": {"method": "GET", "path": "config"}}'
SECONDS=0
run 0 snapshots
assert_at_least $SECONDS 3 "seconds waited"
was_used
control clear

checking "a service whose clock is an hour ahead"
rule '{"do": "skew", "seconds": 3600, "count": 0}'
run 0 snapshots
control clear

checking "credentials that expire in mid-run"
rule '{"do": "status", "status": 403, "code": "'$refused'", "match": {"method": "PUT", "path": "packs/"}, "count": 0}'
random_file source/new 9000000 expired
run 1 backup source
assert_says "$refusal"
was_used
sound

checking "an access key that is revoked in mid-run"
rule '{"do": "status", "status": 403, "code": "'$denied'", "match": {"method": "PUT", "path": "packs/"}, "count": 0}'
run 1 backup source
assert_says "denies access"
assert_says "must be allowed to"
sound

checking "a full quota"
rule '{"do": "status", "status": 403, "code": "QuotaExceeded", "match": {"method": "PUT", "path": "packs/"}, "count": 0}'
run 1 backup source
assert_says "the storage is full"
sound
backup source

checking "certificates"
usual=$IGUDAR_REPOSITORY
unset IGUDAR_CA_FILE
tls_front TLS
run 1 snapshots
assert_says "is not who it should be"
assert_says "--ca-file"
run 0 snapshots --ca-file "$IGUDAR_TEST_CA"
run 0 snapshots --insecure-tls
assert_says "certificates of servers are not verified"
for front in WRONG_NAME EXPIRED; do
  tls_front $front
  run 1 snapshots --ca-file "$IGUDAR_TEST_CA"
  assert_says "is not who it should be"
done
export IGUDAR_REPOSITORY=$usual
unset AZURE_STORAGE_BLOB_ENDPOINT

checking "a server that goes away and comes again in mid-backup"
random_file source/killed 30000000
rule '{"do": "delay", "ms": 200, "match": {"method": "PUT", "path": "packs/"}}'
"$program" --no-progress backup source >"$work/out" 2>"$work/err" &
pid=$!
control wait "$number" >/dev/null
interrupt_server
wait "$pid" || fail "the backup ended with $?"
sound
check_clean --read-data

checking "nothing secret is said"
for word in "$secret" "$IGUDAR_PASSWORD"; do assert_silent_about "$word"; done
