#!/bin/bash
# Time-stamps of an authority that the test runs itself: had, refused, verified, forged, and gone with their snapshot.
. "$(dirname "$0")/lib.sh"
needs_folder_store
command -v openssl >/dev/null || skip "there is no openssl"
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY

"$python" -B "$here/time_stamp_authority.py" authority >authority.log 2>&1 &
server=$!
stop_server() { kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; }
trap 'stop_server; clean_up' EXIT
# It writes its port once it listens.
until [ -e authority/port ]; do
  kill -0 "$server" 2>/dev/null || { cat authority.log >&2; fail "the authority does not start"; }
  read -rt 0.05 <> <(:)
done
tsa=http://127.0.0.1:$(cat authority/port)
ca=authority/ca.pem

forge() { "$python" -B "$here/stamp_forger.py" "$@" || fail "stamp_forger.py $1 failed"; }
# verdicts SNAPSHOT: of its stamps, in the last check --signatures --json.
verdicts() { json "[t['verdict'] for s in last['signatures'] if s['snapshot'] == '$1' for t in s.get('timestamps', [])]"; }
stamps() { repository_objects timestamps; }

init
echo one >source/file

checking "a backup with a stamp"
run_json 0 backup source --timestamp "$tsa/tsa" --timestamp-ca "$ca"
first=$(json 'last["snapshot_id"]')
assert_equal "$(json 'last["timestamp"]["snapshot"]')" "$first"
assert_equal "$(json 'last["timestamp"]["authority"]')" "CN=tsa of the tests"
stamped=$(json 'last["timestamp"]["time"]')
assert_equal "$(stamps)" 1 "stamps stored"
run_json 0 check --signatures --timestamp-ca "$ca"
assert_equal "$(verdicts "$first")" '["valid"]'
assert_equal "$(json 'last["signatures"][0]["timestamps"][0]["time"]')" "$stamped"
run 0 check --signatures --timestamp-ca "$ca"
assert_says "${first:0:8}.*$(date -d "$stamped" '+%F %T') valid"
run_json 0 snapshots
assert_equal "$(json 'last["snapshots"][0]["timestamp"]')" "$stamped"

checking "the authority learns a digest and nothing else"
"$python" -c 'import sys; sys.exit(bytes.fromhex(sys.argv[1]) in open("authority/last-request", "rb").read())' "$first" || fail "the request holds the snapshot's id"

checking "OpenSSL verifies what is stored"
mkdir tokens
PYTHONDONTWRITEBYTECODE=1 "$python" "$tools/igudar-read" "$IGUDAR_REPOSITORY" timestamps tokens >out 2>err || fail "igudar-read reads no stamps"
read -r name _ digest _ <out
openssl ts -verify -token_in -in "tokens/$name.token" -digest "$digest" -CAfile "$ca" >ts.log 2>&1 || { cat ts.log >&2; fail "openssl does not verify the token"; }
openssl ts -verify -token_in -in "tokens/$name.token" -digest "${digest//[0-7]/8}" -CAfile "$ca" >ts.log 2>&1 && fail "openssl verifies it for another digest"

checking "authorities that are not trusted"
for ca_option in "--timestamp-ca authority/other-ca.pem" ""; do
  run_json 0 check --signatures $ca_option
  assert_equal "$(verdicts "$first")" '["untrusted"]'
done
run 0 check --signatures
assert_says "not trusted"
run 2 check --signatures --timestamp-ca source/file
assert_says "no certificate could be read"
run 2 check --timestamp-ca "$ca"

checking "answers that are no stamp to be trusted"
# refused PATH MESSAGE [OPTION…]: the backup is good, says what is wrong, and stores no stamp.
refused() {
  checking "answers that are no stamp to be trusted: $1"
  local before
  before=$(stamps)
  date +%N >source/file
  run 3 backup source --timestamp "$tsa$1" --timestamp-ca "${3:-$ca}"
  assert_says "$2"
  assert_says "has no time-stamp; ask for one later: 'igudar timestamp [0-9a-f]{8}'"
  assert_equal "$(stamps)" "$before" "stamps after $1"
}
refused /tsa "no trusted certificate vouches for the authority" authority/other-ca.pem
refused /no-eku "certificate is not for time-stamps"
refused /expired "certificate of the authority was not valid at that time"
refused /other-digest "stamped something else"
refused /other-nonce "answered another request"
refused /refusing "refuses to stamp: status 2"
refused /garbage "no time-stamp"
refused /empty "no time-stamp"
refused /html "no time-stamp.*text/html"
refused /broken "HTTP status 500"
refused /huge "more than the 65536 bytes"
refused /moved "points to another place .HTTP status 302."
count=$(snapshot_count)
assert_equal "$count" 13 "snapshots"
check_clean
tsa_up=$tsa tsa=http://127.0.0.1:1
refused /tsa "gives no answer"
tsa=https://127.0.0.1:$(cat authority/secure-port)
refused /tsa "is not who it should be.*certificate problem"
tsa=$tsa_up
date +%N >source/file
run_json 3 backup source --timestamp "$tsa/broken" --timestamp-ca "$ca"
assert_equal "$(json '[line["item"] for line in lines if line["message_type"] == "error"]')" '["the time-stamp"]'
assert_equal "$(json '"timestamp" in last')" false

checking "URLs and files that are of no use, before anything is backed up"
count=$(snapshot_count)
for url in tsa.example.org ftp://example.org/ file:///etc/passwd; do run 2 backup source --timestamp $url; done
run 2 backup source --timestamp "$tsa/tsa" --timestamp-ca source/file
assert_equal "$(snapshot_count)" "$count"
run 2 timestamp
assert_says "no time-stamp authority was named"

checking "what may be secret in a URL"
run 0 timestamp "$first" --timestamp "http://user:word@${tsa#http://}/tsa" --timestamp-ca "$ca"
run 0 check --signatures --timestamp-ca "$ca" --json
assert_silent_about word
assert_equal "$(verdicts "$first")" '["valid", "valid"]' "the verdicts of two stamps"

checking "stamps for all that have none"
export IGUDAR_TIMESTAMP_URL=$tsa/tsa IGUDAR_TIMESTAMP_CA=$PWD/$ca
run_json 0 timestamp
assert_equal "$(json 'len(last["timestamps"])')" $((count - 1))
run 0 timestamp
assert_says "Every snapshot has a time-stamp"
run_json 0 check --signatures
assert_equal "$(json 'sorted({t["verdict"] for s in last["signatures"] for t in s["timestamps"]})')" '["valid"]'

checking "a key that may not write"
printf maintainer >password
run 0 key add --new-password-file password --capability maintain
IGUDAR_PASSWORD=maintainer run 1 timestamp "$first"
assert_says "does not allow to add time-stamps"
IGUDAR_PASSWORD=maintainer run_json 0 check --signatures
assert_equal "$(verdicts "$first")" '["valid", "valid"]'

checking "a stamp that outlives its certificate"
unset IGUDAR_TIMESTAMP_URL
date +%N >source/file
run_json 0 backup source --timestamp "$tsa/brief"
brief=$(json 'last["snapshot_id"]')
while openssl x509 -in authority/brief.pem -noout -checkend 0 >/dev/null; do read -rt 0.1 <> <(:); done
run_json 0 check --signatures
assert_equal "$(verdicts "$brief")" '["valid"]'

checking "a stamp of a certificate that had expired"
date +%N >source/file
backup source
expired=$(latest)
forge stamp "$IGUDAR_REPOSITORY" "$expired" authority expired
run_json 0 check --signatures
assert_equal "$(verdicts "$expired")" '["expired"]'
run 0 check --signatures
assert_says "by a certificate out of its time"

checking "a snapshot that says it was made after it was stamped"
date +%N >source/file
run 3 backup source --timestamp "$tsa/tsa" --time "$(date -d tomorrow '+%F %T')"
assert_says "says that it was made later"
late=$(latest)
check_clean --signatures
forge stamp "$IGUDAR_REPOSITORY" "$late" authority tsa
run_json 11 check --signatures
assert_equal "$(verdicts "$late")" '["contradiction"]'
run 11 check --signatures
assert_says "CONTRADICTION"
rm "$IGUDAR_REPOSITORY/timestamps/$late".*

checking "a stamp under another snapshot's name"
moved=$(ls "$IGUDAR_REPOSITORY/timestamps/$brief".*)
cp "$moved" "$IGUDAR_REPOSITORY/timestamps/$late.${moved##*.}"
run 11 check
assert_says "timestamps/$late.*does not decrypt"
rm "$IGUDAR_REPOSITORY/timestamps/$late".*
forge move "$IGUDAR_REPOSITORY" "$brief" "$late"
run_json 11 check --signatures
assert_equal "$(verdicts "$late")" '["forged"]'
assert_says "it is a stamp of something else"
PYTHONDONTWRITEBYTECODE=1 "$python" "$tools/igudar-read" "$IGUDAR_REPOSITORY" check >out 2>err && fail "igudar-read takes the moved stamp"
assert_says "of something else than its snapshot"
rm "$IGUDAR_REPOSITORY/timestamps/$late".*

checking "a stamp with another signature"
mkdir kept
cp "$IGUDAR_REPOSITORY/timestamps/$brief".* kept
forge alter "$IGUDAR_REPOSITORY" "$brief"
run_json 11 check --signatures
assert_equal "$(verdicts "$brief")" '["forged"]'
assert_says "its signature is not valid"
run_json 11 check --signatures --timestamp-ca authority/other-ca.pem
assert_equal "$(verdicts "$brief")" '["forged"]' "the verdict where nobody is trusted"
rm "$IGUDAR_REPOSITORY/timestamps/$brief".*
cp kept/* "$IGUDAR_REPOSITORY/timestamps"
check_clean --signatures

checking "a damaged stamp"
stamp=$(ls "$IGUDAR_REPOSITORY/timestamps/$first".* | head -1)
cp "$stamp" aside
printf x | dd of="$stamp" bs=1 seek=200 conv=notrunc status=none
run 11 check
assert_says "timestamps/$first.*damaged"
run_json 11 snapshots
assert_equal "$(json 'last["snapshots"][0]["id"]')" "$first"
cp aside "$stamp"
check_clean

checking "stamps go with their snapshot, and not before"
run 0 forget "$first"
assert_exists "$stamp"
check_clean --signatures
run 0 prune --dry-run
assert_exists "$stamp"
run 0 prune
assert_absent "$stamp"
assert_equal "$(ls "$IGUDAR_REPOSITORY/timestamps/$first".* 2>/dev/null | wc -l)" 0 "stamps of the forgotten snapshot"
assert_exists "$moved"
check_clean --signatures

checking "in another domain, and after the keys were changed"
run 0 domain create other
run_json 0 backup source --domain other --timestamp "$tsa/tsa"
other=$(json 'last["snapshot_id"]')
run 0 key rotate
run 0 key rotate --domain other
run_json 0 check --signatures
assert_equal "$(verdicts "$brief")" '["valid"]'
run_json 0 check --signatures --domain other
assert_equal "$(verdicts "$other")" '["valid"]'
run 0 timestamp "$other" --domain other --timestamp "$tsa/tsa"
run_json 0 check --signatures --domain other
assert_equal "$(verdicts "$other")" '["valid", "valid"]'

checking "a snapshot that is taken over to new keys gets another record, and needs another stamp"
run 0 key rotate --domain other --rewrap
assert_says "had a time-stamp, which goes with the old record"
run 0 timestamp --domain other --timestamp "$tsa/tsa"
run_json 0 check --signatures --domain other
assert_equal "$(json '[[t["verdict"] for t in s["timestamps"]] for s in last["signatures"]]')" '[["valid"]]'
