#!/bin/bash
# Keys of Azure Blob that are wrong, places that hold something else, and shared access signatures: one that may do
# everything, one that may only read, one whose time is over.
#   run_with azurite azure_access.sh IGUDAR
[ -n "${IGUDAR_TEST_AZURE_ENDPOINT:-}" ] || { echo "run me with tests/servers/run_with azurite" >&2; exit 2; }
. "$(dirname "$0")/../e2e/lib.sh" "$1" "$IGUDAR_TEST_STORE/access"

# A signature for the container ("Create a service SAS", Azure Storage REST API reference).
token() { # PERMISSIONS SECONDS_FROM_NOW
  "$python" - "$1" "$2" <<'PYTHON'
import base64, hashlib, hmac, os, sys, time, urllib.parse
account, version = os.environ["AZURE_STORAGE_ACCOUNT"], "2021-12-02"
end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + int(sys.argv[2])))
fields = [sys.argv[1], "", end, f"/blob/{account}/container", "", "", "", version, "c", "", "", "", "", "", "", ""]
key = base64.b64decode(os.environ["AZURE_STORAGE_KEY"])
signature = base64.b64encode(hmac.new(key, "\n".join(fields).encode(), hashlib.sha256).digest()).decode()
print("?" + urllib.parse.urlencode({"sp": sys.argv[1], "se": end, "sv": version, "sr": "c", "sig": signature}))
PYTHON
}
azure() { "$python" "$here/../servers/azure.py" "$@" || fail "azure.py $*"; }

checking "a place that holds something else"
azure PUT /container/photos/beach.jpg -H x-ms-blob-type:BlockBlob -d jpeg
run 1 init -r "$IGUDAR_TEST_STORE/photos" --kdf argon2id
assert_says "holds something already"
run 10 snapshots -r "$IGUDAR_TEST_STORE/photos"
assert_equal "$(azure GET /container/photos/beach.jpg)" jpeg "content there"

checking "a container that is not there"
run 10 snapshots -r "${IGUDAR_TEST_STORE}less/x"
assert_says "there is no container “containerless” in the storage account “$AZURE_STORAGE_ACCOUNT”"
run 10 init -r "${IGUDAR_TEST_STORE}less/x" --kdf argon2id
assert_says "Make the container first"

checking "a key for another account"
run 2 snapshots -r azure://another/container/x
assert_says "is for the storage account “$AZURE_STORAGE_ACCOUNT”, but the repository's URL names “another”"

checking "a key that is wrong"
wrong=${AZURE_STORAGE_KEY/E/F}
AZURE_STORAGE_CONNECTION_STRING=${AZURE_STORAGE_CONNECTION_STRING/"$AZURE_STORAGE_KEY"/"$wrong"} run 1 snapshots
assert_says "denies access"
assert_silent_about "$wrong"

full=$(token racwdl 3600) reading=$(token rl 3600) over=$(token racwdl -60)
export AZURE_STORAGE_BLOB_ENDPOINT=$IGUDAR_TEST_AZURE_ENDPOINT
unset AZURE_STORAGE_CONNECTION_STRING AZURE_STORAGE_KEY

checking "without a key"
run 1 snapshots
assert_says "Set AZURE_STORAGE_CONNECTION_STRING, AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN"

checking "a token that may do everything"
export AZURE_STORAGE_SAS_TOKEN=$full
init
random_file source/a 20000000
backup source
check_clean --read-data
restore_equals "latest:source" source
run 0 forget latest
run 0 prune

checking "a token that may only read"
backup source
export AZURE_STORAGE_SAS_TOKEN=$reading
run 0 restore latest --target restored
random_file source/b 1000000
run 1 backup source
assert_says "denies access"
assert_says "The key or token in AZURE_STORAGE_SAS_TOKEN must be allowed"

checking "a token whose time is over"
export AZURE_STORAGE_SAS_TOKEN=$over
run 1 snapshots
assert_says "the SAS token has expired on"
assert_says "Renew what is in AZURE_STORAGE_SAS_TOKEN"

checking "nothing secret is said"
for secret in "$full" "$reading" "$over"; do assert_silent_about "${secret##*sig=}"; done
