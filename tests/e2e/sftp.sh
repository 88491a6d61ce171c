#!/bin/bash
# A repository at a real SSH server, and all that goes wrong with one. Runs itself beside the server.
if [ -z "${SSHD_DIR:-}" ]; then
  exec "$(dirname "$0")/../servers/run_with" sshd "$BASH" ${TRACE:+-x} "$0" "$@"
fi
. "$(dirname "$0")/lib.sh"

data=$SSHD_DIR/data
server=sftp://$(id -un)@127.0.0.1:$SSHD_PORT
export IGUDAR_REPOSITORY=$server$data/repository
kill_server() { "$here/../servers/restart" --kill sshd; }
start_server() {
  "$here/../servers/restart" --start sshd
  local end=$((SECONDS + 20))
  until : 2>/dev/null <>"/dev/tcp/127.0.0.1/$SSHD_PORT"; do
    ((SECONDS < end)) || fail "the server does not start again"
    read -rt 0.02 <> <(:)
  done
}
listener() { cat "$IGUDAR_TEST_SERVERS/sshd.pid"; }

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
  export IGUDAR_REPOSITORY=$data/repository
  run 0 check --read-data
  restore_equals latest:/source source
  echo three >source/small
  backup source
) || exit 1
restore_equals latest:/source source

checking "a second repository, in the home folder"
home_path=$(getent passwd "$(id -u)" | cut -d: -f6)
relative=$(realpath --relative-to="$home_path" "$data")/home
IGUDAR_REPOSITORY=$server/~/$relative run 0 init --kdf argon2id
assert_exists "$data/home/config"

checking "a folder that holds something else"
mkdir "$data/other"
echo mine >"$data/other/file"
IGUDAR_REPOSITORY=$server$data/other run 1 init --kdf argon2id
assert_says 'holds something already'
assert_file "$data/other/file" mine
assert_equal "$(ls "$data/other")" file "what is in the folder"
IGUDAR_REPOSITORY=$server$data/other run 10 snapshots
IGUDAR_REPOSITORY=$server$data/other/file run 1 init --kdf argon2id
IGUDAR_REPOSITORY=$server$data/absent run 10 snapshots
run 1 init --kdf argon2id
assert_says 'holds something already'

checking "a password in the URL"
IGUDAR_REPOSITORY=sftp://me:sesame@127.0.0.1/srv run 2 snapshots
assert_says 'docs/storage.md'
assert_silent_about sesame

checking "an unknown host"
: >nobody
IGUDAR_SSH_KNOWN_HOSTS=$work/nobody run 1 snapshots
assert_says 'not known: .*SHA256:'
assert_says 'ssh-keyscan -p'
grep -qF "$(ssh-keygen -lf "$SSHD_DIR/host_key.pub" | cut -d' ' -f2)" err || fail "not the key's fingerprint"
IGUDAR_SSH_KNOWN_HOSTS=$work/nowhere run 1 snapshots
assert_says 'not known'

checking "a host whose key has changed"
ssh-keygen -qt ed25519 -N '' -f other_key
echo "[127.0.0.1]:$SSHD_PORT $(cut -d' ' -f1,2 other_key.pub)" >changed
IGUDAR_SSH_KNOWN_HOSTS=$work/changed run 1 snapshots
assert_says 'HAS CHANGED'
assert_says 'ssh-keygen -R'

checking "a key that the server does not know"
IGUDAR_SSH_KEY=$work/other_key run 1 snapshots
assert_says 'refuses the user'
assert_says 'IGUDAR_SSH_KEY'
IGUDAR_SSH_KEY=$work/no_such_key run 1 snapshots
assert_says 'no_such_key cannot be read'

checking "a key that a passphrase protects"
ssh-keygen -qt ed25519 -N 'some phrase' -f sealed_key
IGUDAR_SSH_KEY=$work/sealed_key run 1 snapshots
assert_says 'ssh-add'
eval "$(ssh-agent -s)" >/dev/null
ssh-add -q "$SSHD_DIR/key" 2>/dev/null
IGUDAR_SSH_KEY=$work/sealed_key run 0 snapshots
kill "$SSH_AGENT_PID"
unset SSH_AUTH_SOCK SSH_AGENT_PID

checking "a password, where the server takes none"
echo sesame >password
chmod 644 password
IGUDAR_SSH_KEY=$work/other_key IGUDAR_SFTP_PASSWORD_FILE=$work/password run 1 snapshots
assert_says 'chmod 600'
chmod 600 password
IGUDAR_SSH_KEY=$work/other_key IGUDAR_SFTP_PASSWORD_FILE=$work/password run 1 snapshots
assert_says 'no password was accepted'
IGUDAR_SSH_KEY=$work/other_key IGUDAR_SFTP_PASSWORD_COMMAND='cat password; : >asked' run 1 snapshots
assert_exists asked
assert_silent_about sesame

checking "a password"
if [ -n "$SSHD_PASSWORD_USER" ]; then
  (
    export IGUDAR_REPOSITORY=sftp://$SSHD_PASSWORD_USER@127.0.0.1:$SSHD_PORT/~/repository IGUDAR_SSH_KEY=$work/other_key
    IGUDAR_SFTP_PASSWORD_FILE=$work/password init
    IGUDAR_SFTP_PASSWORD_COMMAND='cat password' run 0 snapshots
    unset IGUDAR_SSH_KEY
    IGUDAR_SFTP_PASSWORD=sesame run 0 snapshots
    IGUDAR_SFTP_PASSWORD=wrong run 1 snapshots
    assert_says 'no password was accepted'
    assert_silent_about wrong
    checking "no permission"
    export IGUDAR_SFTP_PASSWORD=sesame
    IGUDAR_REPOSITORY=sftp://$SSHD_PASSWORD_USER@127.0.0.1:$SSHD_PORT$data/theirs run 1 init --kdf argon2id
    assert_says 'permission denied'
    chmod 500 "$SSHD_DIR/home/repository" "$SSHD_DIR/home/repository"/*/
    run 1 backup source
    assert_says 'permission denied'
    run 0 snapshots
  ) || exit 1
else
  skip_part "a password: the server cannot be given accounts of its own"
fi

checking "nobody there"
IGUDAR_REPOSITORY=sftp://127.0.0.1:1/srv run 1 snapshots
assert_says 'cannot reach sftp://127.0.0.1:1/srv'
IGUDAR_REPOSITORY=sftp://no-such-host.invalid/srv run 1 snapshots
assert_says 'cannot reach sftp://no-such-host.invalid/srv'

checking "the SSH configuration"
cat >ssh_config <<END
Host backup-server
  HostName 127.0.0.1
  Port $SSHD_PORT
  User $(id -un)
  IdentityFile $SSHD_DIR/key
END
echo "backup-server,[127.0.0.1]:$SSHD_PORT $(cut -d' ' -f1,2 "$SSHD_DIR/host_key.pub")" >named
(unset IGUDAR_SSH_KEY && IGUDAR_SSH_KNOWN_HOSTS=$work/named IGUDAR_SSH_CONFIG=$work/ssh_config \
  IGUDAR_REPOSITORY=sftp://backup-server$data/repository run 0 snapshots) || exit 1

checking "a full disk"
if [ -n "$SSHD_SMALL" ]; then
  (
    export IGUDAR_REPOSITORY=$server$SSHD_SMALL/repository
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
kill -STOP "$(listener)"
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
kill -CONT "$(listener)"
run 0 snapshots

checking "secrets"
assert_silent_about "$IGUDAR_PASSWORD"
! grep -rqF sesame "$work/state" "$work/cache" "$IGUDAR_TEST_SERVERS/sshd.log" 2>/dev/null || fail "a password was written down"
