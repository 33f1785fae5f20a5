#!/usr/bin/env bash
# The data directories of three Apache Kafka nodes (the case cluster3) opened by three Gregor nodes: stock clients see what
# they saw of Kafka.
#
#   cluster_files.sh GREGOR
#
# Exit 0: no difference; 1: differences, printed; 77: skipped, as the case or Java is not there (GREGOR_SHARED, ../shared
# beside the source tree). GREGOR_PORT (22200) moves the ports. KEEP=1 keeps the directories.
set -uo pipefail

source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
[ $# -ge 1 ] && [ -x "$1" ] || { echo "usage: cluster_files.sh GREGOR" >&2; exit 2; }
gregor=$(realpath "$1")
export KAFKA_PORT=${GREGOR_PORT:-22200}
source "$source_dir/tests/kafka/both_ways.sh"
source "$source_dir/tests/kafka/cluster.sh"
need java javac jq zstd
make_work
trap cleanup_nodes EXIT
expected=$files/cluster3/expected.json
# What the reader then misses of what is not served yet is counted apart.
later='DIFFERENT /?(transactions|acls|groups/(consumer|converted|share|streams-group))'

report() { # STEP STATUS
  if [ "$2" = 0 ]; then echo "cluster3: $1: ok"; else echo "cluster3: $1: FAILED"; failed=$((failed + 1)); fi
}

tar -C "$work" -xf "$files/cluster3/data.tar.zst" --zstd
for node in 1 2 3; do
  { common_of_node $node "$work/data/n$node"
    echo "controller.quorum.voters=$(each_of voter_of 3)"
    jq -r '.settings // {} | to_entries[] | "\(.key)=\(.value)"' "$expected"
  } >"$work/node$node.properties"
  start_node $node "$work/node$node.properties" --tolerate-unknown-config
done
await_nodes 1 2 3
report "Gregor opens it" $?
[ $failed = 0 ] || { tail -n 3 "$work"/node*.log | cut -c1-240; exit 1; }
"$work/verify/verify.sh" "$(each_of client_of 3)" "$expected" >"$work/verify.txt" 2>&1
differences_in "$work/verify.txt" "$later" >"$work/differences.txt"
! [ -s "$work/differences.txt" ]
status=$?
report "clients see through Gregor what they saw of Kafka" $status
[ $status = 0 ] || head -"${LINES_MAX:-8}" "$work/differences.txt" | cut -c1-240
echo "cluster3: $(grep -cE "$later" "$work/verify.txt") differences need what is not served yet"
stop_nodes 3 2 1
report "a clean stop" $?
for node in 1 2 3; do
  "$files/verify/check-indexes.sh" "$work/data/n$node" >"$work/indexes.txt" 2>&1
  status=$?
  report "Kafka's dump-log of n$node" $status
  [ $status = 0 ] || tail -5 "$work/indexes.txt" | cut -c1-240
done
[ $failed = 0 ]
