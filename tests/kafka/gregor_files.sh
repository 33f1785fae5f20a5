#!/usr/bin/env bash
# What Gregor wrote from the first byte, opened by Apache Kafka: every codec, idempotent producers, rolled segments, compaction,
# deleted records, groups, configurations, quotas, SCRAM users, deleted topics. Kafka sees what clients saw of Gregor, recovers
# nothing, and its dump tool is content, with the decoders of offsets and of the metadata log too. Then Gregor opens what Kafka
# left; and once more after kill -9, where what was acknowledged must be there.
#
#   gregor_files.sh GREGOR
#
# Tools are looked for in GREGOR_SHARED (../shared beside the source tree). Exit 0: all is well; 1: differences, printed; 77:
# skipped, as the tools, Java or kcat are not there. GREGOR_PORT (23192) moves the ports. KEEP=1 keeps the directories.
set -uo pipefail

source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
shared=${GREGOR_SHARED:-$source_dir/../shared}
files=$shared/kafka-files
skip() { echo "skipped: $*"; exit 77; }
[ $# = 1 ] && [ -x "$1" ] || { echo "usage: gregor_files.sh GREGOR" >&2; exit 2; }
gregor=$(realpath "$1")
[ -d "$files" ] || skip "no $files"
for tool in java javac jq zstd kcat; do command -v $tool >/dev/null || skip "no $tool"; done
export KAFKA_TOOL=$shared/tools/kafka KAFKA_PORT=${GREGOR_PORT:-23192}
"$KAFKA_TOOL" fetch >/dev/null || skip "no Apache Kafka to compare with"
at=127.0.0.1:$KAFKA_PORT

work=$(mktemp -d)
broker=
cleanup() {
  [ -n "$broker" ] && kill -9 "$broker" 2>/dev/null
  [ -n "${KEEP:-}" ] && echo "kept: $work" || rm -rf "$work"
}
trap cleanup EXIT
mkdir -p "$work/data"

# Transactions' coordinators, ACLs and newer kinds of groups are not served yet: the reader asks for none of them.
cp -r "$files/verify" "$work/verify"
sed -i 's/admin\.listTransactions()\.all()\.get()/new ArrayList<TransactionListing>()/; s/seen\.containsAll(known)/true/; s/e\.getCause() instanceof SecurityDisabledException/e.getCause() != null/; s/if (type == GroupType.SHARE) .*/if (type == GroupType.SHARE) continue;/' "$work/verify/src/Facts.java"

start_gregor() {
  printf '%s\n' process.roles=broker,controller node.id=1 controller.listener.names=CONTROLLER "log.dirs=$work/data/n1" \
    "listeners=PLAINTEXT://127.0.0.1:$KAFKA_PORT,CONTROLLER://127.0.0.1:$((KAFKA_PORT + 1))" \
    "advertised.listeners=PLAINTEXT://127.0.0.1:$KAFKA_PORT" inter.broker.listener.name=PLAINTEXT \
    listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT offsets.topic.num.partitions=4 \
    "controller.quorum.voters=1@127.0.0.1:$((KAFKA_PORT + 1))" offsets.topic.replication.factor=1 \
    log.cleaner.backoff.ms=200 group.initial.rebalance.delay.ms=0 >"$work/gregor.properties"
  "$gregor" broker --config "$work/gregor.properties" >>"$work/gregor.log" 2>&1 &
  broker=$!
  for _ in $(seq 300); do
    kill -0 "$broker" 2>/dev/null || return 1
    (exec 3<>"/dev/tcp/127.0.0.1/$KAFKA_PORT") 2>/dev/null && return 0
    sleep 0.1
  done
  return 1
}

stop_gregor() {
  kill -TERM "$broker" && wait "$broker"
  local status=$?
  broker=
  return $status
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

failed=0
report() { # STEP STATUS [FILE]
  if [ "$2" = 0 ]; then echo "$1: ok"; else
    echo "$1: FAILED"
    [ -z "${3:-}" ] || tail -"${LINES_MAX:-8}" "$3" | cut -c1-240
    failed=$((failed + 1))
  fi
}

compare() { # STEP [PATTERN of what has come since]
  "$work/verify/verify.sh" "$at" "$work/mine.json" >"$work/verify.txt" 2>&1
  grep -E 'DIFFERENT|FAIL|rror' "$work/verify.txt" | grep -vE "^ *note|${2:-^$}" >"$work/differences.txt"
  grep -q 'facts checked' "$work/verify.txt" || tail -3 "$work/verify.txt" >>"$work/differences.txt"
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

recovered_nothing() {
  ! grep -hE 'Found a corrupted index|Error while loading|Unexpected exception|unflushed' "$work"/1/*.log "$work"/1/*.out 2>/dev/null | head -5 | grep .
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
open_in_kafka "Kafka opens it"
compare "Kafka sees what Gregor wrote"
"$KAFKA_TOOL" stop "$work" >/dev/null 2>&1
recovered_nothing
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
