# Shared by the scripts that open data directories in Gregor and in Apache Kafka by turns. To be sourced by a script that has
# set `source_dir` and KAFKA_PORT's default; sets `shared`, `files`, `work`, and the reader of facts in $work/verify.

shared=${GREGOR_SHARED:-$source_dir/../shared}
files=$shared/kafka-files
broker=
failed=0

skip() { echo "skipped: $*"; exit 77; }

need() { # TOOL...
  local tool
  [ -d "$files" ] || skip "no $files"
  for tool in "$@"; do command -v "$tool" >/dev/null || skip "no $tool"; done
  export KAFKA_TOOL=$shared/tools/kafka
  "$KAFKA_TOOL" fetch >/dev/null || skip "no Apache Kafka to compare with"
}

cleanup() {
  [ -n "$broker" ] && kill -9 "$broker" 2>/dev/null
  [ -n "${KEEP:-}" ] && echo "kept: $work" || rm -rf "$work"
}

# Transactions' coordinators, ACLs and newer kinds of groups are not served yet: the reader asks for none of them.
make_work() {
  work=$(mktemp -d)
  trap cleanup EXIT
  cp -r "$files/verify" "$work/verify"
  sed -i 's/admin\.listTransactions()\.all()\.get()/new ArrayList<TransactionListing>()/; s/seen\.containsAll(known)/true/; s/e\.getCause() instanceof SecurityDisabledException/e.getCause() != null/; s/if (type == GroupType.SHARE) .*/if (type == GroupType.SHARE) continue;/' "$work/verify/src/Facts.java"
}

# What every node of these scripts is told.
common_settings() { # LOG-DIRS
  printf '%s\n' process.roles=broker,controller node.id=1 controller.listener.names=CONTROLLER "log.dirs=$1" \
    "listeners=PLAINTEXT://127.0.0.1:$KAFKA_PORT,CONTROLLER://127.0.0.1:$((KAFKA_PORT + 1))" \
    "advertised.listeners=PLAINTEXT://127.0.0.1:$KAFKA_PORT" inter.broker.listener.name=PLAINTEXT \
    listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT offsets.topic.replication.factor=1
}

run_gregor() { # LOG BROKER-OPTION...: until it takes connections
  local log=$1
  shift
  "$gregor" broker "$@" >>"$log" 2>&1 &
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

# What a reader of facts found different, but for lines of `pattern`.
differences_in() { # OUTPUT PATTERN
  grep -vE "$2|^ *note" "$1" | grep -E 'DIFFERENT|FAIL|rror'
  grep -q 'facts checked' "$1" || { echo "FAIL nothing was compared"; tail -3 "$1"; }
}

recovered_nothing() { # FOLDER of Kafka's logs
  ! grep -hE 'Found a corrupted index|Error while loading|Unexpected exception|unflushed' "$1"/*.log "$1"/*.out 2>/dev/null | head -5 | grep .
}
