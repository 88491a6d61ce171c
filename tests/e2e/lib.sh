# Common to all end-to-end scripts; sourced, not run.
#
# A script is run as  NAME.sh IGUDAR [STORE]:  the program under test, and where it may make repositories (a folder or a URL;
# by default a folder of its own). It gets an empty scratch folder, $work, as its working folder, an environment in
# which only its own repository, caches and state exist, and ends in status 0, 1 (failed) or 77 (skipped, with the reason).

set -u -o pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tools=$(cd "$here/../../tools" && pwd)
python=/usr/bin/python3
test_name=$(basename "$0" .sh)

[ $# -ge 1 ] || { echo "usage: $0 IGUDAR [STORE]" >&2; exit 2; }
program=$(realpath -e -- "$1") || exit 2
work=$(mktemp -d "${TMPDIR:-/tmp}/igudar-e2e-$test_name.XXXXXX") || exit 1
store=${2:-$work/store}
checking=
mounts=()

clean_up() {
  cd /
  for folder in "${mounts[@]}"; do umount -l "$folder" 2>/dev/null; done
  rm -rf --one-file-system -- "$work" 2>/dev/null && return
  chattr -R -i -a -- "$work" >/dev/null 2>&1  # chattr -R does not follow symlinks
  chmod -R u+rwx -- "$work" 2>/dev/null
  rm -rf --one-file-system -- "$work"
}
trap clean_up EXIT
trap 'exit 1' INT TERM HUP

cd "$work" || exit 1
umask 022
unset LANGUAGE IGUDAR_PASSWORD_FILE IGUDAR_PASSWORD_COMMAND IGUDAR_IDENTITY_FILE IGUDAR_PASSPHRASE_FILE \
  IGUDAR_PASSWORD_KEYRING CREDENTIALS_DIRECTORY IGUDAR_PKCS11 IGUDAR_PKCS11_MODULE IGUDAR_PIN_FILE IGUDAR_PIN_COMMAND IGUDAR_CACHE_DIR IGUDAR_DOMAIN IGUDAR_FIPS IGUDAR_HOST IGUDAR_COMPRESSION \
  IGUDAR_ALERT_COMMAND IGUDAR_ALERT_AFTER IGUDAR_TIMESTAMP_URL IGUDAR_TIMESTAMP_CA
export LC_ALL=C.UTF-8 TZ=UTC HOME=$work/home XDG_CACHE_HOME=$work/cache XDG_STATE_HOME=$work/state
export IGUDAR_REPOSITORY=$store/repository IGUDAR_PASSWORD="the password of $test_name"
mkdir -p "$HOME" source
[ -n "${2:-}" ] || mkdir -p "$store"

# --- What a test says and asserts ------------------------------------------------------------------

# What is being looked at, for the message of a failure.
checking() { checking=$*; }

fail() {
  echo "FAILED: $test_name: ${checking:+$checking: }$*" >&2
  if [ -s "$work/out" ]; then echo "--- standard output of the last run"; tail -c 3000 "$work/out"; fi >&2
  if [ -s "$work/err" ]; then echo "--- standard error of the last run"; tail -c 3000 "$work/err"; fi >&2
  exit 1
}

skip() { echo "SKIPPED: $test_name: $*"; exit 77; }
# A part of a test that this machine does not allow.
skip_part() { echo "skipped in $test_name: $*"; }

is_root() { [ "$(id -u)" = 0 ]; }
needs_root() { is_root || skip "needs root: $*"; }
# Tests that look into the repository need it in a folder.
needs_folder_store() { case $store in /*) ;; *) skip "looks into the repository's folder, and $store is none" ;; esac; }

# run STATUS ARGUMENT…: runs the program; its output is in out and err.
run() {
  local expected=$1 status=0
  shift
  "$program" --no-progress "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
  [ "$status" = "$expected" ] || fail "'igudar $*' ended with $status, not $expected"
}

# run_json STATUS ARGUMENT…: likewise with --json; every line must be JSON.
run_json() {
  run "$@" --json
  "$python" -c 'import json, sys
for line in open(sys.argv[1], encoding="utf-8"): assert isinstance(json.loads(line), dict), line' "$work/out" \
    || fail "the output of 'igudar ${*:2} --json' is not lines of JSON"
}

# json EXPRESSION: evaluates Python with `last` (the last object written) and `lines` (all of them).
json() {
  "$python" -c 'import json, sys
lines = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
last = lines[-1]
value = eval(sys.argv[2])
print(json.dumps(value) if isinstance(value, (dict, list, bool)) else value)' "$work/out" "$1" || fail "no $1 in the output"
}

assert_equal() { [ "$1" = "$2" ] || fail "${3:-values differ}: '$1', expected '$2'"; }
assert_at_most() { [ "$1" -le "$2" ] || fail "${3:-too much}: $1, at most $2 expected"; }
assert_at_least() { [ "$1" -ge "$2" ] || fail "${3:-too little}: $1, at least $2 expected"; }
assert_says() { grep -qiE -- "$1" "$work/out" "$work/err" || fail "the program did not say '$1'"; }
assert_silent_about() { ! grep -qF -- "$1" "$work/out" "$work/err" || fail "the program said '$1'"; }
assert_exists() { [ -e "$1" ] || [ -L "$1" ] || fail "$1 does not exist"; }
assert_absent() { if [ -e "$1" ] || [ -L "$1" ]; then fail "$1 exists"; fi; }
assert_file() { [ "$(cat -- "$1")" = "$2" ] || fail "$1 holds '$(head -c 200 -- "$1")', not '$2'"; }

# assert_same_tree EXPECTED FOUND [OPTION…]: equal in all that a backup keeps (options of tree_state.py).
assert_same_tree() {
  "$python" "$here/tree_state.py" "$1" "${@:3}" >"$work/expected.tree" || fail "cannot read $1"
  "$python" "$here/tree_state.py" "$2" "${@:3}" >"$work/found.tree" || fail "cannot read $2"
  diff -U1 "$work/expected.tree" "$work/found.tree" >"$work/tree.diff" \
    || { head -40 "$work/tree.diff" >&2; fail "$2 is not what $1 was"; }
}

# --- What tests are made of -----------------------------------------------------------------------

init() { run 0 init --kdf argon2id "$@"; }
backup() { run 0 backup "$@"; }
# The id of the newest snapshot.
latest() { run_json 0 snapshots; json 'last["snapshots"][-1]["id"]'; }
snapshot_count() { run_json 0 snapshots; json 'len(last["snapshots"])'; }
check_clean() { run_json 0 check "$@"; assert_equal "$(json 'last["damaged"]')" false "check found damage"; }

# random_file NAME BYTES [SEED]: content that does not compress and is the same for the same seed.
random_file() {
  "$python" -c 'import random, sys
open(sys.argv[1], "wb").write(random.Random(sys.argv[3]).randbytes(int(sys.argv[2])))' "$1" "$2" "${3:-$1}"
}

# restore_equals SNAPSHOT[:PATH] EXPECTED: restores into a new folder and compares.
restore_equals() {
  rm -rf -- "$work/restored"
  run 0 restore "$1" --target "$work/restored"
  assert_same_tree "$2" "$work/restored"
}

# mount_tmpfs FOLDER SIZE
mount_tmpfs() {
  mkdir -p "$1"
  mount -t tmpfs -o "size=$2" tmpfs "$1" || skip "cannot mount a tmpfs"
  mounts+=("$(realpath -- "$1")")
}

repository_objects() { find "$IGUDAR_REPOSITORY" -type f -path "*/$1*" | wc -l; }
