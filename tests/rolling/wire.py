"""The least of an HTTP client, of a WebSocket and of an event stream that a watcher of balances needs."""

import base64
import http.client
import json
import os
import socket
import struct

BALANCES = "subscription { hourBalanceChanged { id version } }"


class Http:
    """Requests on a connection that is kept while the server keeps it."""

    def __init__(self, port, timeout=15):
        self.port, self.timeout, self.connection = port, timeout, None

    def post(self, token, query, variables):
        """The answer's status and JSON; raises where the connection fails."""
        body = json.dumps({"query": query, "variables": variables})
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
                self.connection.connect()
                self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connection.request("POST", "/graphql", body, headers)
            answer = self.connection.getresponse()
            text = answer.read()
            if answer.will_close:
                self.close()
            is_ours = answer.getheader("Content-Type", "").startswith("application/")
            return answer.status, json.loads(text) if is_ours else {"errors": []}
        except Exception:
            self.close()
            raise

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def read_exactly(stream, count):
    data = stream.read(count)
    if len(data) < count:
        raise ConnectionError("cut off")
    return data


def watch_socket(port, token, seen):
    """Hands every balance over a WebSocket to `seen` until it ends; the close code, or None where there was none."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as raw:
        stream = raw.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        raw.sendall(
            (f"GET /graphql/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
             f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
             f"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n").encode())
        if b" 101 " not in stream.readline():
            raise ConnectionError("no upgrade")
        while stream.readline().strip():
            pass

        def send(opcode, payload):
            length = len(payload)
            head = bytes([0x80 | opcode])
            head += bytes([0x80 | length]) if length < 126 else bytes([0xFE]) + struct.pack("!H", length)
            # Masked with zeros, which is masked all the same.
            raw.sendall(head + b"\0\0\0\0" + payload)

        def say(message):
            send(1, json.dumps(message).encode())

        say({"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}})
        while True:
            first, second = read_exactly(stream, 2)
            length = second & 0x7F
            if length == 126:
                length = struct.unpack("!H", read_exactly(stream, 2))[0]
            elif length == 127:
                length = struct.unpack("!Q", read_exactly(stream, 8))[0]
            payload, opcode = read_exactly(stream, length), first & 0x0F
            if opcode == 8:
                send(8, payload[:2])
                return struct.unpack("!H", payload[:2])[0] if payload else None
            if opcode == 9:
                send(10, payload)
            elif opcode == 1:
                message = json.loads(payload)
                if message["type"] == "connection_ack":
                    say({"type": "subscribe", "id": "1", "payload": {"query": BALANCES}})
                elif message["type"] == "next":
                    seen(message["payload"]["data"]["hourBalanceChanged"])


def watch_events(port, token, seen):
    """The same over an event stream."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}",
                   "Accept": "text/event-stream"}
        connection.request("POST", "/graphql", json.dumps({"query": BALANCES}), headers)
        answer = connection.getresponse()
        if answer.status != 200:
            raise ConnectionError(answer.status)
        for line in answer:
            if line.startswith(b"data: {"):
                seen(json.loads(line[6:])["data"]["hourBalanceChanged"])
    finally:
        connection.close()
