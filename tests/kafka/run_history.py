"""The history of a run of real brokers: recorded by tests/kafka/acked_producer.cc and history_reader.cc, judged by `gregor judge`,
which holds it against what simulated runs are held against. Used by cluster_kill_loop.py.
"""
import json
import os
import subprocess

HERE = os.path.dirname(os.path.realpath(__file__))
DOCTORED = ("lost", "doubled", "reordered", "moved")


class Reader:
    """Reads beside the run, and once more at its end."""

    def __init__(self, program, bootstrap, topic, partitions, work):
        self.command = [program, bootstrap, topic, str(partitions)]
        self.seen, self.final = (os.path.join(work, name) for name in ("seen.jsonl", "final.jsonl"))
        self.process = subprocess.Popen([*self.command, self.seen, "live"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def end(self):
        """Why it could not read on; None where it could."""
        self.process.terminate()
        errors = self.process.communicate(timeout=60)[1].strip()
        return None if self.process.returncode == 0 else f"the reader beside the run: {errors or self.process.returncode}"

    def read_final(self):
        done = subprocess.run([*self.command, self.final, "final"], capture_output=True, text=True, timeout=400, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"reading back failed: {done.stderr.strip()[:300]}")


def judge(gregor, *files):
    """(whether it holds, the last line, all lines)"""
    done = subprocess.run([gregor, "judge", *files], capture_output=True, text=True, timeout=600, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"gregor judge: {done.stderr.strip()}")
    lines = done.stdout.strip().splitlines()
    return done.returncode == 0, lines[-1], lines


def doctored(rows, how):
    """Rows (partition, offset, value) in order, spoilt in the middle of partition 0."""
    rows = list(rows)
    at = max(i for i, row in enumerate(rows) if row[0] == 0) // 2
    partition, offset, value = rows[at]
    following = rows[at + 1]
    if how == "lost":
        del rows[at]
    elif how == "doubled":
        end = max(i for i, row in enumerate(rows) if row[0] == 0)
        rows.insert(end + 1, (partition, rows[end][1] + 1, value))
    elif how == "reordered":
        rows[at], rows[at + 1] = (partition, offset, following[2]), (partition, following[1], value)
    else:  # all from here on stand one further
        rows = [(p, o + 1 if p == 0 and i >= at else o, v) for i, (p, o, v) in enumerate(rows)]
    return rows


def cross_check(gregor, work, book, sent, final, topic, partitions):
    """What the judge and the older, independent kill_loop_check.py say of this run as it is and as spoilt in each way: [lines]."""
    rows = []
    for line in open(final):
        row = json.loads(line)
        if "final" in row:
            rows.append((row["partition"], row["offset"], row["final"]))
    rows.sort()
    said = []
    for how in ("as it is", *DOCTORED):
        shown = rows if how == "as it is" else doctored(rows, how)
        history, log = os.path.join(work, "spoilt.jsonl"), os.path.join(work, "spoilt.txt")
        with open(history, "w") as out, open(log, "w") as text:
            out.write('{"gregor_history": 1}\n')
            for partition, offset, value in shown:
                out.write(json.dumps({"final": value, "topic": topic, "partition": partition, "offset": offset, "at_us": 0}) + "\n")
                text.write(f"{partition} {offset} {value % partitions} {value // partitions}\n")
            out.write(f'{{"end": {len(shown)}}}\n')
        is_good, verdict, _ = judge(gregor, sent, history)
        older = subprocess.run(["python3", os.path.join(HERE, "kill_loop_check.py"), book, log], capture_output=True, text=True,
                               timeout=300, check=False)
        agree = is_good == (older.returncode == 0) == (how == "as it is")
        said.append(f"{'agree' if agree else 'DISAGREE'}: {how}: {verdict}; {older.stdout.strip().splitlines()[-1]}")
    return said
