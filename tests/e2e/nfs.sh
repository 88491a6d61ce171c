#!/bin/bash
# A repository at a real NFS server, and all that goes wrong with one. Runs itself beside the server.
if [ -z "${GANESHA_DIR:-}" ]; then
  exec "$(dirname "$0")/../servers/run_with" ganesha "$BASH" ${TRACE:+-x} "$0" "$@"
fi
. "$(dirname "$0")/lib.sh"

data=$GANESHA_DIR/data/folder
server=nfs://127.0.0.1
export IGUDAR_REPOSITORY=$server$data/repository
kill_server() { "$here/../servers/restart" --kill ganesha; }
start_server() { "$here/../servers/restart" --start ganesha; }

checking "a first and a second backup, check, prune, restore"
mkdir -p source/folder/deeper && ln -s ../small source/folder/link
random_file source/large 30000000
echo one >source/small
init
assert_says "$server$data/repository"
backup source
cp -a source first
random_file source/large 20000000 again
echo two >source/small
backup source
assert_equal "$(snapshot_count)" 2
check_clean --read-data
restore_equals latest:/source source
oldest=$(run_json 0 snapshots; json 'last["snapshots"][0]["id"]')
restore_equals "$oldest:/source" first
run 0 forget --keep-last 1
run 0 prune --max-unused 0
check_clean --read-data
restore_equals latest:/source source
assert_equal "$(find "$data/repository/tmp" -type f | wc -l)" 0 "files left in tmp"

checking "the same repository on the server itself"
(
  export IGUDAR_REPOSITORY=file://$data/repository
  run 0 check --read-data
  restore_equals latest:/source source
  echo three >source/small
  backup source
) || exit 1
restore_equals latest:/source source

checking "a folder whose parents are not there either"
IGUDAR_REPOSITORY=$server$data/a/b/c run 0 init --kdf argon2id
assert_exists "$data/a/b/c/config"

checking "the ports told by the URL, without a portmapper"
port_of() { rpcinfo -p 127.0.0.1 | awk -v service="$1" '$2 == 3 && $3 == "tcp" && $5 == service { print $4; exit }'; }
ports="nfsport=$(port_of nfs)&mountport=$(port_of mountd)"
kill -STOP "$(<"$IGUDAR_TEST_SERVERS/rpcbind.pid")"
IGUDAR_REPOSITORY="$server$data/repository?$ports" run 0 snapshots
kill -CONT "$(<"$IGUDAR_TEST_SERVERS/rpcbind.pid")"

checking "a folder that holds something else"
mkdir "$data/other"
echo mine >"$data/other/file"
IGUDAR_REPOSITORY=$server$data/other run 1 init --kdf argon2id
assert_says 'holds something already'
assert_file "$data/other/file" mine
assert_equal "$(ls "$data/other")" file "what is in the folder"
IGUDAR_REPOSITORY=$server$data/other run 10 snapshots
IGUDAR_REPOSITORY=$server$data/other/file run 1 init --kdf argon2id
assert_says 'holds something already'
IGUDAR_REPOSITORY=$server$data/absent run 10 snapshots
run 1 init --kdf argon2id
assert_says 'holds something already'

checking "URLs that mean nothing"
IGUDAR_REPOSITORY=$server:2049$data/repository run 2 snapshots
assert_says 'nfsport='
IGUDAR_REPOSITORY=nfs://me:sesame@127.0.0.1/srv run 2 snapshots
assert_silent_about sesame

checking "what the server does not export, or not to us"
IGUDAR_REPOSITORY=$server/no/such/folder run 1 snapshots
assert_says 'lets this machine mount nothing that holds nfs://127.0.0.1/no/such/folder'
assert_says 'showmount -e 127.0.0.1'
IGUDAR_REPOSITORY=$server$GANESHA_DIR/denied run 1 init --kdf argon2id
assert_says 'lets this machine mount nothing'
assert_says 'insecure'

checking "an export that is read-only"
IGUDAR_REPOSITORY=$server$GANESHA_DIR/read_only/repository run 1 init --kdf argon2id
assert_says 'exports it read-only'
cp -a "$data/repository" "$GANESHA_DIR/read_only/copy"
IGUDAR_REPOSITORY=$server$GANESHA_DIR/read_only/copy run 0 snapshots
IGUDAR_REPOSITORY=$server$GANESHA_DIR/read_only/copy run 0 restore latest:/source --target read_only
assert_same_tree source read_only

checking "another user by number"
mkdir -m 700 "$data/theirs" && chown 47110:47110 "$data/theirs"
IGUDAR_REPOSITORY="$server$data/theirs/repository?uid=47111&gid=47111" run 1 init --kdf argon2id
assert_says 'permission denied'
assert_says 'uid='
(
  export IGUDAR_REPOSITORY="$server$data/theirs/repository?uid=47110&gid=47110"
  init
  backup source
  check_clean --read-data
  restore_equals latest:/source source
  assert_equal "$(find "$data/theirs/repository" ! -user 47110 | wc -l)" 0 "files of another user"
  assert_equal "$(find "$data/theirs/repository" -type f -perm /077 | wc -l)" 0 "files that others can read"
) || exit 1

checking "nobody there"
IGUDAR_REPOSITORY="$server/srv?nfsport=1&mountport=1" run 1 snapshots
assert_says 'cannot reach nfs://127.0.0.1/srv'
IGUDAR_REPOSITORY=nfs://no-such-host.invalid/srv run 1 snapshots
assert_says 'cannot reach nfs://no-such-host.invalid/srv'

checking "a full disk"
if [ -n "$GANESHA_SMALL" ]; then
  (
    export IGUDAR_REPOSITORY=$server$GANESHA_SMALL/repository
    init
    run 1 backup source
    assert_says "disk is full"
    check_clean
    assert_equal "$(snapshot_count)" 0 "snapshots"
  ) || exit 1
else
  skip_part "a full disk: cannot mount a tmpfs"
fi

checking "a server that is killed and started again in mid-backup"
for i in 1 2 3 4; do random_file "source/big$i" 40000000 "$i"; done
before=$(find "$data/repository/packs" -type f | wc -l)
"$program" --no-progress backup source >out 2>err </dev/null &
backup=$!
until [ -n "$(find "$data/repository/tmp" -type f -size +4096k)" ]; do
  kill -0 "$backup" 2>/dev/null || fail "the backup ended before the server was killed"
  read -rt 0.01 <> <(:)
done
kill_server
start_server
wait "$backup"
assert_equal $? 0 "status of the backup"
assert_at_least "$(find "$data/repository/packs" -type f | wc -l)" "$((before + 1))" "packs"
check_clean --read-data
restore_equals latest:/source source
assert_equal "$(find "$data/repository/tmp" -type f | wc -l)" 0 "files left in tmp"

checking "a stop request while the server does not answer"
kill -STOP "$(<"$IGUDAR_TEST_SERVERS/ganesha.pid")"
"$program" --no-progress snapshots >out 2>err </dev/null &
waiting=$!
until ls -l "/proc/$waiting/fd" | grep -q socket; do
  kill -0 "$waiting" 2>/dev/null || fail "it ended without an answer"
  read -rt 0.01 <> <(:)
done
started=$SECONDS
kill -TERM "$waiting"
wait "$waiting"
assert_equal $? 130 "status of a stopped command"
assert_at_most $((SECONDS - started)) 3 "seconds until it ended"
kill -CONT "$(<"$IGUDAR_TEST_SERVERS/ganesha.pid")"
run 0 snapshots

checking "secrets"
assert_silent_about "$IGUDAR_PASSWORD"
