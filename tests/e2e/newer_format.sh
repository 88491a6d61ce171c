#!/bin/bash
# Objects of a newer version of the format: said to need a newer program, taken for neither damage nor a wrong password.
. "$(dirname "$0")/lib.sh"
needs_folder_store

echo content >source/file
init
backup source
cp -a "$IGUDAR_REPOSITORY" whole

# altered OBJECT PLACE BYTE: puts a byte into it, and gives it the name that its bytes then have.
altered() {
  chmod u+w "$1"
  printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
  case $1 in
    */snapshots/* | */index/*) mv "$1" "$(dirname "$1")/$(sha256sum <"$1" | cut -c-64)" ;;
  esac
}
newer() { altered "$1" 5 '\002'; }
restart() {
  rm -rf "$IGUDAR_REPOSITORY" "$XDG_CACHE_HOME" "$XDG_STATE_HOME"
  cp -a whole "$IGUDAR_REPOSITORY"
}
# told COMMAND…: the command fails and says that a newer program is needed.
told() {
  local status=0
  "$program" "$@" >out 2>err || status=$?
  [ "$status" = 1 ] || [ "$status" = 11 ] || fail "'igudar $*' ended with $status"
  assert_says 'newer|does not know'
}

checking config
newer "$IGUDAR_REPOSITORY/config"
told snapshots
told backup source
told prune

for object in keys snapshots index; do
  checking "$object"
  restart
  for file in $(find "$IGUDAR_REPOSITORY/$object" -type f); do newer "$file"; done
  if [ "$object" = keys ]; then told snapshots; else told check --read-data; fi
done

for object in snapshots index; do
  checking "$object of an unknown cipher suite"
  restart
  for file in $(find "$IGUDAR_REPOSITORY/$object" -type f); do altered "$file" 10 '\003'; done
  told check --read-data
done

checking "a lease"
restart
lease=$IGUDAR_REPOSITORY/leases/$(printf '0%.0s' {1..32}).0
mkdir -p "${lease%/*}"
printf 'IGDR\007\002\000\000' >"$lease"
run 0 backup source
run 0 prune
assert_says 'newer igudar|does not know'
run 0 check
assert_says 'does not know'
[ -e "$lease" ] || fail "a lease of a newer program was removed"

checking "an unknown feature that is needed to write"
PYTHONDONTWRITEBYTECODE=1 "$python" "$here/hostile_repository.py" future || fail "the writer in Python failed"
run 0 snapshots --repo future
run 1 backup source --repo future
assert_says 'time travel'
run 1 prune --repo future
