#!/usr/bin/env bash
# Kill -9 in a loop under idempotent load from librdkafka: nothing acknowledged is lost, nothing doubled, the order within a
# partition kept. One producer goes on through every kill and restart; at the end all is read back with kcat and judged.
#
#   kill_loop.sh GREGOR [fsync | page-cache | both] [KILLS]
#
# fsync: an acknowledgement waits for the disk (log.flush.interval.messages=1); page-cache: it does not. Default: both, 100.
# The last line of each part gives the figures. Then the judge is shown a log with one record gone, doubled, moved, swapped:
# it must object to each. Exit 0: all is well; 1: loss, doubling, a broker that ended by itself; 77: skipped, as g++,
# librdkafka-dev, kcat or python3 are missing. GREGOR_PORT (23292), KILL_LOOP_SEED (1), KILL_LOOP_RATE (20000 records/s).
# KEEP=1 keeps directories.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
skip() { echo "skipped: $*"; exit 77; }
[ $# -ge 1 ] && [ -x "$1" ] || { echo "usage: kill_loop.sh GREGOR [fsync | page-cache | both] [KILLS]" >&2; exit 2; }
gregor=$(realpath "$1") mode=${2:-both} kills=${3:-100}
for tool in g++ kcat python3; do command -v $tool >/dev/null || skip "no $tool"; done
port=${GREGOR_PORT:-23292} seed=${KILL_LOOP_SEED:-1} rate=${KILL_LOOP_RATE:-20000}
partitions=4

work=$(mktemp -d)
broker= producer=
cleanup() {
  for pid in $broker $producer; do kill -9 "$pid" 2>/dev/null; done
  [ -n "${KEEP:-}" ] && echo "kept: $work" || rm -rf "$work"
}
trap cleanup EXIT
g++ -std=c++20 -O1 -o "$work/acked_producer" "$here/acked_producer.cc" -lrdkafka 2>"$work/compile.txt" ||
  skip "acked_producer.cc does not compile here (librdkafka-dev?): $(head -1 "$work/compile.txt")"

start_broker() { # DIR SETTING...
  local dir=$1 settings=() setting
  shift
  for setting in "$@"; do settings+=(--set "$setting"); done
  "$gregor" broker --data-dir "$dir/data" --port "$port" "${settings[@]}" >>"$dir/broker.log" 2>&1 &
  broker=$!
}

await_broker() {
  for _ in $(seq 200); do
    kcat -b "127.0.0.1:$port" -L -m 1 >/dev/null 2>&1 && return 0
    sleep 0.05
  done
  return 1
}

kill_broker() { # fails when there is none to kill
  kill -9 "$broker" 2>/dev/null || return 1
  wait "$broker" 2>/dev/null
  broker=
}

judge() { python3 "$here/kill_loop_check.py" "$@"; }

# Spoils a log in one way a run; a judge that is content with it is no judge.
check_judge() { # DIR
  local dir=$1 how
  for how in gone doubled moved swapped; do
    case $how in
      gone) sed '1000d' "$dir/log.txt" ;;
      doubled) sed '1000p' "$dir/log.txt" ;;
      moved) awk 'NR == 1000 { $2 += 1 } { print }' "$dir/log.txt" ;;
      swapped) awk 'NR == 1000 { v = $4; $4 = $4 + 1 } NR == 1001 && $1 == p { $4 = v } { p = $1; print }' "$dir/log.txt" ;;
    esac >"$dir/spoilt.txt"
    judge "$dir/book.txt" "$dir/spoilt.txt" >"$dir/spoilt.out" && { echo "the judge missed a record $how"; return 1; }
  done
  echo "the judge objects to a record gone, doubled, moved, swapped"
}

run() { # NAME SETTING...
  local name=$1 dir=$work/$1 before=0 now=0 moved=0 number status
  shift
  mkdir -p "$dir"
  RANDOM=$seed
  local settings=("num.partitions=$partitions" log.segment.bytes=8388608 "$@")
  start_broker "$dir" "${settings[@]}"
  await_broker || { echo "$name: the broker does not start"; tail -5 "$dir/broker.log"; return 1; }
  "$work/acked_producer" "127.0.0.1:$port" killed $partitions "$rate" "$dir/book.txt" >"$dir/producer.log" 2>&1 &
  producer=$!
  local began=$SECONDS
  for ((number = 1; number <= kills; number++)); do
    sleep "$((RANDOM % 2)).$(printf %03d $((RANDOM % 1000)))"
    kill_broker || { echo "$name: the broker ended by itself before kill $number"; tail -5 "$dir/broker.log"; return 1; }
    kill -0 "$producer" 2>/dev/null || { echo "$name: the producer gave up after kill $number"; cat "$dir/producer.log"; return 1; }
    now=$(wc -l <"$dir/book.txt")
    [ "$now" -gt "$before" ] && moved=$((moved + 1))
    before=$now
    [ $((number % 10)) != 0 ] || echo "$name: $number kills in $((SECONDS - began)) s, $now acknowledged"
    start_broker "$dir" "${settings[@]}"
  done
  kill -TERM "$producer" && wait "$producer"
  status=$?
  producer=
  [ $status = 0 ] || { echo "$name: the producer ended with $status"; cat "$dir/producer.log"; return 1; }
  timeout 300 kcat -b "127.0.0.1:$port" -C -t killed -o beginning -e -q -X check.crcs=true -f '%p %o %s\n' 2>"$dir/kcat.txt" |
    cut -d' ' -f1-4 | sort -s -n -k1,1 -k2,2 >"$dir/log.txt" || { echo "$name: reading back failed"; head -3 "$dir/kcat.txt"; return 1; }
  check_judge "$dir" || return 1
  kill_broker
  local verdict
  verdict=$(judge "$dir/book.txt" "$dir/log.txt")
  status=$?
  echo "$verdict" | head -n -1
  echo "$name: $kills kills, $moved of them after new acknowledgements, $((SECONDS - began)) s, seed $seed: $(echo "$verdict" | tail -1)"
  return $status
}

failed=0
case $mode in
  fsync | both) run fsync log.flush.interval.messages=1 || failed=1 ;;&
  page-cache | both) run page-cache || failed=1 ;;&
  fsync | page-cache | both) ;;
  *) echo "kill_loop.sh: fsync, page-cache or both" >&2; exit 2 ;;
esac
exit $failed
