# Three or more Gregor processes on loopback, for scripts that let Kafka's tools look at a cluster. To be sourced behind
# both_ways.sh, which sets `work`; wants `gregor` and KAFKA_PORT. Node n serves clients on KAFKA_PORT+10(n-1), controllers
# on the port behind.
pids=()

client_port() { echo $((KAFKA_PORT + 10 * ($1 - 1))); }
controller_port() { echo $(($(client_port "$1") + 1)); }

each_of() { # FUNCTION COUNT: its words for nodes 1 to COUNT, comma separated
  local i text=
  for i in $(seq "$2"); do text+=${text:+,}$("$1" "$i"); done
  echo "$text"
}
client_of() { echo "127.0.0.1:$(client_port "$1")"; }
controller_of() { echo "127.0.0.1:$(controller_port "$1")"; }
voter_of() { echo "$1@127.0.0.1:$(controller_port "$1")"; }

common_of_node() { # NODE LOG-DIRS
  printf '%s\n' process.roles=broker,controller "node.id=$1" controller.listener.names=CONTROLLER "log.dirs=$2" \
    "listeners=PLAINTEXT://$(client_of "$1"),CONTROLLER://$(controller_of "$1")" \
    "advertised.listeners=PLAINTEXT://$(client_of "$1"),CONTROLLER://$(controller_of "$1")" \
    inter.broker.listener.name=PLAINTEXT listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
}

start_node() { # NODE PROPERTIES-FILE [BROKER-OPTION...]
  local node=$1 properties=$2
  shift 2
  "$gregor" broker --config "$properties" "$@" >>"$work/node$node.log" 2>&1 &
  pids[$node]=$!
}

await_nodes() { # NODE...: until they have said that they are ready
  local node i
  for node in "$@"; do
    for i in $(seq 600); do
      grep -q 'broker.ready' "$work/node$node.log" 2>/dev/null && continue 2
      kill -0 "${pids[$node]}" 2>/dev/null || return 1
      sleep 0.1
    done
    return 1
  done
}

stop_nodes() { # NODE...: cleanly, one after the other
  local node status=0
  for node in "$@"; do
    [ -n "${pids[$node]:-}" ] || continue
    kill -TERM "${pids[$node]}" && wait "${pids[$node]}" || status=1
    unset "pids[$node]"
  done
  return $status
}

cleanup_nodes() {
  local node
  for node in "${!pids[@]}"; do kill -9 "${pids[$node]}" 2>/dev/null; wait "${pids[$node]}" 2>/dev/null; done
  cleanup
}

# Kafka's tools at work on such a cluster: begin_checks, check ..., end_checks.
begin_checks() { # PART-OF-A-NAME...: the checks that are run; none: all
  wanted=("$@")
  passed=0
  need java
  work=$(mktemp -d)
  trap cleanup_nodes EXIT
}
k() { timeout 120 "$KAFKA_TOOL" "$@" >"$work/out" 2>&1; }
has() { # PATTERN...: the last output has a line for each
  local pattern
  for pattern in "$@"; do grep -Eq -- "$pattern" "$work/out" || { echo "no line like: $pattern" >>"$work/out"; return 1; }; done
}
soon() { # COMMAND...: within a minute
  local end=$((SECONDS + 60))
  until "$@"; do [ $SECONDS -lt $end ] || return 1; sleep 0.5; done
}
check() { # NAME COMMAND...
  local name=$1 part
  shift
  for part in ${wanted[@]+"${wanted[@]}"}; do [[ $name == *$part* ]] && break; part=; done
  [ ${#wanted[@]} -gt 0 ] && [ -z "${part:-}" ] && return
  if "$@"; then
    echo "ok $name"; passed=$((passed + 1))
  else
    echo "FAIL $name"; failed=$((failed + 1))
    grep -v '^[[:space:]]*at ' "$work/out" | tail -4 | cut -c1-240 | sed 's/^/    /'
  fi
}
end_checks() { echo "$passed passed, $failed failed"; [ $failed = 0 ]; }
