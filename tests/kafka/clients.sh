#!/usr/bin/env bash
# Clients of others against one broker, or a cluster: smoke programs, Kafka's command-line tools, librdkafka's own suite. Every failure is
# printed, with what it waits for where clients_later.tsv excuses it.
#
#   clients.sh GREGOR [PROGRAM ...]
#
# PROGRAM: kcat confluent-kafka confluent-kafka-848 kafka-python kafka-python-2 kafkajs java go tools librdkafka (default: all;
# an hour, as what is not built is waited for). The programs are looked for in GREGOR_SHARED (../shared beside the source
# tree). Exit 0: nothing failed but what is excused; 1: something else did, or the broker ended, or it logged an error; 77:
# skipped. GREGOR_PORT (23192); KEEP=1 keeps logs and data. GREGOR_NODES (1): so many nodes of one cluster, topics with three
# replicas where the program does not say how many.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tools=${GREGOR_SHARED:-$here/../../../shared}/tools
skip() { echo "skipped: $*"; exit 77; }
[ $# -ge 1 ] && [ -x "$1" ] || { echo "usage: clients.sh GREGOR [PROGRAM ...]" >&2; exit 2; }
gregor=$(realpath "$1"); shift
[ -x "$tools/smoke/all" ] || skip "no $tools/smoke/all"
programs=("$@")
[ ${#programs[@]} -gt 0 ] ||
  programs=(kcat kafka-python-2 kafka-python kafkajs confluent-kafka go java tools librdkafka confluent-kafka-848)
port=${GREGOR_PORT:-23192}
nodes=${GREGOR_NODES:-1}
export SMOKE_LIMIT=${SMOKE_LIMIT:-1800}

work=$(mktemp -d)
broker=
cleanup() {
  [ -n "$broker" ] && kill "$broker" 2>/dev/null && wait "$broker" 2>/dev/null
  [ -n "${KEEP:-}" ] && echo "kept: $work" || rm -rf "$work"
}
trap cleanup EXIT
if [ "$nodes" = 1 ]; then
  "$gregor" broker --data-dir "$work/data" --port "$port" --set num.partitions=4 >"$work/broker.log" 2>&1 &
else
  "$gregor" cluster up "$nodes" --data-dir "$work/data" --port "$port" --set num.partitions=4 --set default.replication.factor=3 \
    --set min.insync.replicas=2 --set offsets.topic.replication.factor=3 >"$work/broker.log" 2>&1 &
fi
broker=$!
for _ in $(seq 300); do
  grep -Eq '(broker|cluster).ready' "$work/broker.log" && break
  sleep 0.1
done
grep -Eq '(broker|cluster).ready' "$work/broker.log" || { echo "the broker did not start:"; tail -3 "$work/broker.log"; exit 1; }
bootstrap=$(sed -n 's/^cluster.ready bootstrap=//p' "$work/broker.log")
bootstrap=${bootstrap:-127.0.0.1:$port}
processes() { cat "/proc/$broker/task/$broker/children" 2>/dev/null; echo "$broker"; }
started=$(processes)

unexcused=0
judge() { # PROGRAM: its failures on standard input, a line each
  local program=$1 of line regex why found excuse
  local -A met=()
  while IFS= read -r line; do
    found=
    while IFS=$'\t' read -r of regex why; do
      [ "$of" = "$program" ] && [[ $line =~ $regex ]] && { found=$why met[$regex]=1; break; }
    done <"$here/clients_later.tsv"
    if [ -n "$found" ]; then
      excuse=${line%%: [A-Z]*}
      echo "  later  ${excuse:0:120} ($found)"
    else
      unexcused=$((unexcused + 1))
      echo "  FAIL   ${line:0:300}"
    fi
  done
  while IFS=$'\t' read -r of regex why; do
    [ "$of" = "$program" ] && [ -z "${met[$regex]:-}" ] && echo "  passes now, no excuse needed: $regex"
  done <"$here/clients_later.tsv"
  return 0
}

smoke() { # PROGRAM
  export SMOKE_LOGS=$work/smoke
  "$tools/smoke/all" "$bootstrap" "$1" >"$work/$1.txt" 2>&1
  local last
  last=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$work/smoke/$1.log" | tail -1)
  echo "$1: ${last:-$(head -1 "$work/$1.txt")}"
  [ -n "$last" ] || unexcused=$((unexcused + 1))
  judge "$1" < <(sed -n 's/^FAIL //p' "$work/smoke/$1.log")
}

suite() {
  "$tools/librdkafka-suite.sh" -o "$work/suite" -j 2 "$bootstrap" >"$work/suite.txt" 2>&1
  # Timing on a busy machine alone fails some of it: what did not pass is tried again, as it would be against Kafka.
  "$tools/librdkafka-suite.sh" -o "$work/suite" -r "$bootstrap" >"$work/suite.txt" 2>&1
  local last
  last=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$work/suite.txt" | tail -1)
  echo "librdkafka: ${last:-$(tail -1 "$work/suite.txt")}"
  [ -n "$last" ] || unexcused=$((unexcused + 1))
  judge librdkafka < <(awk -F'\t' '$3 != "pass" && $3 != "skip" { print $2 ": " $5 }' "$work/suite/results.tsv")
}

for program in "${programs[@]}"; do
  if [ "$program" = librdkafka ]; then suite; else smoke "$program"; fi
  for process in $started; do
    kill -0 "$process" 2>/dev/null || { echo "a broker ended:"; tail -n 5 "$work"/broker.log "$work"/data/node-*.log 2>/dev/null; exit 1; }
  done
done
if grep -hE ' (ERROR|FATAL) ' "$work"/broker.log "$work"/data/node-*.log 2>/dev/null; then unexcused=$((unexcused + 1)); fi
most=$(for process in $started; do awk '/VmHWM/ { print $2 / 1024 }' "/proc/$process/status"; done | sort -n | tail -1)
echo "$unexcused failures without an excuse; broker: $most MiB at most"
[ $unexcused -eq 0 ]
