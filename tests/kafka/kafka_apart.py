"""Three nodes of Apache Kafka, each in a network namespace of its own (cut_network.py), so that the link of one can be cut as those
of Gregor's brokers are. Used by cluster_kill_loop.py.
"""
import os
import subprocess
import time

import cut_network

CLIENT_PORT, CONTROLLER_PORT = 9092, 9093
UP_WITHIN = 90.0


class KafkaApart:
    name = "kafka"

    def __init__(self, tool, work, port, nodes, settings):
        """`tool`: the script that runs Apache Kafka (its verbs: fetch, storage). `settings`: of every node."""
        self.tool, self.folder, self.nodes, self.settings = tool, os.path.join(work, "kafka"), nodes, settings
        self.subnet = (port + 1) % 251
        self.network = None
        self.processes = {}
        self.bootstrap = ",".join(f"10.231.{self.subnet}.{n}:{CLIENT_PORT}" for n in nodes)

    def call(self, *words):
        done = subprocess.run([self.tool, *words], capture_output=True, text=True, timeout=180, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"kafka {words}: {done.stderr[-300:]}")
        return done.stdout.strip().splitlines()[-1]

    def path(self, node):
        return os.path.join(self.folder, str(node), "server.properties")

    def configure(self, node):
        address = self.network.address(node)
        settings = {
            "process.roles": "broker,controller",
            "node.id": str(node),
            "controller.quorum.voters": ",".join(f"{n}@{self.network.address(n)}:{CONTROLLER_PORT}" for n in self.nodes),
            "listeners": f"PLAINTEXT://{address}:{CLIENT_PORT},CONTROLLER://{address}:{CONTROLLER_PORT}",
            "advertised.listeners": f"PLAINTEXT://{address}:{CLIENT_PORT}",
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "PLAINTEXT",
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
            "log.dirs": os.path.join(self.folder, str(node), "data"),
            **self.settings,
        }
        os.makedirs(os.path.join(self.folder, str(node)))
        with open(self.path(node), "w") as file:
            file.writelines(f"{key}={value}\n" for key, value in settings.items())

    def up(self):
        """Raises PermissionError where the machine allows no namespaces."""
        self.network = cut_network.CutNetwork(self.nodes, self.subnet)
        cluster = self.call("storage", "random-uuid")
        for node in self.nodes:
            self.configure(node)
            self.call("storage", "format", "-t", cluster, "-c", self.path(node))
        for node in self.nodes:
            self.start(node)
        deadline = time.monotonic() + UP_WITHIN
        for node in self.nodes:
            while "Kafka Server started" not in self.said_by(node):
                if time.monotonic() > deadline or self.processes[node].poll() is not None:
                    raise RuntimeError(f"Kafka's node {node} did not start: {self.said_by(node)[-300:]}")
                time.sleep(0.2)

    def said_by(self, node):
        with open(os.path.join(self.folder, str(node), "log.txt")) as file:
            return file.read()

    def start(self, node):
        jars = self.call("fetch")
        heap = os.environ.get("KAFKA_HEAP", "512m")
        command = [*self.network.within(node), "java", "-server", f"-Xms{heap}", f"-Xmx{heap}", "-XX:+UseG1GC", "-Djava.awt.headless=true",
                   f"-Dlog4j2.configurationFile={jars}/log4j2-broker.properties", "-cp", f"{jars}/*", "kafka.Kafka", self.path(node)]
        log = open(os.path.join(self.folder, str(node), "log.txt"), "ab")
        self.processes[node] = subprocess.Popen(command, stdout=log, stderr=log)

    def signal(self, node, number):
        self.processes[node].send_signal(number)

    def await_end(self, node):
        self.processes[node].wait(timeout=90)

    def down(self):
        for process in self.processes.values():
            if process.poll() is None:
                process.kill()
                process.wait()
        if self.network:
            self.network.remove()
