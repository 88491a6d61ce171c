#!/bin/bash
# Keys of S3 that may not do all, places that hold something else, prefixes of every byte, and where credentials come from.
#   run_with rgw s3_access.sh IGUDAR
[ -n "${IGUDAR_TEST_STORE:-}" ] || { echo "run me with tests/servers/run_with rgw" >&2; exit 2; }
. "$(dirname "$0")/../e2e/lib.sh" "$1" "$IGUDAR_TEST_STORE/access"
s3() { "$python" "$here/../servers/s3.py" "$@" || fail "s3.py $*"; }
bucket=${IGUDAR_TEST_STORE#*+}
keys_below() { s3 GET "$bucket?list-type=2&prefix=$1" | grep -o '<Key>[^<]*' | sed 's/<Key>//'; }
unset AWS_PROFILE AWS_SHARED_CREDENTIALS_FILE AWS_CONFIG_FILE AWS_SESSION_TOKEN
echo content >source/file

checking "a place that holds something else"
s3 PUT "$bucket/photos/summer/beach.jpg" -d jpeg
run 1 init -r "$IGUDAR_TEST_STORE/photos" --kdf argon2id
assert_says "holds something already"
run 10 backup source -r "$IGUDAR_TEST_STORE/photos"
assert_equal "$(keys_below photos)" photos/summer/beach.jpg "objects there"

checking "a bucket that is not there"
run 10 snapshots -r "${IGUDAR_TEST_STORE}less/x"
assert_says "there is no bucket “bucketless”"
run 10 init -r "${IGUDAR_TEST_STORE}less/x" --kdf argon2id
assert_says "Make the bucket first"

checking "a repository for the whole bucket's prefix of every byte"
all=$("$python" -c 'print("".join(f"%{byte:02X}" for byte in range(1, 128) if byte != ord("/")) + "%C3%A9%E2%B5%A3%F0%9F%94%92")')
run 0 init -r "$IGUDAR_TEST_STORE/$all/x" --kdf argon2id
run 0 backup source -r "$IGUDAR_TEST_STORE/$all/x"
run 0 backup source -r "$IGUDAR_TEST_STORE/$all/x"
run 0 check --read-data -r "$IGUDAR_TEST_STORE/$all/x"
run 0 restore latest -r "$IGUDAR_TEST_STORE/$all/x" --target all
assert_same_tree source all/source

init
backup source

checking "a key that may only read"
s3 PUT "$bucket?policy=" -d '{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": ["s3:PutObject", "s3:DeleteObject"], "Resource": ["arn:aws:s3:::bucket/access/*"]}]}'
run 0 snapshots
run 0 restore latest --target read-only
assert_same_tree source read-only/source
run 1 backup source
assert_says "denies access"
assert_says "must be allowed to list, read, write and delete"
run 1 forget latest
s3 DELETE "$bucket?policy="
backup source
check_clean --read-data

checking "keys that are wrong"
AWS_SECRET_ACCESS_KEY=wrong run 1 snapshots
assert_says "the secret of the access key is not the right one"
assert_silent_about wrong
AWS_ACCESS_KEY_ID=nobody run 1 snapshots
assert_says "does not know the access key"

checking "keys from a profile"
mkdir -m 700 "$HOME/.aws"
printf '[default]\naws_access_key_id = nobody\naws_secret_access_key = x\n[backup]\naws_access_key_id = %s\naws_secret_access_key = %s\n' \
  "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" >"$HOME/.aws/credentials"
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
run 1 snapshots
assert_says "others than you may read"
assert_says "chmod 600"
chmod 600 "$HOME/.aws/credentials"
AWS_PROFILE=backup run 0 snapshots
run 1 snapshots
assert_says "does not know the access key"
assert_says "The key is from .*/.aws/credentials"
rm "$HOME/.aws/credentials"
run 1 snapshots
assert_says "no access key for S3 was found"
