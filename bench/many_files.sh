#!/bin/bash
# How cost grows with files and with snapshots: many_files.sh IGUDAR [COUNT…]   (default 10000 100000 1000000 2000000)
#
# For each count: a tree of tiny files (make_tree), backed up first and again, and restored when there are at most
# RESTORE_MOST (1000000) of them; then a tree of 10,000 with 1, 10 and 100 snapshots. Prints a Markdown table. Works in
# BENCH_DIR (/var/tmp/igudar-many-files), which it removes: 2,000,000 files take 2,100,000 inodes and 12 GB there.
set -euo pipefail

igudar=$(realpath "${1:?usage: many_files.sh IGUDAR [COUNT…]}")
shift
counts=("$@")
[ ${#counts[@]} -gt 0 ] || counts=(10000 100000 1000000 2000000)
here=$(dirname "$(realpath "$0")")
work=${BENCH_DIR:-/var/tmp/igudar-many-files}
restore_most=${RESTORE_MOST:-1000000}

rm -rf "$work"
mkdir -p "$work"
trap 'rm -rf "$work"' EXIT
export IGUDAR_PASSWORD=bench IGUDAR_REPOSITORY=$work/repo XDG_CACHE_HOME=$work/cache XDG_STATE_HOME=$work/state

row() {  # FILES STEP COMMAND…: runs it and prints its cost
  local files=$1 step=$2
  shift 2
  /usr/bin/time -o "$work/time" -f '%e %U %S %M' "$@" >"$work/output" 2>&1 || { cat "$work/output" >&2; exit 1; }
  read -r wall user sys rss <"$work/time"
  printf '| %s | %s | %.2f | %.2f | %.2f | %d |\n' "$files" "$step" "$wall" "$user" "$sys" $((rss / 1024))
}

new_repository() {
  rm -rf "$work/repo" "$work/cache" "$work/state"
  "$igudar" init --quiet
}

echo '| files | step | wall s | user s | sys s | peak MiB |'
echo '|---|---|---|---|---|---|'
for count in "${counts[@]}"; do
  "$here/make_tree" "$work/tree" "$count"
  sync
  new_repository
  row "$count" first "$igudar" backup --quiet "$work/tree"
  row "$count" again "$igudar" backup --quiet "$work/tree"
  if [ "$count" -le "$restore_most" ]; then
    row "$count" restore "$igudar" restore latest --quiet --target "$work/restored"
    rm -rf "$work/restored"
  fi
  rm -rf "$work/tree"
done

"$here/make_tree" "$work/tree" 10000
new_repository
"$igudar" backup --quiet "$work/tree"
snapshots=1
for target in 1 10 100; do
  for (( ; snapshots < target; ++snapshots)); do "$igudar" backup --quiet "$work/tree"; done
  row "10000, $snapshots snapshots" again "$igudar" backup --quiet "$work/tree"
  snapshots=$((snapshots + 1))
done
