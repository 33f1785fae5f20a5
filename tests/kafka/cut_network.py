"""Brokers in network namespaces of their own, joined by a bridge, so that the link of one can be cut: nothing that is sent either way
arrives or is refused. Wants root; used by cluster_kill_loop.py.
"""
import os
import subprocess


def call(*words):
    done = subprocess.run(words, capture_output=True, text=True, timeout=20, check=False)
    if done.returncode != 0:
        raise PermissionError(f"{' '.join(words)}: {done.stderr.strip() or done.stdout.strip()}")


class CutNetwork:
    """Node n has the address 10.231.SUBNET.n, this process .254. Raises PermissionError where the machine does not allow it."""

    def __init__(self, nodes, subnet):
        self.nodes, self.subnet = nodes, subnet
        self.bridge = f"gb{os.getpid()}"
        self.made = []
        try:
            self.make()
        except (PermissionError, FileNotFoundError) as why:
            self.remove()
            raise PermissionError(str(why)) from why

    def address(self, node):
        return f"10.231.{self.subnet}.{node}"

    def space(self, node):
        return f"{self.bridge}n{node}"

    def port(self, node):
        """The bridge's end of the node's link."""
        return f"{self.bridge}p{node}"

    def make(self):
        call("ip", "link", "add", self.bridge, "type", "bridge")
        self.made.append(("ip", "link", "del", self.bridge))
        call("ip", "address", "add", f"{self.address(254)}/24", "dev", self.bridge)
        call("ip", "link", "set", self.bridge, "up")
        for node in self.nodes:
            call("ip", "netns", "add", self.space(node))
            self.made.append(("ip", "netns", "del", self.space(node)))
            call("ip", "link", "add", self.port(node), "type", "veth", "peer", "name", "eth0", "netns", self.space(node))
            self.made.append(("ip", "link", "del", self.port(node)))
            call("ip", "link", "set", self.port(node), "master", self.bridge)
            call("ip", "link", "set", self.port(node), "up")
            for words in (("address", "add", f"{self.address(node)}/24", "dev", "eth0"), ("link", "set", "eth0", "up"),
                          ("link", "set", "lo", "up")):
                call("ip", "-n", self.space(node), *words)

    def within(self, node):
        """What to put before a command that shall run in the node's namespace."""
        return ["ip", "netns", "exec", self.space(node)]

    def cut(self, node):
        """Taken off the bridge: its frames go nowhere, and no one is told."""
        call("ip", "link", "set", self.port(node), "nomaster")

    def heal(self, node):
        call("ip", "link", "set", self.port(node), "master", self.bridge)

    def remove(self):
        for words in reversed(self.made):
            subprocess.run(words, capture_output=True, timeout=20, check=False)
        self.made = []
