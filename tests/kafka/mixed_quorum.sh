#!/usr/bin/env bash
# Apache Kafka's own controller in a quorum of Gregor's: it joins by itself (KIP-1186), votes, comes to lead Gregor's brokers,
# and gives the lead back.
#
#   mixed_quorum.sh GREGOR [PART-OF-A-NAME...]
#
# One line a check, as cluster_tools.sh. Exit 0: none failed; 77: skipped, as Kafka or Java are not there (GREGOR_SHARED,
# ../shared beside the source tree). GREGOR_PORT (22300) moves the ports. KEEP=1 keeps the directories.
set -uo pipefail

source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
[ $# -ge 1 ] && [ -x "$1" ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }
gregor=$(realpath "$1"); shift
export KAFKA_PORT=${GREGOR_PORT:-22300}
source "$source_dir/tests/kafka/both_ways.sh"
source "$source_dir/tests/kafka/cluster.sh"
begin_checks "$@"
brokers=$(client_of 1),$(client_of 3)

# Nodes 1 and 3 are Gregor's, brokers and controllers; node 2 is Kafka's, a controller alone.
quorum_settings() {
  printf '%s\n' "controller.quorum.bootstrap.servers=$(each_of controller_of 3)" controller.quorum.auto.join.enable=true
}
for node in 1 3; do { common_of_node $node "$work/n$node"; quorum_settings; } >"$work/node$node.properties"; done
{ printf '%s\n' process.roles=controller node.id=2 controller.listener.names=CONTROLLER "log.dirs=$work/n2" \
    "listeners=CONTROLLER://$(controller_of 2)" "advertised.listeners=CONTROLLER://$(controller_of 2)" \
    listener.security.protocol.map=CONTROLLER:PLAINTEXT
  quorum_settings
} >"$work/node2.properties"

directory_of() { sed -n 's/^directory\.id=//p' "$work/n$1/meta.properties"; }
start_kafka() {
  java -Xmx512m -cp "$("$KAFKA_TOOL" fetch)/*" kafka.Kafka "$work/node2.properties" >>"$work/node2.log" 2>&1 &
  pids[2]=$!
}
status() { k metadata-quorum --bootstrap-server "$brokers" describe --status && has "$@"; }
led_by() { status "^LeaderId: +($1)$"; }
all_vote() {
  status "\"id\": 1, \"directoryId\": \"$(directory_of 1)\"" "\"id\": 2, \"directoryId\": \"$(directory_of 2)\"" \
    "\"id\": 3, \"directoryId\": \"$(directory_of 3)\"" '^CurrentObservers: +\[\]'
}
all_follow() { k metadata-quorum --bootstrap-server "$brokers" describe --replication && [ "$(grep -cE '\s0\s.*(Leader|Follower)\s*$' "$work/out")" = 3 ]; }
# Whichever of Gregor's leads is killed until Kafka does.
kafka_comes_to_lead() {
  local i leader
  for i in 1 2 3 4 5 6; do
    soon led_by '[123]' || return 1
    leader=$(sed -n 's/^LeaderId: *//p' "$work/out")
    [ "$leader" = 2 ] && return 0
    kill -9 "${pids[$leader]}"
    wait "${pids[$leader]}" 2>/dev/null
    sleep 3
    start_node "$leader" "$work/node$leader.properties"
    soon all_follow || return 1
  done
  return 1
}
topic_is_made() { # NAME
  k topics --bootstrap-server "$brokers" --create --topic "$1" --partitions 2 --replication-factor 2 --config min.insync.replicas=2 &&
    k topics --bootstrap-server "$brokers" --describe --topic "$1" && has 'Partition: 1.*Isr: [13],[13]'
}
produced() { # NAME: a thousand records, acknowledged by all in sync
  seq 1000 | timeout 60 "$KAFKA_TOOL" console-producer --bootstrap-server "$brokers" --topic "$1" --producer-property acks=all >"$work/out" 2>&1 &&
    [ "$(timeout 60 "$KAFKA_TOOL" console-consumer --bootstrap-server "$brokers" --topic "$1" --from-beginning --timeout-ms 8000 2>"$work/out" | sort -n | uniq | wc -l)" = 1000 ]
}
altered() { k configs --bootstrap-server "$brokers" --alter --entity-type topics --entity-name "$1" --add-config retention.ms=86400000 &&
  k configs --bootstrap-server "$brokers" --describe --entity-type topics --entity-name "$1" && has 'retention.ms=86400000'; }

start_node 1 "$work/node1.properties" --set gregor.initial.standalone=true
start_node 3 "$work/node3.properties"
await_nodes 1 3 || { echo "FAIL the nodes come up"; tail -n 3 "$work"/node*.log; exit 1; }
cluster=$(sed -n 's/^cluster\.id=//p' "$work/n1/meta.properties")
check 'Kafka formats a directory for the cluster' k storage format --cluster-id "$cluster" --config "$work/node2.properties" --no-initial-controllers
start_kafka
check "Kafka's controller joins the voters by itself" soon all_vote
check 'a topic under Gregor' soon topic_is_made first
check 'records' produced first
check "Kafka's controller comes to lead" kafka_comes_to_lead
check 'a topic under Kafka' soon topic_is_made second
check "records, under Kafka's controller" produced second
check "a setting, under Kafka's controller" altered second
stop_nodes 2
check 'Gregor leads again' soon led_by '[13]'
check "what Kafka's controller decided is still there" altered second
check 'a topic under Gregor again' soon topic_is_made third
start_kafka
check "Kafka's controller comes back" soon all_follow
stop_nodes 3 1
check 'the nodes stop cleanly' [ $? = 0 ]

end_checks
