#!/usr/bin/env python3
"""Judges a kill loop: what the log holds against what was acknowledged.

    kill_loop_check.py BOOK LOG

BOOK: lines "PARTITION VALUE OFFSET" of acknowledgements (offset -1: not told). LOG: lines "PARTITION OFFSET P V [PADDING]",
every record as a consumer reads it; P and V are what its value says. Exit 1 on a record that was acknowledged and is not
there, or at another offset; that is there twice; out of order within its partition; or in a partition it was not sent to.
"""
import sys

SHOWN_MAX = 10


def read_log(path):
    """{partition: {value: offset}} and what is wrong in the log by itself."""
    found, last, wrong = {}, {}, []
    for line in open(path):
        partition, offset, told_partition, value = (int(word) for word in line.split()[:4])
        if partition != told_partition:
            wrong.append(f"strange: partition {partition} offset {offset} holds a record of partition {told_partition}")
            continue
        values = found.setdefault(partition, {})
        if value in values:
            wrong.append(f"doubled: partition {partition} value {value} at offsets {values[value]} and {offset}")
        elif value < last.get(partition, -1):
            wrong.append(f"out of order: partition {partition} offset {offset} value {value} behind {last[partition]}")
        values.setdefault(value, offset)
        last[partition] = max(value, last.get(partition, -1))
    return found, wrong


def check_book(path, found):
    acknowledged, wrong = 0, []
    for line in open(path):
        partition, value, offset = (int(word) for word in line.split())
        acknowledged += 1
        at = found.get(partition, {}).get(value)
        if at is None:
            wrong.append(f"lost: partition {partition} value {value}, acknowledged at offset {offset}")
        elif offset >= 0 and at != offset:
            wrong.append(f"moved: partition {partition} value {value}, acknowledged at {offset}, stands at {at}")
    return acknowledged, wrong


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    found, wrong = read_log(sys.argv[2])
    acknowledged, lost = check_book(sys.argv[1], found)
    wrong += lost
    for line in wrong[:SHOWN_MAX]:
        print(line)
    counts = {}
    for line in wrong:
        kind = line.split(":")[0]
        counts[kind] = counts.get(kind, 0) + 1
    records = sum(len(values) for values in found.values())
    kinds = ", ".join(f"{counts.get(kind, 0)} {kind}" for kind in ("lost", "moved", "doubled", "out of order", "strange"))
    print(f"{acknowledged} acknowledged, {records} in the log: {kinds}")
    sys.exit(1 if wrong or acknowledged == 0 else 0)


if __name__ == "__main__":
    main()
