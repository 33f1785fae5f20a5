#!/usr/bin/env bash
# Kafka's own command-line tools on three Gregor nodes whose metadata log names its voters (KIP-853): the first begins the
# quorum, the others are added and removed by the tool itself, or join by themselves; topics, moves of replicas, elections,
# settings, features, directories; and Kafka's dump tool on the metadata log and its snapshots.
#
#   cluster_tools.sh GREGOR [PART-OF-A-NAME...]
#
# One line a check, 'ok NAME' or 'FAIL NAME', the tool's last words below; then 'N passed, N failed'. Exit 0: none failed;
# 77: skipped, as Kafka or Java are not there (GREGOR_SHARED, ../shared beside the source tree). GREGOR_PORT (22100) moves
# the ports. KEEP=1 keeps the directories.
set -uo pipefail

source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
[ $# -ge 1 ] && [ -x "$1" ] || { sed -n '2,11s/^# \{0,1\}//p' "$0" >&2; exit 2; }
gregor=$(realpath "$1"); shift
export KAFKA_PORT=${GREGOR_PORT:-22100}
source "$source_dir/tests/kafka/both_ways.sh"
source "$source_dir/tests/kafka/cluster.sh"
begin_checks "$@"
brokers=$(each_of client_of 3)
controllers=$(each_of controller_of 3)

for node in 1 2 3; do
  { common_of_node $node "$work/n$node,$work/n$node-b"
    echo "controller.quorum.bootstrap.servers=$controllers"
    printf '%s\n' broker.session.timeout.ms=60000 metadata.log.max.record.bytes.between.snapshots=2000 offsets.topic.num.partitions=4
  } >"$work/node$node.properties"
done
start_node 1 "$work/node1.properties" --set gregor.initial.standalone=true
start_node 2 "$work/node2.properties"
start_node 3 "$work/node3.properties"
await_nodes 1 2 3 || { echo "FAIL the nodes come up"; tail -n 3 "$work"/node*.log; exit 1; }

directory_of() { sed -n 's/^directory\.id=//p' "$work/n$1/meta.properties"; }
voters() { k metadata-quorum --bootstrap-server "$brokers" describe --status && has "CurrentVoters:.*$1"; }

status_of_one() {
  k metadata-quorum --bootstrap-server "$brokers" describe --status &&
    has '^ClusterId: +[A-Za-z0-9_-]{22}$' '^LeaderId: +1$' '^HighWatermark: +[1-9]' '^MaxFollowerLag: +[0-9]' \
      "^CurrentVoters:.*\"id\": 1, \"directoryId\": \"$(directory_of 1)\"" '^CurrentObservers:.*"id": 2.*"id": 3'
}
add_controller() {
  k metadata-quorum --bootstrap-server "$brokers" --command-config "$work/node$1.properties" add-controller &&
    has "Added controller $1 with directory id $(directory_of "$1")"
}
remove_controller() {
  k metadata-quorum --bootstrap-controller "$controllers" remove-controller --controller-id "$1" \
    --controller-directory-id "$(directory_of "$1")" && has "Removed +KRaft controller $1"
}
votes_anew() { # NODE FORMER-DIRECTORY
  local directory
  directory=$(directory_of "$1" 2>/dev/null)
  [ -n "$directory" ] && [ "$directory" != "$2" ] && voters "\"id\": $1, \"directoryId\": \"$directory\""
}
joins_with_an_empty_disk() { # NODE: its former directory is a voter until it has that removed (KIP-1186)
  local former
  former=$(directory_of "$1")
  stop_nodes "$1" || return 1
  rm -rf "$work/n$1" "$work/n$1-b"
  start_node "$1" "$work/node$1.properties" --set controller.quorum.auto.join.enable=true
  soon votes_anew "$1" "$former"
}
replication() {
  k metadata-quorum --bootstrap-server "$brokers" describe --replication &&
    has '^NodeId\s+DirectoryId\s+LogEndOffset\s+Lag' "^1\s+$(directory_of 1)\s.*(Leader|Follower)" "^2\s+$(directory_of 2)\s" \
      "^3\s+$(directory_of 3)\s" && [ "$(grep -cE '(Leader|Follower)\s*$' "$work/out")" = 3 ]
}
replication_by_controllers() {
  k metadata-quorum --bootstrap-controller "$controllers" describe --replication &&
    has '(Leader|Follower)' && [ "$(grep -cE 'Leader\s*$' "$work/out")" = 1 ]
}
check 'metadata-quorum describe --status of a quorum of one' soon status_of_one
check 'metadata-quorum add-controller 2' soon add_controller 2
check 'metadata-quorum add-controller 3' soon add_controller 3
check 'metadata-quorum describe --status names three voters' soon voters '"id": 1.*"id": 2.*"id": 3'
check 'metadata-quorum describe --replication' soon replication
check 'metadata-quorum describe by controllers' soon replication_by_controllers
check 'metadata-quorum remove-controller 3' soon remove_controller 3
check 'metadata-quorum describe --status names two voters' soon voters '"id": 1.*"id": 2[^0-9].*\]$'
check 'metadata-quorum add-controller 3 again' soon add_controller 3
check 'a controller with an empty disk joins by itself' joins_with_an_empty_disk 3

topics() {
  k topics --bootstrap-server "$brokers" --create --topic moved --partitions 4 --replication-factor 2 &&
    k topics --bootstrap-server "$brokers" --create --topic wide --partitions 3 --replication-factor 3 \
      --config min.insync.replicas=2 &&
    k topics --bootstrap-server "$brokers" --describe --topic wide &&
    has 'ReplicationFactor: 3' 'Partition: 2.*Isr: [0-9],[0-9],[0-9]' &&
    k topics --bootstrap-server "$brokers" --alter --topic wide --partitions 5 &&
    k topics --bootstrap-server "$brokers" --describe --under-replicated-partitions && ! grep -q Topic "$work/out"
}
produced() {
  seq 2000 | timeout 60 "$KAFKA_TOOL" console-producer --bootstrap-server "$brokers" --topic moved >"$work/out" 2>&1 &&
    k get-offsets --bootstrap-server "$brokers" --topic moved &&
    [ "$(awk -F: '/^moved/ {s += $3} END {print s}' "$work/out")" = 2000 ]
}
check 'topics' topics
check 'console-producer' produced

plan() { # REPLICAS of each of the four partitions
  local i text=
  for i in 0 1 2 3; do text+=${text:+,}"{\"topic\":\"moved\",\"partition\":$i,\"replicas\":[$1]}"; done
  echo "{\"version\":1,\"partitions\":[$text]}" >"$work/plan.json"
}
execute() { k reassign-partitions --bootstrap-server "$brokers" --execute --reassignment-json-file "$work/plan.json" "$@" && has 'Successfully started'; }
verified() {
  k reassign-partitions --bootstrap-server "$brokers" --verify --reassignment-json-file "$work/plan.json" &&
    [ "$(grep -c 'Reassignment of partition moved-[0-3] is completed' "$work/out")" = 4 ]
}
moved_to() {
  k topics --bootstrap-server "$brokers" --describe --topic moved && [ "$(grep -cE "Replicas: $1[[:space:]].*Isr: ([0-9],?){2}[[:space:]]" "$work/out")" = 4 ]
}
kept() {
  timeout 60 "$KAFKA_TOOL" console-consumer --bootstrap-server "$brokers" --topic moved --from-beginning --max-messages 2000 \
    --timeout-ms 30000 >"$work/values" 2>"$work/out"
  [ "$(sort -n "$work/values" | uniq | wc -l)" = 2000 ]
}
cancel() {
  # A target that hears nothing is never reached, so that there is something to cancel. Nor does it hear that its throttles
  # are to go, for which the tool would wait in vain: they are left as they are. Nor does it say that it does not answer: a tool
  # that begins with it waits for half a minute, and gives up the second time.
  local brokers
  brokers=$(client_of 1),$(client_of 2)
  kill -STOP "${pids[3]}"
  plan 1,3 && execute && k reassign-partitions --bootstrap-server "$brokers" --list && has 'moved-0: replicas' &&
    k reassign-partitions --bootstrap-server "$brokers" --cancel --preserve-throttles --reassignment-json-file "$work/plan.json" &&
    has 'Successfully cancelled' && k reassign-partitions --bootstrap-server "$brokers" --list && has 'No partition reassignments found'
}
cancel_what_is_done() { # what is asked for stands already, or will before the tool is back
  plan 1,2 && execute && soon verified && k reassign-partitions --bootstrap-server "$brokers" --cancel --reassignment-json-file "$work/plan.json" &&
    has 'None of the specified partition moves are active' 'Clearing broker-level throttles on brokers 1,2,3' 'Clearing topic-level throttles on topic moved'
}
plan 2,3
check 'reassign-partitions --execute' execute
check 'reassign-partitions --verify' soon verified
check 'reassign-partitions: the replicas are where they were sent' soon moved_to '2,3'
check 'reassign-partitions: nothing is lost' kept
plan 1,2
check 'reassign-partitions --execute back' execute
check 'reassign-partitions --verify back' soon verified
check 'reassign-partitions --cancel' cancel
kill -CONT "${pids[3]}"
check 'reassign-partitions --cancel of what is done' cancel_what_is_done

plan_in() { # REPLICA:DIRECTORY REPLICA:DIRECTORY, of each of the four partitions
  local i text= place="\"replicas\":[${1%%:*},${2%%:*}],\"log_dirs\":[\"${1#*:}\",\"${2#*:}\"]"
  for i in 0 1 2 3; do text+=${text:+,}"{\"topic\":\"moved\",\"partition\":$i,$place}"; done
  echo "{\"version\":1,\"partitions\":[$text]}" >"$work/plan.json"
}
execute_in() { execute --timeout 60000 && has 'Successfully started moving log directory to'; }
verified_in() {
  verified && [ "$(grep -cE 'Reassignment of replica moved-[0-3]-[0-9] completed successfully' "$work/out")" = 8 ]
}
lies_in() { # DIRECTORY...: each has all four partitions, and nothing of them is on its way
  local directory
  k log-dirs --bootstrap-server "$brokers" --describe --topic-list moved && ! grep -q '"isFuture":true' "$work/out" || return 1
  for directory in "$@"; do
    [ "$(grep -oE "\"partitions\":\[[^]]*\],\"error\":null,\"logDir\":\"$directory\"" "$work/out" | grep -o '"partition":"moved-' | wc -l)" = 4 ] || return 1
  done
}
plan_in "1:$work/n1-b" "2:$work/n2"
check 'reassign-partitions --execute between log directories' execute_in
check 'reassign-partitions --verify between log directories' soon verified_in
check 'log-dirs: the logs are where they were sent' soon lies_in "$work/n1-b" "$work/n2"
plan_in "1:$work/n1" "3:$work/n3-b"
check 'reassign-partitions --execute of new replicas into a log directory' execute_in
check 'reassign-partitions --verify of new replicas in a log directory' soon verified_in
check 'log-dirs: the new replicas are where they were sent' soon lies_in "$work/n1" "$work/n3-b"
check 'reassign-partitions between log directories: nothing is lost' kept
plan 1,2
check 'reassign-partitions --execute back to brokers 1 and 2' execute
check 'reassign-partitions --verify back to brokers 1 and 2' soon verified

preferred() {
  k leader-election --bootstrap-server "$brokers" --election-type preferred --all-topic-partitions &&
    k topics --bootstrap-server "$brokers" --describe --topic moved && [ "$(grep -cE 'Leader: 1[[:space:]]' "$work/out")" = 4 ]
}
check 'leader-election' soon preferred

configs() {
  k configs --bootstrap-server "$brokers" --alter --entity-type topics --entity-name wide --add-config retention.ms=3600000 &&
    k configs --bootstrap-server "$brokers" --describe --entity-type topics --entity-name wide && has 'retention.ms=3600000' &&
    k configs --bootstrap-server "$brokers" --alter --entity-type brokers --entity-default --add-config log.cleaner.threads=2 &&
    k configs --bootstrap-server "$brokers" --describe --entity-type brokers --entity-default && has 'log.cleaner.threads=2'
}
configs_by_controllers() {
  k configs --bootstrap-controller "$controllers" --alter --entity-type brokers --entity-default --add-config log.cleaner.threads=3 &&
    k configs --bootstrap-controller "$controllers" --describe --entity-type brokers --entity-default && has 'log.cleaner.threads=3'
}
features() {
  k features --bootstrap-server "$brokers" describe && has 'Feature: metadata.version.*FinalizedVersionLevel: 4.3' 'Feature: kraft.version.*FinalizedVersionLevel: 1'
}
features_by_controllers() { k features --bootstrap-controller "$controllers" describe && has 'Feature: metadata.version'; }
cluster() {
  k cluster cluster-id --bootstrap-server "$brokers" && has '^Cluster ID: ' &&
    k cluster list-endpoints --bootstrap-server "$brokers" && [ "$(grep -c 127.0.0.1 "$work/out")" = 3 ] &&
    k cluster list-endpoints --bootstrap-controller "$controllers" && [ "$(grep -c 127.0.0.1 "$work/out")" = 3 ]
}
log_dirs() {
  k log-dirs --bootstrap-server "$brokers" --describe --topic-list moved &&
    has '"partition":"moved-0"' "\"logDir\":\"$work/n1\"" "\"logDir\":\"$work/n2-b\""
}
check 'configs' configs
check 'configs by controllers' configs_by_controllers
check 'features' features
check 'features by controllers' features_by_controllers
check 'cluster' soon cluster
check 'log-dirs' log_dirs

stop_nodes 3 2 1
check 'the nodes stop cleanly' [ $? = 0 ]
log_is_read() {
  k dump-log --cluster-metadata-decoder --files "$(ls "$work"/n1/__cluster_metadata-0/*.log | tail -1)" &&
    has 'isvalid: true' '"type":"(PARTITION|TOPIC|PARTITION_CHANGE)_' && ! grep -Eiq 'exception|could not|isvalid: false' "$work/out"
}
snapshot_is_read() {
  k dump-log --cluster-metadata-decoder --files "$(ls "$work"/n1/__cluster_metadata-0/*.checkpoint | tail -1)" &&
    has 'SnapshotHeader' 'KRaftVoters' '"type":"FEATURE_LEVEL_RECORD"' '"type":"REGISTER_CONTROLLER_RECORD"' 'SnapshotFooter' &&
    ! grep -Eiq 'exception|could not' "$work/out"
}
indexes_are_sane() { # of the metadata log and of a partition that was led and followed
  local files
  files=$(find "$work"/n1/__cluster_metadata-0 "$work"/n1/moved-* "$work"/n1-b/moved-* -name '*index' 2>/dev/null | paste -sd, -)
  [ -n "$files" ] && k dump-log --index-sanity-check --files "$files" && has 'passed sanity check' &&
    ! grep -Eiq 'exception|could not|fail' "$work/out"
}
check 'dump-log of the metadata log' log_is_read
check 'dump-log --index-sanity-check' indexes_are_sane
check 'dump-log of its newest snapshot' snapshot_is_read

end_checks
