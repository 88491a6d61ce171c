#!/bin/bash
# The password shows nowhere: not in the process list or environment, in messages, in files, nor in a core dump.
. "$(dirname "$0")/lib.sh"

secret=Xq7-unmistakable-Zp9
export IGUDAR_PASSWORD=$secret
echo content >source/file
init
backup source -vv
assert_silent_about "$secret"

checking "what others see of the process while it runs"
mkfifo pipe
"$program" backup --stdin --verbose >out 2>err <pipe &
pid=$!
exec 7>pipe
# It has read its password once its lease is in the repository; a store elsewhere is not looked into.
if [ -d "$IGUDAR_REPOSITORY" ]; then
  until [ "$(find "$IGUDAR_REPOSITORY/leases" -type f | wc -l)" -ge 1 ]; do
    [ -n "$(tr '\0' ' ' <"/proc/$pid/cmdline")" ] || fail "the backup ended too soon"
  done
  ! grep -qaF "$secret" "/proc/$pid/cmdline" || fail "the password is in the command line"
  ! grep -sqaF "$secret" "/proc/$pid/environ" || fail "the password is still in the environment"
fi

checking "what could be swapped out: nothing that the process can write holds the password by now"
if is_root && [ -d "$IGUDAR_REPOSITORY" ]; then
  "$python" - "$pid" "$secret" <<'SEARCH' || fail "the password is in the memory of the process"
import sys
pid, secret = sys.argv[1], sys.argv[2].encode()
searched = 0
with open(f"/proc/{pid}/mem", "rb", 0) as memory:
    for line in open(f"/proc/{pid}/maps"):
        place, access = line.split()[:2]
        begin, end = (int(part, 16) for part in place.split("-"))
        if access[:2] != "rw":
            continue
        try:
            memory.seek(begin)
            content = memory.read(end - begin)
        except (OSError, ValueError, OverflowError):  # [vvar] and the like
            continue
        searched += len(content)
        if secret in content:
            sys.exit(f"found in {line}")
assert searched > 1 << 20, searched
SEARCH
  # What is secret for longer is locked: keys of the repository.
  assert_at_least "$(awk '/^VmLck:/ {print $2}' "/proc/$pid/status")" 1 "KiB of memory that is never swapped out"
else
  skip_part "what could be swapped out: looks into a process's memory, as root"
fi

checking "a core dump"
ulimit -S -c unlimited 2>/dev/null
assert_equal "$(awk '/Max core file size/ {print $5}' "/proc/$pid/limits")" 0 "the limit of core dumps"
exec 7>&-
wait "$pid" || fail "a backup failed"

checking "errors"
IGUDAR_PASSWORD=$secret-wrong run 12 snapshots
assert_silent_about "$secret"
printf %s "$secret" >password
run 1 snapshots --password-command "cat $work/password; exit 1"
assert_silent_about "$secret"
run 2 snapshots --no-such-option
assert_silent_about "$secret"

checking "passphrases and keys"
phrase=Wq3-unmistakable-Yt8
printf %s "$phrase" >phrase && chmod 600 phrase
run 0 key generate-identity open.identity
key=$(sed -n 's/^igudar-identity-1-//p' open.identity)
assert_silent_about "$key"
run 0 key generate-identity sealed.identity --passphrase-file phrase
assert_silent_about "$phrase"
! grep -qF "$phrase" sealed.identity || fail "the passphrase is in the identity file"
for identity in open sealed; do
  run 0 key add --recipient $identity.identity
  run 0 snapshots -vv --identity $identity.identity --passphrase-file phrase
  assert_silent_about "$phrase"
  assert_silent_about "$key"
done
printf %s "$phrase-wrong" >phrase
run 12 snapshots --identity sealed.identity --passphrase-file phrase
assert_silent_about "$phrase"
sed -i 's/^igudar-recipient-1-../&ff/' open.identity
run 2 snapshots --identity open.identity
assert_silent_about "$key"
rm phrase open.identity
for planted in "$phrase" "$key"; do
  found=$(grep -rlaF "$planted" "$work/home" "$XDG_CACHE_HOME" "$XDG_STATE_HOME" "$store" 2>/dev/null)
  assert_equal "$found" "" "files with a passphrase or a key"
done

checking "what lies on disk afterwards"
rm password
run 0 check --read-data
found=$(grep -rlaF "$secret" "$work/home" "$XDG_CACHE_HOME" "$XDG_STATE_HOME" "$store" 2>/dev/null)
assert_equal "$found" "" "files with the password"

checking "the environment of children"
printf '%s\n' "$secret" >password
unset IGUDAR_PASSWORD
run 0 snapshots --password-command "env >child.env; cat $work/password"
! grep -qF "$secret" child.env || fail "the password command's environment has the password"
IGUDAR_PASSWORD=$secret-wrong run 12 snapshots --alert-command 'cat >/dev/null; env >alert.env' --alert-after 1
assert_exists alert.env
! grep -qF "$secret" alert.env || fail "the alert command's environment has the password"
