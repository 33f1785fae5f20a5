#!/usr/bin/env python3
"""Three real brokers under idempotent acks=all load from librdkafka, killed, rolled, paused and cut off, while a reader reads along;
then all is read back and judged by `gregor judge`, as simulated runs are.

    cluster_kill_loop.py GREGOR [--kills 50] [--rolls 1] [--pauses 0] [--cuts 0] [--rate 3000] [--seed 1] [--port 21200]
                         [--client usual|quick] [--rest 0] [--kafka TOOL [--kafka-kills N]] [--cross-check] [--keep]

--kills N   kill -9 of a random broker N times; it is started again after 1 to 3 s, and the next kill waits until all replicas are
            in sync. --rolls N: SIGTERM and restart of each broker in turn, N times. --pauses N: SIGSTOP of a random broker, 1 to 15 s.
            --cuts N: the brokers live in network namespaces (root), and the link of a random one is cut for 1 to 15 s.
--client    usual: librdkafka's own defaults (idempotence, no message timeout); quick: short backoffs. The defaults dial a broker
            that was down again after up to 15 s only (reconnect.backoff.max.ms): who falls that soon after it came back is not
            missed by brokers but by the client. --rest S: seconds of peace after each restart, for such a client.
--kafka     the script that runs Apache Kafka (its verbs: up, stop, start, pids); the same is then done with three nodes of it.
            --kafka-kills N: with so many kills, as each takes it half a minute.
--cross-check  afterwards the older judge kill_loop_check.py sees the run too, and both see it with a record lost, doubled, out of order
            and moved: they have to agree.

Each cluster's part ends with a line of JSON. `death_to_ack_ms`: from the kill to the next acknowledgement in a partition that the
victim led, the slowest of its partitions (each: of all partitions). `roll_gap_ms`: the longest time without an acknowledgement in any
partition while the brokers were restarted one by one. `cut_gap_ms`: the same during a cut and until
all are in sync again, per partition. Exit 0: the judge has no objection, nothing failed; 1: else; 77: skipped, as something is missing.
"""
import argparse
import atexit
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import cut_network
import kafka_apart
import run_history

HERE = os.path.dirname(os.path.realpath(__file__))
NODES = (1, 2, 3)
PARTITIONS = 6
TOPIC = "killed"
CLUSTER_ID = "4L6g3nShT-eMCtK--X86sw"
SETTINGS = {
    "default.replication.factor": "3",
    "min.insync.replicas": "2",
    "num.partitions": str(PARTITIONS),
    "offsets.topic.replication.factor": "3",
}
SETTLED_WITHIN = 60.0


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def run(*command, timeout=30.0):
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)


def wait_until(holds, within, what):
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if holds():
            return
        time.sleep(0.05)
    raise RuntimeError(f"{what}: not within {within:.0f} s")


class Gregor:
    name = "gregor"

    def __init__(self, program, work, port):
        self.program, self.work, self.port = program, work, port
        self.processes = {}
        self.network = None
        self.bootstrap = ",".join(f"{self.address(n)}:{port + n}" for n in NODES)

    def live_apart(self):
        """From now on each broker lives in a network namespace of its own."""
        self.network = cut_network.CutNetwork(NODES, self.port % 251)
        self.bootstrap = ",".join(f"{self.address(n)}:{self.port + n}" for n in NODES)

    def address(self, node):
        return self.network.address(node) if self.network else "127.0.0.1"

    def start(self, node):
        voters = ",".join(f"{n}@{self.address(n)}:{self.port + 10 + n}" for n in NODES)
        settings = dict(SETTINGS)
        settings |= {
            "node.id": str(node),
            "process.roles": "broker,controller",
            "listeners": f"PLAINTEXT://{self.address(node)}:{self.port + node},CONTROLLER://{self.address(node)}:{self.port + 10 + node}",
            "controller.listener.names": "CONTROLLER",
            "controller.quorum.voters": voters,
            "gregor.initial.cluster": CLUSTER_ID,
        }
        command = self.network.within(node) if self.network else []
        command += [self.program, "broker", "--data-dir", os.path.join(self.work, f"node-{node}")]
        for key, value in settings.items():
            command += ["--set", f"{key}={value}"]
        log = open(os.path.join(self.work, f"node-{node}.log"), "ab")
        self.processes[node] = subprocess.Popen(command, stdout=log, stderr=log)

    def up(self):
        for node in NODES:
            self.start(node)

    def signal(self, node, number):
        process = self.processes[node]
        if process.poll() is not None:
            raise RuntimeError(f"broker {node} ended by itself: status {process.returncode}")
        process.send_signal(number)

    def await_end(self, node):
        self.processes[node].wait(timeout=60)

    def down(self):
        for process in self.processes.values():
            if process.poll() is None:
                process.kill()
                process.wait()
        if self.network:
            self.network.remove()


class Kafka:
    name = "kafka"

    def __init__(self, tool, work, port):
        self.tool, self.folder = tool, os.path.join(work, "kafka")
        self.environment = dict(os.environ, KAFKA_PORT=str(port + 100), KAFKA_HEAP=os.environ.get("KAFKA_HEAP", "512m"))
        self.bootstrap = ""

    def call(self, *words):
        done = subprocess.run([self.tool, *words], env=self.environment, capture_output=True, text=True, timeout=180, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"kafka {words}: {done.stderr[-300:]}")
        return done.stdout

    def up(self):
        self.bootstrap = self.call("up", self.folder, "3", *[f"{k}={v}" for k, v in SETTINGS.items()]).split()[-1]

    def start(self, node):
        subprocess.Popen([self.tool, "start", self.folder, str(node)], env=self.environment, stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL)

    def pid(self, node):
        return int(self.call("pids", self.folder).split()[node - 1])

    def signal(self, node, number):
        self.ending = self.pid(node)
        os.kill(self.ending, number)

    def await_end(self, _node):
        wait_until(lambda: not os.path.exists(f"/proc/{self.ending}") or
                   open(f"/proc/{self.ending}/stat").read().rsplit(")", 1)[1].split()[0] == "Z", 90, "the end of a broker")

    def down(self):
        subprocess.run([self.tool, "stop", self.folder, "KILL"], env=self.environment, capture_output=True, check=False)


class Load:
    """The producer, and what it was acknowledged and when."""

    def __init__(self, program, cluster, work, arguments):
        self.book = os.path.join(work, "book.txt")
        self.times = os.path.join(work, "times.txt")
        self.history = os.path.join(work, "sent.jsonl")
        self.output = open(os.path.join(work, "producer.log"), "w+")
        environment = dict(os.environ, ACKED_PRODUCER_TIMES=self.times, ACKED_PRODUCER_CLIENT=arguments.client,
                           ACKED_PRODUCER_HISTORY=self.history)
        self.process = subprocess.Popen([program, cluster.bootstrap, TOPIC, str(PARTITIONS), str(arguments.rate), self.book],
                                        stdout=self.output, stderr=self.output, env=environment)

    def acknowledged(self):
        """[(seconds of the monotonic clock, partition)] so far."""
        found = []
        with open(self.times) as lines:
            for line in lines:
                words = line.split()
                if len(words) == 2 and line.endswith("\n"):
                    found.append((int(words[0]) / 1e6, int(words[1])))
        return found

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=150)
        self.output.seek(0)
        return self.process.returncode, self.output.read().strip()


class Trial:
    def __init__(self, cluster, gregor, programs, work, arguments):
        self.cluster, self.gregor, self.programs = cluster, gregor, programs
        self.work, self.arguments = work, arguments
        self.random = random.Random(arguments.seed)

    def partitions(self):
        """{partition: (leader, in sync)}; empty where nobody answers."""
        done = run("kcat", "-b", self.cluster.bootstrap, "-L", "-J", "-t", TOPIC, "-m", "3")
        if done.returncode != 0:
            return {}
        topics = [t for t in json.loads(done.stdout)["topics"] if t["topic"] == TOPIC]
        return {p["partition"]: (p["leader"], len(p["isrs"])) for t in topics for p in t["partitions"]}

    def are_all_registered(self):
        done = run("kcat", "-b", self.cluster.bootstrap, "-L", "-J", "-m", "2")
        return done.returncode == 0 and len(json.loads(done.stdout)["brokers"]) == len(NODES)

    def is_whole(self):
        found = self.partitions()
        return len(found) == PARTITIONS and all(count == len(NODES) for _, count in found.values())

    def settle(self, what):
        wait_until(self.is_whole, SETTLED_WITHIN, f"all replicas in sync {what}")

    def controller(self):
        done = run(self.gregor, "cluster", "quorum", "--json", "--bootstrap-server", self.cluster.bootstrap)
        return json.loads(done.stdout)["leader"] if done.returncode == 0 else -1

    def kill(self, number):
        victim = self.random.choice(NODES)
        led = [p for p, (leader, _) in self.partitions().items() if leader == victim]
        is_controller = self.controller() == victim
        begun = time.monotonic()
        self.cluster.signal(victim, signal.SIGKILL)
        self.cluster.await_end(victim)
        time.sleep(self.random.uniform(1.0, 3.0) if self.cluster.name == "gregor" else self.random.uniform(12.0, 14.0))
        self.cluster.start(victim)
        self.settle(f"after kill {number}")
        time.sleep(self.arguments.rest)
        return {"at": begun, "victim": victim, "led": led, "was_controller": is_controller, "until": time.monotonic()}

    def roll(self):
        begun = time.monotonic()
        leaving = []
        for node in NODES:
            asked = time.monotonic()
            self.cluster.signal(node, signal.SIGTERM)
            self.cluster.await_end(node)
            leaving.append(time.monotonic() - asked)
            self.cluster.start(node)
            self.settle(f"after the restart of {node}")
            time.sleep(self.arguments.rest)
        return {"at": begun, "until": time.monotonic(), "leaving": leaving}

    def pause(self, number):
        victim = self.random.choice(NODES)
        self.cluster.signal(victim, signal.SIGSTOP)
        time.sleep(self.random.uniform(1.0, 15.0))
        self.cluster.signal(victim, signal.SIGCONT)
        self.settle(f"after pause {number}")

    def cut(self, number):
        victim = self.random.choice(NODES)
        begun = time.monotonic()
        self.cluster.network.cut(victim)
        time.sleep(self.random.uniform(1.0, 15.0))
        self.cluster.network.heal(victim)
        self.settle(f"after cut {number}")
        time.sleep(self.arguments.rest)
        return {"at": begun, "until": time.monotonic()}

    def trouble(self):
        """All that was asked for, one after the other: {kind: [what was measured]}."""
        done = {"kills": [], "rolls": [], "cuts": []}
        kills = self.arguments.kills
        if self.cluster.name == "kafka" and self.arguments.kafka_kills is not None:
            kills = self.arguments.kafka_kills
        for number in range(1, kills + 1):
            done["kills"].append(self.kill(number))
            if number % 10 == 0:
                print(f"{self.cluster.name}: {number} kills", flush=True)
        for _ in range(self.arguments.rolls):
            done["rolls"].append(self.roll())
            time.sleep(1)
        for number in range(1, self.arguments.pauses + 1):
            self.pause(number)
        for number in range(1, self.arguments.cuts + 1):
            done["cuts"].append(self.cut(number))
        return done

    def go(self):
        self.cluster.up()
        wait_until(self.are_all_registered, 60, "three brokers")
        load = Load(self.programs["acked_producer"], self.cluster, self.work, self.arguments)
        reader = None
        try:
            self.settle("at first")
            reader = run_history.Reader(self.programs["history_reader"], self.cluster.bootstrap, TOPIC, PARTITIONS, self.work)
            time.sleep(2)
            done = self.trouble()
        finally:
            status, said = load.end()
            stopped = reader.end() if reader else None
        reader.read_final()
        verdict = run_history.judge(self.gregor, load.history, reader.seen, reader.final)
        report = self.report(done, load.acknowledged(), said.splitlines()[-1], verdict[1])
        report["holds"] = status == 0 and verdict[0] and stopped is None
        if not report["holds"]:
            report["why"] = [*verdict[2][:5], *([stopped] if stopped else []), *said.splitlines()[:5]]
        if self.arguments.cross_check:
            report["cross_check"] = run_history.cross_check(self.gregor, self.work, load.book, load.history, reader.final, TOPIC, PARTITIONS)
            report["holds"] = report["holds"] and all(line.startswith("agree") for line in report["cross_check"])
        return report

    def report(self, done, acknowledged, said, verdict):
        kills, rolls = done["kills"], done["rolls"]
        of = {p: sorted(at for at, q in acknowledged if q == p) for p in range(PARTITIONS)}
        each, slowest, of_controllers = [], [], []
        for kill in kills:
            times = [t for t in (death_to_ack(of[p], kill) for p in kill["led"]) if t is not None]
            each += times
            if times:
                slowest.append(max(times))
                if kill["was_controller"]:
                    of_controllers.append(max(times))
        gaps = [longest_gap(of[p], roll) for roll in rolls for p in range(PARTITIONS)]
        return {
            "cluster": self.cluster.name,
            "kills": len(kills),
            "kills_of_leaders": len(slowest),
            "kills_of_the_controller": sum(kill["was_controller"] for kill in kills),
            "death_to_ack_ms": figures(slowest),
            "death_to_ack_of_controllers_ms": figures(of_controllers),
            "each_partition_ms": figures(each),
            "rolls": len(rolls),
            "roll_gap_ms": figures(gaps),
            "leaving_ms": figures([t for roll in rolls for t in roll["leaving"]]),
            "pauses": self.arguments.pauses,
            "cuts": len(done["cuts"]),
            "cut_gap_ms": figures([longest_gap(of[p], cut) for cut in done["cuts"] for p in range(PARTITIONS)]),
            "client": self.arguments.client,
            "rest_s": self.arguments.rest,
            "producer": said,
            "verdict": verdict,
        }


def death_to_ack(times, kill):
    """From the kill to the end of the longest silence that begins around it: acknowledgements on their way still arrive."""
    near = [t for t in times if kill["at"] - 1.0 <= t <= kill["until"]]
    silences = [(after - before, after) for before, after in zip(near, near[1:]) if before <= kill["at"] + 0.2]
    return max(silences)[1] - kill["at"] if silences else None


def longest_gap(times, trouble):
    """The longest silence that is not over before `trouble` begins and begins before it is over."""
    silences = [after - before for before, after in zip(times, times[1:]) if after >= trouble["at"] and before <= trouble["until"]]
    return max(silences, default=float("inf"))


def figures(seconds):
    ms = sorted(round(min(s, 1e6) * 1000) for s in seconds)
    if not ms:
        return None
    return {"count": len(ms), "median": round(statistics.median(ms)), "p99": ms[min(len(ms) - 1, int(len(ms) * 0.99))], "max": ms[-1]}


def compile_clients(work):
    programs = {}
    for name in ("acked_producer", "history_reader"):
        programs[name] = os.path.join(work, name)
        source = os.path.join(HERE, name + ".cc")
        if run("g++", "-std=c++20", "-O1", "-o", programs[name], source, "-lrdkafka", timeout=120).returncode != 0:
            skip(f"{name}.cc does not compile here (librdkafka-dev?)")
    return programs


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("gregor")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--rolls", type=int, default=1)
    parser.add_argument("--pauses", type=int, default=0)
    parser.add_argument("--cuts", type=int, default=0)
    parser.add_argument("--rate", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--port", type=int, default=21200)
    parser.add_argument("--client", choices=("usual", "quick"), default="quick")
    parser.add_argument("--rest", type=float, default=0.0)
    parser.add_argument("--kafka")
    parser.add_argument("--kafka-kills", type=int)
    parser.add_argument("--cross-check", action="store_true")
    parser.add_argument("--keep", action="store_true")
    arguments = parser.parse_args()
    for tool in ("g++", "kcat"):
        if not shutil.which(tool):
            skip(f"no {tool}")
    work = tempfile.mkdtemp(prefix="cluster-kill-")
    if not arguments.keep:
        atexit.register(shutil.rmtree, work, ignore_errors=True)
    programs = compile_clients(work)
    gregor = os.path.realpath(arguments.gregor)
    clusters = [Gregor(gregor, os.path.join(work, "gregor"), arguments.port)]
    if arguments.cuts:
        try:
            clusters[0].live_apart()
        except PermissionError as why:
            skip(f"no network namespaces here: {why}")
    if arguments.kafka:
        tool, place = os.path.realpath(arguments.kafka), os.path.join(work, "kafka")
        apart = kafka_apart.KafkaApart(tool, place, arguments.port, NODES, SETTINGS)
        clusters.append(apart if arguments.cuts else Kafka(tool, place, arguments.port))
    all_hold = True
    for cluster in clusters:
        place = os.path.join(work, cluster.name)
        os.makedirs(place)
        try:
            report = Trial(cluster, gregor, programs, place, arguments).go()
            all_hold = all_hold and report["holds"]
            print(json.dumps(report), flush=True)
        except RuntimeError as why:
            all_hold = False
            print(f"{cluster.name}: {why}", flush=True)
        finally:
            cluster.down()
    if arguments.keep:
        print(f"kept: {work}")
    sys.exit(0 if all_hold else 1)


if __name__ == "__main__":
    main()
