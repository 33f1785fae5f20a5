#!/usr/bin/env python3
"""Thousands of connections that come and go, and two rude clients, beside clients that do their work.

    connection_storm.py GREGOR [MINUTES (10)] [CONNECTIONS (5000)]

Some CONNECTIONS are open at a time and hundreds a second are closed and opened anew, from eight addresses: silent ones, ones
that ask and read, that ask and leave without reading (half of them by RST), that stop within a frame. Beside them a consumer
asks for a large topic again and again and never reads an answer, and a producer sends half a frame of a megabyte and waits.
Meanwhile two producers (acks=all) and two consumers count every record.

Prints the broker's RSS and the others' answer times by minute. Exit 1: an error, a lost record or an answer later than
30 s for one of those who behave, or the broker's memory grew after the first minute. GREGOR_PORT (23392), STORM_SEED (1).
"""
import collections
import multiprocessing
import os
import random
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import time

import kafka_wire as wire

PORT = int(os.environ.get("GREGOR_PORT", "23392"))
SEED = int(os.environ.get("STORM_SEED", "1"))
SOURCES = [f"127.0.0.{last}" for last in range(2, 10)]
TURNOVER_PER_SECOND = 400
LOAD, BULK = "load", "bulk"
BATCH_VALUES = [bytes([65 + i % 26]) * 1000 for i in range(8)]
PRODUCES_PER_SECOND = 150
GROWTH_ALLOWED_KIB = 1024  # what an allocator's pages may wander
LATENESS_MAX_S = 30


class Report:
    """What a worker tells the judge: errors, and (seconds since the start, seconds waited) of its answers, by minute the
    worst and the sum."""

    def __init__(self, name, queue, began):
        self.name, self.queue, self.began = name, queue, began
        self.worst, self.done, self.total = collections.Counter(), collections.Counter(), 0

    def waited(self, seconds):
        minute = int((time.monotonic() - self.began) // 60)
        self.worst[minute] = max(self.worst[minute], seconds)
        self.done[minute] += 1

    def end(self, error=None, **figures):
        self.queue.put({"name": self.name, "error": error, "worst": dict(self.worst), "done": dict(self.done), **figures})


def guarded(work):
    def run(name, queue, began, *rest):
        report = Report(name, queue, began)
        try:
            report.end(**work(report, *rest))
        except Exception as error:  # every one is the result
            report.end(error=f"{type(error).__name__}: {error}")

    return run


@guarded
def producer(report, partition, stop):
    one, records, sent, end = wire.connect(PORT), wire.batch(BATCH_VALUES, int(time.time() * 1000)), 0, 0
    request = wire.produce(LOAD, partition, records)
    while not stop.is_set():
        began = time.monotonic()
        error, base = wire.produce_answer(wire.ask(one, request), LOAD)
        if error or base != end:
            raise ValueError(f"partition {partition}: error {error}, base offset {base}, due was {end}")
        end = base + len(BATCH_VALUES)
        sent += 1
        report.waited(time.monotonic() - began)
        time.sleep(max(0, 1 / PRODUCES_PER_SECOND - (time.monotonic() - began)))
    return {"partition": partition, "end": end}


@guarded
def consumer(report, partition, stop, last):
    """Reads until `last` holds the partition's end, which is set when the producers have ended."""
    one, at = wire.connect(PORT), 0
    while not (stop.is_set() and 0 <= last[partition] <= at):
        began = time.monotonic()
        error, records = wire.fetch_answer(wire.ask(one, wire.fetch(LOAD, partition, at, 1 << 20)), LOAD)
        if error:
            raise ValueError(f"partition {partition} offset {at}: error {error}")
        for base, behind in wire.batches(records):
            if base != at:
                raise ValueError(f"partition {partition}: a batch at {base}, due was {at}")
            at = behind
        report.waited(time.monotonic() - began)
    return {"partition": partition, "read": at}


@guarded
def never_reads(report, stop):
    """Asks for the large topic from its beginning until the socket takes no more, and holds on; anew when it is closed."""
    request, asked, connections = wire.fetch(BULK, 0, 0, 50 << 20), 0, 0
    while not stop.is_set():
        one = wire.connect(PORT, receive_bytes=4096)
        connections += 1
        one.settimeout(1)
        while not stop.is_set():
            try:
                one.sendall(request)
                asked += 1
            except TimeoutError:
                time.sleep(1)
            except OSError:
                break
            time.sleep(0.01 if asked < 1000 else 0.2)
        one.close()
    return {"figures": f"{asked} fetches asked for, none read, {connections} connections"}


@guarded
def half_frame(report, stop):
    """Half of a Produce of a megabyte, then nothing; once more when the connection is closed."""
    whole, connections = wire.produce(LOAD, 0, wire.batch([b"x" * (1 << 20)], 0)), 0
    while not stop.is_set():
        one = wire.connect(PORT)
        connections += 1
        one.sendall(whole[: len(whole) // 2])
        one.settimeout(1)
        while not stop.is_set():
            try:
                if not one.recv(1):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        one.close()
    return {"figures": f"{connections} connections"}


class Storm:
    KINDS = ("silent", "asks", "leaves", "half")

    def __init__(self, report, connections, seed):
        self.report, self.most, self.random = report, connections, random.Random(seed)
        self.open, self.kinds, self.opened, self.sources = [], collections.Counter(), 0, 0

    def open_one(self):
        self.sources = (self.sources + 1) % len(SOURCES)
        began = time.monotonic()
        one = wire.connect(PORT, SOURCES[self.sources])
        kind = self.random.choice(self.KINDS)
        if kind == "asks":
            request = self.random.choice((wire.api_versions(), wire.metadata(LOAD)))
            wire.ask(one, request)
            self.report.waited(time.monotonic() - began)
        elif kind == "leaves":
            one.sendall(wire.fetch(BULK, 0, 0, 1 << 20) + wire.metadata(LOAD))
        elif kind == "half":
            request = wire.metadata(LOAD)
            one.sendall(request[: self.random.randrange(1, len(request))])
        self.kinds[kind] += 1
        self.opened += 1
        self.open.append(one)

    def close_one(self):
        at = self.random.randrange(len(self.open))
        self.open[at], self.open[-1] = self.open[-1], self.open[at]
        one = self.open.pop()
        if self.random.random() < 0.5:
            one.setsockopt(wire.socket.SOL_SOCKET, wire.socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.close()

    def step(self):
        """A twentieth of a second's turnover; more to come while there are few."""
        few = len(self.open) < self.most
        turnover = TURNOVER_PER_SECOND // 20
        for _ in range(turnover if few else self.random.randrange(turnover * 2)):
            self.open_one()
        for _ in range(0 if few else self.random.randrange(turnover * 2)):
            self.close_one()
        while len(self.open) > self.most:
            self.close_one()


@guarded
def storm(report, connections, seed, stop):
    crowd = Storm(report, connections, seed)
    while not stop.is_set():
        began = time.monotonic()
        crowd.step()
        time.sleep(max(0, 0.05 - (time.monotonic() - began)))
    return {"figures": f"{crowd.opened} opened, {len(crowd.open)} at the end, {dict(crowd.kinds)}"}


def start_broker(program, home):
    # What is kept by segment (their indexes) reaches its measure within the first minute.
    settings = ["log.segment.bytes=4194304", "log.retention.bytes=16777216", "log.retention.check.interval.ms=2000",
                "log.segment.delete.delay.ms=1000"]
    words = [program, "broker", "--data-dir", f"{home}/data", "--port", str(PORT)]
    for setting in settings:
        words += ["--set", setting]
    broker = subprocess.Popen(words, stdout=open(f"{home}/broker.log", "w"), stderr=subprocess.STDOUT)
    for _ in range(200):
        try:
            wire.connect(PORT).close()
            return broker
        except OSError:
            time.sleep(0.05)
    sys.exit("the broker does not start")


def prepare():
    one = wire.connect(PORT)
    wire.ask(one, wire.create_topic(LOAD, 2, {}))
    wire.ask(one, wire.create_topic(BULK, 1, {"retention.bytes": "-1", "retention.ms": "-1"}))
    request = wire.produce(BULK, 0, wire.batch([b"b" * 1000] * 500, int(time.time() * 1000)))
    for _ in range(128):
        for tries in range(100):
            error, _ = wire.produce_answer(wire.ask(one, request), BULK)
            if error not in (3, 5, 6):  # the topic is not there yet
                break
            time.sleep(0.05)
        if error:
            sys.exit(f"filling {BULK}: error {error}")


def memory_kib(pid):
    with open(f"/proc/{pid}/status") as lines:
        rows = dict(line.split(":", 1) for line in lines)
    return int(rows["VmRSS"].split()[0]), int(rows["RssAnon"].split()[0])


def watch(broker, minutes, began):
    """[(largest RSS, largest anonymous part of it, descriptors)] by minute, in KiB; ends early when the broker did."""
    by_minute = []
    for minute in range(minutes):
        rss = anonymous = descriptors = 0
        while time.monotonic() - began < (minute + 1) * 60:
            if broker.poll() is not None:
                print(f"the broker ended with {broker.returncode}")
                return by_minute
            now = memory_kib(broker.pid)
            rss, anonymous = max(rss, now[0]), max(anonymous, now[1])
            descriptors = max(descriptors, len(os.listdir(f"/proc/{broker.pid}/fd")))
            time.sleep(0.5)
        by_minute.append((rss, anonymous, descriptors))
        print(f"minute {minute + 1}: RSS at most {rss} KiB, {anonymous} KiB of it anonymous, {descriptors} descriptors", flush=True)
    return by_minute


def gather(workers, queue, stop, last):
    """The workers' reports; consumers may end when their producer has."""
    stop.set()
    reports, deadline = {}, time.monotonic() + 60
    while len(reports) < len(workers) and time.monotonic() < deadline:
        try:
            one = queue.get(timeout=1)
        except Exception:  # queue.Empty
            continue
        reports[one["name"]] = one
        if one["name"].startswith("producer"):
            last[one.get("partition", 0)] = one.get("end", 0)
    for name in workers:
        reports.setdefault(name, {"name": name, "error": "did not end", "worst": {}, "done": {}})
    return reports


def judge(reports, by_minute, minutes):
    wrong = []
    for name, one in sorted(reports.items()):
        worst = max(one["worst"].values(), default=0)
        print(f"{name}: {sum(one['done'].values())} answers, worst {worst * 1000:.0f} ms. {one.get('figures', '')}"
              f"{'read to ' + str(one['read']) if 'read' in one else ''}{'wrote to ' + str(one['end']) if 'end' in one else ''}")
        if one["error"]:
            wrong.append(f"{name}: {one['error']}")
        if worst > LATENESS_MAX_S:
            wrong.append(f"{name}: waited {worst:.0f} s")
    for partition in (0, 1):
        end, read = reports[f"producer {partition}"].get("end"), reports[f"consumer {partition}"].get("read")
        if end is None or end != read:
            wrong.append(f"partition {partition}: {end} written, {read} read")
    if len(by_minute) < minutes:
        wrong.append("the broker ended by itself")
    for minute, (rss, _, _) in enumerate(by_minute):
        if rss > by_minute[0][0] + GROWTH_ALLOWED_KIB:
            wrong.append(f"memory grew: {rss} KiB in minute {minute + 1}, {by_minute[0][0]} in the first")
    return wrong


def main():
    if len(sys.argv) < 2 or not os.access(sys.argv[1], os.X_OK):
        sys.exit(__doc__)
    minutes = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    connections = int(sys.argv[3]) if len(sys.argv) > 3 else 5000
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))
    home = tempfile.mkdtemp()
    broker = start_broker(sys.argv[1], home)
    try:
        prepare()
        queue, stop, last = multiprocessing.Queue(), multiprocessing.Event(), multiprocessing.Array("q", [-1, -1])
        began = time.monotonic()
        plan = [("producer 0", producer, (0, stop)), ("producer 1", producer, (1, stop)),
                ("consumer 0", consumer, (0, stop, last)), ("consumer 1", consumer, (1, stop, last)),
                ("never reads", never_reads, (stop,)), ("half a frame", half_frame, (stop,)),
                ("storm", storm, (connections, SEED, stop))]
        for name, work, rest in plan:
            multiprocessing.Process(target=work, args=(name, queue, began, *rest), daemon=True).start()
        by_minute = watch(broker, minutes, began)
        wrong = judge(gather([name for name, _, _ in plan], queue, stop, last), by_minute, minutes)
    finally:
        broker.kill()
        broker.wait()
        if not os.environ.get("KEEP"):
            shutil.rmtree(home)
    for line in wrong:
        print(line)
    print(f"{minutes} minutes, {connections} connections, seed {SEED}: {'failed' if wrong else 'all well'}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
