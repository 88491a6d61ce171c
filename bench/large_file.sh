#!/bin/bash
# Whether one large file keeps all processors busy: large_file.sh IGUDAR [GIB]   (10)
#
# Backs up one file without holes, of which zstd saves a quarter, into an empty repository, and again with --force, when
# all is read and cut but nothing stored. Prints wall and processor seconds, how many processors were busy on average, how
# many there would have been work for (threads that ran or waited for a processor that something else had: what to look
# at on a machine with other work), and the peak of memory. Works in BENCH_DIR (/var/tmp/igudar-large-file), which it removes; needs twice GIB there.
set -euo pipefail

igudar=$(realpath "${1:?usage: large_file.sh IGUDAR [GIB]}")
gib=${2:-10}
work=${BENCH_DIR:-/var/tmp/igudar-large-file}

rm -rf "$work"
mkdir -p "$work/tree"
trap 'rm -rf "$work"' EXIT
export IGUDAR_PASSWORD=bench IGUDAR_REPOSITORY=$work/repo XDG_CACHE_HOME=$work/cache XDG_STATE_HOME=$work/state

# The threads of a process: nanoseconds they ran and nanoseconds they waited for a processor, summed.
sample_threads() {
  local pid
  pid=$(pgrep -P "$1") || return 0
  cat /proc/"$pid"/task/*/schedstat 2>/dev/null | awk '{ran += $1; waited += $2} END {print ran + 0, waited + 0}' || true
}

row() {  # STEP COMMAND…: runs it and prints its cost
  local step=$1 timer
  shift
  : >"$work/threads"
  /usr/bin/time -o "$work/time" -f '%e %U %S %M' "$@" >"$work/output" 2>&1 &
  timer=$!
  while kill -0 "$timer" 2>/dev/null; do
    sample_threads "$timer" >>"$work/threads"
    sleep 0.2
  done
  wait "$timer" || { cat "$work/output" >&2; exit 1; }
  # Threads that ended are missing from later samples, so the largest one counts.
  awk -v step="$step" 'FILENAME ~ /threads$/ {if ($1 + $2 > most) most = $1 + $2; next}
    {printf "| %s | %.1f | %.1f | %.1f | %.2f | %.2f | %d |\n", step, $1, $2, $3, ($2 + $3) / $1, most / 1e9 / $1, $4 / 1024}' \
    "$work/threads" "$work/time"
}

# Lines of base64 of a key stream: the same bytes each time.
{ openssl enc -aes-256-ctr -K 01 -iv 02 -in /dev/zero 2>/dev/null || true; } | { base64 2>/dev/null || true; } |
  head -c "${gib}G" >"$work/tree/large"
sync

"$igudar" init --quiet
echo '| step | wall s | user s | sys s | busy | wanted | peak MiB |'
echo '|---|---|---|---|---|---|---|'
row first "$igudar" backup --quiet "$work/tree"
row 'again, --force' "$igudar" backup --quiet --force "$work/tree"
