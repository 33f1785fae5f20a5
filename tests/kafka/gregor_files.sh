#!/usr/bin/env bash
# What Gregor wrote from the first byte, opened by Apache Kafka: every codec, idempotent producers, rolled segments, compaction,
# deleted records, groups, configurations, quotas, SCRAM users, deleted topics, snapshots of the metadata. Kafka sees what clients saw of Gregor, recovers
# nothing, and its dump tool is content, with the decoders of offsets and of the metadata log too. Then Gregor opens what Kafka
# left; and once more after kill -9, where what was acknowledged must be there.
#
#   gregor_files.sh GREGOR
#
# Tools are looked for in GREGOR_SHARED (../shared beside the source tree). Exit 0: all is well; 1: differences, printed; 77:
# skipped, as the tools, Java or kcat are not there. GREGOR_PORT (23192) moves the ports. KEEP=1 keeps the directories.
set -uo pipefail

source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
[ $# = 1 ] && [ -x "$1" ] || { echo "usage: gregor_files.sh GREGOR" >&2; exit 2; }
gregor=$(realpath "$1")
export KAFKA_PORT=${GREGOR_PORT:-23192}
source "$source_dir/tests/kafka/both_ways.sh"
need java javac jq zstd kcat
at=127.0.0.1:$KAFKA_PORT
make_work
mkdir -p "$work/data"

start_gregor() {
  { common_settings "$work/data/n1"
    printf '%s\n' offsets.topic.num.partitions=4 "controller.quorum.voters=1@127.0.0.1:$((KAFKA_PORT + 1))" \
      log.cleaner.backoff.ms=200 group.initial.rebalance.delay.ms=0 metadata.log.max.record.bytes.between.snapshots=500 \
      internal.metadata.log.segment.bytes=8192 metadata.max.retention.bytes=1000
  } >"$work/gregor.properties"
  run_gregor "$work/gregor.log" --config "$work/gregor.properties"
}

topic() { # NAME PARTITIONS SETTING...
  local name=$1 partitions=$2 set=() setting
  shift 2
  for setting in "$@"; do set+=(--set "$setting"); done
  "$gregor" topic create "$name" -p "$partitions" -b "$at" "${set[@]}" >/dev/null
}

send() { # TOPIC LINES KCAT-OPTION...
  local to=$1 lines=$2
  shift 2
  seq "$lines" | awk '{ printf "key-%d:value %d %s\n", $1 % 97, $1, substr("some text to be pressed, more or less, by a codec", 1, $1 % 49) }' |
    kcat -b "$at" -P -t "$to" -K: "$@" 2>>"$work/kcat.txt"
}

# Twice, so that segments roll by their age in between.
load_rolling() {
  local codec
  for codec in none gzip snappy lz4 zstd; do
    send "codec-$codec" 10000 -z $codec -X batch.num.messages=500 -H "name=value" || return 1
  done
  send idempotent 10000 -X enable.idempotence=true && send compacted 10000 -z lz4 && send cut 5000
}

load() {
  local codec group
  for codec in none gzip snappy lz4 zstd; do
    topic "codec-$codec" 3 segment.ms=1000 retention.ms=-1 || return 1
  done
  topic idempotent 3 segment.ms=1000 retention.ms=-1 && topic cut 1 retention.ms=-1 segment.ms=1000 || return 1
  topic compacted 1 cleanup.policy=compact segment.ms=1000 min.cleanable.dirty.ratio=0.01 || return 1
  load_rolling && sleep 1.2 && load_rolling || return 1
  topic stamped 1 message.timestamp.type=LogAppendTime retention.ms=-1 && send stamped 2000 || return 1
  echo '{"partitions":[{"topic":"cut","partition":0,"offset":5234}],"version":1}' >"$work/cut.json"
  "$KAFKA_TOOL" delete-records --bootstrap-server "$at" --offset-json-file "$work/cut.json" >>"$work/tools.txt" 2>&1 || return 1
  topic gone 2 && send gone 100 && "$gregor" topic delete gone -b "$at" >/dev/null || return 1
  "$gregor" topic alter stamped --set max.message.bytes=500000 -b "$at" >/dev/null || return 1
  local bytes # more metadata than two of its segments hold
  for bytes in $(seq 500001 500200); do
    "$gregor" topic alter stamped --set max.message.bytes=$bytes -b "$at" >/dev/null || return 1
  done
  "$gregor" topic alter idempotent -p 5 -b "$at" >/dev/null || return 1
  for group in readers others; do
    "$gregor" consume codec-zstd --group $group -b "$at" >/dev/null || return 1
  done
  "$gregor" group delete others -b "$at" >/dev/null || return 1
  "$KAFKA_TOOL" configs --bootstrap-server "$at" --alter --entity-type users --entity-name ann --add-config \
    'SCRAM-SHA-256=[iterations=4096,password=ann-secret]' >>"$work/tools.txt" 2>&1 || return 1
  "$KAFKA_TOOL" configs --bootstrap-server "$at" --alter --entity-type users --entity-name ann --add-config \
    producer_byte_rate=1048576 >>"$work/tools.txt" 2>&1
}

report() { # STEP STATUS [FILE]
  if [ "$2" = 0 ]; then echo "$1: ok"; else
    echo "$1: FAILED"
    [ -z "${3:-}" ] || tail -"${LINES_MAX:-8}" "$3" | cut -c1-240
    failed=$((failed + 1))
  fi
}

compare() { # STEP [PATTERN of what has come since]
  "$work/verify/verify.sh" "$at" "$work/mine.json" >"$work/verify.txt" 2>&1
  differences_in "$work/verify.txt" "${2:-^$}" >"$work/differences.txt"
  [ ! -s "$work/differences.txt" ]
  report "$1" $? "$work/differences.txt"
}

decode() { # OPTION FILE...: Kafka's dump tool with a decoder
  local option=$1 file
  shift
  for file in "$@"; do
    "$KAFKA_TOOL" dump-log $option --files "$file" >"$work/decoded.txt" 2>&1 || return 1
    ! grep -nEi 'exception|failed|mismatch|invalid|isvalid: false|corrupt|could not' "$work/decoded.txt" || return 1
  done
}

open_in_kafka() { # STEP
  "$files/verify/open.sh" "$work" >"$work/open.txt" 2>&1
  report "$1" $? "$work/open.txt"
}

start_gregor && load
report "Gregor takes the load" $? "$work/tools.txt"
[ $failed = 0 ] || exit 1
sleep 5 # a few rounds of the cleaner
"$work/verify/capture.sh" "$at" "$work/mine.json" >"$work/capture.txt" 2>&1
report "clients see it" $? "$work/capture.txt"
stop_gregor
report "a clean stop" $? "$work/gregor.log"
"$files/verify/check-indexes.sh" "$work/data/n1" >"$work/indexes.txt" 2>&1
report "Kafka's dump-log of segments, indexes and snapshots" $? "$work/indexes.txt"
decode --offsets-decoder "$work"/data/n1/__consumer_offsets-*/*.log
report "Kafka's dump-log --offsets-decoder" $? "$work/decoded.txt"
decode --cluster-metadata-decoder "$work"/data/n1/__cluster_metadata-0/*.log
report "Kafka's dump-log --cluster-metadata-decoder" $? "$work/decoded.txt"
metadata=$work/data/n1/__cluster_metadata-0
ls "$metadata"/*.checkpoint >/dev/null 2>&1 && [ ! -e "$metadata/00000000000000000000.log" ]
report "snapshots were taken and the metadata log was trimmed" $?
decode --cluster-metadata-decoder "$metadata"/*.checkpoint
report "Kafka's dump-log of metadata snapshots" $? "$work/decoded.txt"
open_in_kafka "Kafka opens it"
compare "Kafka sees what Gregor wrote"
"$KAFKA_TOOL" stop "$work" >/dev/null 2>&1
recovered_nothing "$work/1"
report "Kafka recovers nothing" $?

start_gregor
report "Gregor opens what Kafka left" $? "$work/gregor.log"
compare "Gregor sees the same"
topic killed 2 && send killed 20000 -X enable.idempotence=true
report "records are acknowledged before a kill -9" $? "$work/kcat.txt"
kill -9 "$broker" && wait "$broker" 2>/dev/null
broker=
open_in_kafka "Kafka opens what is left"
ends=$("$KAFKA_TOOL" get-offsets --bootstrap-server "$at" --topic killed 2>/dev/null | awk -F: '{ sum += $NF } END { print sum }')
[ "$ends" = 20000 ] || echo "20000 were acknowledged, $ends are there"
[ "$ends" = 20000 ]
report "Kafka has all that was acknowledged" $?
compare "Kafka sees what was there before" '/topics/killed:|/logDirs/'
"$KAFKA_TOOL" stop "$work" >/dev/null 2>&1
[ $failed = 0 ]
