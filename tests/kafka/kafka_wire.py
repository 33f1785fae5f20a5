"""The few requests of Kafka's protocol that the programs here send by hand; Python's standard library alone."""
import socket
import struct

PRODUCE, FETCH, METADATA, API_VERSIONS, CREATE_TOPICS = 0, 1, 3, 18, 19
REQUEST_BYTES_MAX = 104857600


def _table():
    rows = []
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ (0x82F63B78 if byte & 1 else 0)
        rows.append(byte)
    return rows


CRC32C = _table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = CRC32C[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def varint(number):
    number, out = (number << 1) ^ (number >> 63), bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def batch(values, timestamp_ms):
    """One uncompressed batch of plain records, from offset 0."""
    records = b""
    for delta, value in enumerate(values):
        body = b"\0" + varint(0) + varint(delta) + varint(-1) + varint(len(value)) + value + varint(0)
        records += varint(len(body)) + body
    tail = struct.pack(">hiqqqhii", 0, len(values) - 1, timestamp_ms, timestamp_ms, -1, -1, -1, len(values)) + records
    return struct.pack(">qiibI", 0, len(tail) + 9, -1, 2, crc32c(tail)) + tail


def text(word):
    return struct.pack(">h", len(word)) + word.encode()


def frame(api, version, body, correlation=1, client="storm"):
    payload = struct.pack(">hhi", api, version, correlation) + text(client) + body
    return struct.pack(">i", len(payload)) + payload


def produce(topic, partition, records, acks=-1):
    body = struct.pack(">hhii", -1, acks, 30000, 1) + text(topic)
    return frame(PRODUCE, 3, body + struct.pack(">iii", 1, partition, len(records)) + records)


def fetch(topic, partition, offset, bytes_max, wait_ms=500):
    body = struct.pack(">iiiibi", -1, wait_ms, 1, bytes_max, 0, 1) + text(topic)
    return frame(FETCH, 4, body + struct.pack(">iiqi", 1, partition, offset, bytes_max))


def metadata(topic):
    return frame(METADATA, 1, struct.pack(">i", 1) + text(topic))


def api_versions():
    return frame(API_VERSIONS, 0, b"")


def create_topic(topic, partitions, configs):
    body = struct.pack(">i", 1) + text(topic) + struct.pack(">ihii", partitions, 1, 0, len(configs))
    body += b"".join(text(key) + text(value) for key, value in configs.items())
    return frame(CREATE_TOPICS, 2, body + struct.pack(">ib", 30000, 0))


def connect(port, source="127.0.0.1", timeout=30, receive_bytes=0):
    one = socket.socket()
    if receive_bytes:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    one.setsockopt(socket.SOL_IP, getattr(socket, "IP_BIND_ADDRESS_NO_PORT", 24), 1)
    one.bind((source, 0))
    one.settimeout(timeout)
    one.connect(("127.0.0.1", port))
    return one


def _exactly(one, count):
    got = bytearray()
    while len(got) < count:
        piece = one.recv(min(count - len(got), 1 << 20))
        if not piece:
            raise ConnectionError("the broker closed the connection")
        got += piece
    return bytes(got)


def answer(one):
    """The next answer behind its correlation id."""
    size = struct.unpack(">i", _exactly(one, 4))[0]
    if not 4 <= size <= REQUEST_BYTES_MAX:
        raise ConnectionError(f"an answer of {size} bytes")
    return _exactly(one, size)[4:]


def ask(one, request):
    one.sendall(request)
    return answer(one)


def produce_answer(body, topic):
    """(error, base offset) of the one partition asked for."""
    return struct.unpack_from(">hq", body, 4 + 2 + len(topic) + 4 + 4)


def fetch_answer(body, topic):
    """(error, records) of the one partition asked for."""
    at = 4 + 4 + 2 + len(topic) + 4 + 4
    error, _, _, aborted = struct.unpack_from(">hqqi", body, at)
    at += 22 + 16 * max(aborted, 0)
    size = struct.unpack_from(">i", body, at)[0]
    return error, body[at + 4 : at + 4 + max(size, 0)]


def batches(records):
    """(base offset, offset behind it) of every whole batch."""
    at = 0
    while at + 61 <= len(records):
        base, size = struct.unpack_from(">qi", records, at)
        if at + 12 + size > len(records):
            return
        yield base, base + struct.unpack_from(">i", records, at + 23)[0] + 1
        at += 12 + size
