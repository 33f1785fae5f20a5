#!/usr/bin/env bash
# Data directories in both directions: Gregor opens what Apache Kafka wrote, stock clients see what they saw of Kafka, and
# Kafka opens what Gregor left and sees the same, with its own dump tool content.
#
#   kafka_files.sh GREGOR [CASE ...]
#
# Cases and tools are looked for in GREGOR_SHARED (../shared beside the source tree). Exit 0: no difference; 1: differences,
# printed; 77: skipped, as the cases or Java are not there. GREGOR_PORT (23092) moves the ports. KEEP=1 keeps the directories.
set -uo pipefail

source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
[ $# -ge 1 ] && [ -x "$1" ] || { echo "usage: kafka_files.sh GREGOR [CASE ...]" >&2; exit 2; }
gregor=$(realpath "$1"); shift
export KAFKA_PORT=${GREGOR_PORT:-23092}
source "$source_dir/tests/kafka/both_ways.sh"
need java javac jq zstd
cases=("$@")
[ ${#cases[@]} -gt 0 ] || cases=(codecs compacted transactions jbod groups crashed crashed-truncated crashed-corrupt)

make_work
# What the reader then misses of what is not served yet is counted apart.
later='DIFFERENT /?(transactions|acls|groups/(consumer|converted|share|streams-group))'

settings_of() { # CASE: server.properties of the node that wrote it
  local dir=$work/$1 dirs=$work/$1/data/n1
  [ -d "$dir/data/n1-b" ] && dirs+=,$dir/data/n1-b
  common_settings "$dirs"
  printf '%s\n' transaction.state.log.replication.factor=1 transaction.state.log.min.isr=1
  if [ "$(jq -r '.quorum // "static"' "$files/$1/expected.json")" = static ]; then
    echo "controller.quorum.voters=1@127.0.0.1:$((KAFKA_PORT + 1))"
  else
    echo "controller.quorum.bootstrap.servers=127.0.0.1:$((KAFKA_PORT + 1))"
  fi
  jq -r '.settings // {} | to_entries[] | "\(.key)=\(.value)"' "$files/$1/expected.json"
}

start_gregor() { # CASE
  # Authorization is not built yet; without it everything is allowed, which is more than the reader needs.
  settings_of "$1" | grep -vE '^(authorizer\.|super\.users|allow\.everyone)' >"$work/$1/gregor.properties"
  run_gregor "$work/$1/gregor.log" --config "$work/$1/gregor.properties" --tolerate-unknown-config
}

report() { # CASE STEP STATUS
  if [ "$3" = 0 ]; then echo "$1: $2: ok"; else
    echo "$1: $2: FAILED"
    failed=$((failed + 1))
  fi
}

for name in "${cases[@]}"; do
  expected=$files/$name/expected.json
  mkdir -p "$work/$name" && tar -C "$work/$name" -xf "$files/$name/data.tar.zst" --zstd
  if ! start_gregor "$name"; then
    report "$name" "Gregor opens it" 1
    tail -5 "$work/$name/gregor.log"
    continue
  fi
  "$work/verify/verify.sh" "127.0.0.1:$KAFKA_PORT" "$expected" >"$work/$name/verify.txt" 2>&1
  differences_in "$work/$name/verify.txt" "$later" >"$work/$name/differences.txt"
  ! [ -s "$work/$name/differences.txt" ]
  status=$?
  report "$name" "clients see through Gregor what they saw of Kafka" $status
  [ $status = 0 ] || head -${LINES_MAX:-8} "$work/$name/differences.txt" | cut -c1-240
  echo "$name: $(grep -cE "$later" "$work/$name/verify.txt") differences need what is not served yet"
  "$work/verify/capture.sh" "127.0.0.1:$KAFKA_PORT" "$work/$name/mine.json" >"$work/$name/capture.txt" 2>&1
  captured=$?
  stop_gregor
  report "$name" "a clean stop" $?
  for dir in "$work/$name"/data/n1*; do
    "$files/verify/check-indexes.sh" "$dir" >"$work/$name/indexes.txt" 2>&1
    status=$?
    report "$name" "Kafka's dump-log of $(basename "$dir")" $status
    [ $status = 0 ] || tail -5 "$work/$name/indexes.txt" | cut -c1-240
  done
  if "$files/verify/open.sh" "$work/$name" "$expected" >"$work/$name/open.txt" 2>&1; then
    against=$work/$name/mine.json reader=$work/verify
    [ $captured = 0 ] || against=$expected reader=$files/verify
    "$reader/verify.sh" "127.0.0.1:$KAFKA_PORT" "$against" >"$work/$name/back.txt" 2>&1
    differences_in "$work/$name/back.txt" "$later" >"$work/$name/differences.txt"
      ! [ -s "$work/$name/differences.txt" ]
    status=$?
    report "$name" "Kafka sees what Gregor left" $status
    [ $status = 0 ] || head -${LINES_MAX:-8} "$work/$name/differences.txt" | cut -c1-240
    "$KAFKA_TOOL" stop "$work/$name" >/dev/null 2>&1
    recovered_nothing "$work/$name/1"
    report "$name" "Kafka recovers nothing" $?
  else
    report "$name" "Kafka opens what Gregor left" 1
    tail -3 "$work/$name/open.txt" | cut -c1-240
  fi
done
[ $failed = 0 ]
