#!/usr/bin/env bash
# What clients.sh and the scripted conversations show of one node, on a cluster.
#
#   cluster_clients.sh GREGOR [conformance | PROGRAM ...]
#
# PROGRAM: as of clients.sh, against three nodes and three replicas. conformance: the conversations are written for one node
# that leads everything, so they are held with the only broker beside three controllers (whatever a controller decides goes
# to another node, and comes back as metadata), and what fails there must be what fails with one node. Default: all.
# Exit 0: no failure without an excuse, no difference; 1: else; 77: skipped. GREGOR_PORT (23392). KEEP=1 keeps logs and data.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tools=${GREGOR_SHARED:-$here/../../../shared}/tools
[ $# -ge 1 ] && [ -x "$1" ] || { echo "usage: cluster_clients.sh GREGOR [conformance | PROGRAM ...]" >&2; exit 2; }
gregor=$(realpath "$1"); shift
port=${GREGOR_PORT:-23392}
[ -x "$tools/conformance/conformance" ] || { echo "skipped: no $tools/conformance"; exit 77; }

# A leader of the metadata quorum that is another node is no difference; an error in its place is one.
natural='^FAIL admin/quorum DescribeQuorum@[0-9] [^ ]*/leaderId:'
work=$(mktemp -d)
pids=()
end_nodes() {
  [ ${#pids[@]} -eq 0 ] || { kill "${pids[@]}" && wait "${pids[@]}"; } 2>/dev/null
  pids=()
}
cleanup() {
  end_nodes
  [ -n "${KEEP:-}" ] && echo "kept: $work" || rm -rf "$work"
}
trap cleanup EXIT

start() { # NAME SETTING...
  local name=$1 setting options=()
  shift
  for setting in "$@"; do options+=(--set "$setting"); done
  "$gregor" broker --data-dir "$work/$name" "${options[@]}" >"$work/$name.log" 2>&1 &
  pids+=($!)
}

converse() { # NAME: with the broker of that name, on $port; its failures to NAME.failed
  for _ in $(seq 300); do
    grep -q broker.ready "$work/$1.log" && break
    sleep 0.1
  done
  grep -q broker.ready "$work/$1.log" || { echo "$1 did not start:"; tail -3 "$work/$1.log"; return 1; }
  "$tools/conformance/conformance" run --bootstrap "127.0.0.1:$port" >"$work/$1.txt" 2>&1
  grep -Ev "$natural" "$work/$1.txt" | sed -n 's/^FAIL \([^ ]* [^ ]*\).*/\1/p' | sort >"$work/$1.failed"
  echo "conformance, $1: $(tail -1 "$work/$1.txt")"
  grep -Eq '^[1-9][0-9]* passed' "$work/$1.txt"
}

conformance() {
  local voters="1@127.0.0.1:$((port + 1)),2@127.0.0.1:$((port + 2)),3@127.0.0.1:$((port + 3))" node
  start one-node "listeners=PLAINTEXT://127.0.0.1:$port"
  converse one-node || return 1
  end_nodes
  for node in 1 2 3; do
    start "controller-$node" node.id=$node process.roles=controller controller.listener.names=CONTROLLER \
      "listeners=CONTROLLER://127.0.0.1:$((port + node))" "controller.quorum.voters=$voters" gregor.initial.cluster=4L6g3nShT-eMCtK--X86sw
  done
  start broker-beside-controllers node.id=4 process.roles=broker controller.listener.names=CONTROLLER \
    "listeners=PLAINTEXT://127.0.0.1:$port" "controller.quorum.voters=$voters"
  converse broker-beside-controllers || return 1
  end_nodes
  comm -13 "$work/one-node.failed" "$work/broker-beside-controllers.failed" >"$work/differences"
  sed 's/^/  FAIL   only with controllers elsewhere: /' "$work/differences"
  ! [ -s "$work/differences" ]
}

programs=("$@")
status=0
if [ ${#programs[@]} -eq 0 ] || [ "${programs[0]}" = conformance ]; then
  conformance || status=1
  [ ${#programs[@]} -gt 0 ] && programs=("${programs[@]:1}") && [ ${#programs[@]} -eq 0 ] && exit $status
fi
GREGOR_NODES=3 GREGOR_PORT=$((port + 10)) "$here/clients.sh" "$gregor" ${programs[@]+"${programs[@]}"} || status=$?
exit $status
