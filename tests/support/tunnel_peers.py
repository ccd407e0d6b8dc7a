"""Both ends of many WebSockets in two event loops: an origin that echoes, and clients."""
import asyncio
import base64
import hashlib
import os
import struct
import threading

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
GOING_AWAY = b"\x88\x02\x03\xe9"


def accept_of(key):
    return base64.b64encode(hashlib.sha1(key + GUID).digest())


def client_frame(payload, opcode=1):
    """A masked frame, as clients send them (RFC 6455 5.3)."""
    mask = os.urandom(4)
    assert len(payload) < 126
    return struct.pack("!BB", 0x80 | opcode, 0x80 | len(payload)) + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload))


def server_frame(payload, opcode=1):
    assert len(payload) < 126
    return struct.pack("!BB", 0x80 | opcode, len(payload)) + payload


def request(path=b"/ws", key=b"dGhlIHNhbXBsZSBub25jZQ=="):
    return (b"GET %s HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n" % (path, key))


async def read_frame(reader):
    first, second = await reader.readexactly(2)
    length = second & 0x7f
    mask = await reader.readexactly(4) if second & 0x80 else bytes(4)
    payload = await reader.readexactly(length)
    return first & 0x0f, bytes(b ^ mask[i % 4] for i, b in enumerate(payload))


class EchoOrigin:
    """Upgrades who asks for it and sends each frame back, answers pings; others get "ok". One thread for all connections."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.open = 0
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._started.wait(10)

    def _run(self):
        asyncio.set_event_loop(self.loop)
        self.server = self.loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024))
        self.address = "127.0.0.1:%d" % self.server.sockets[0].getsockname()[1]
        self._started.set()
        self.loop.run_forever()
        tasks = asyncio.all_tasks(self.loop)
        for task in tasks:
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self.loop.close()

    async def _serve(self, reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
                if fields.get(b"upgrade") == b"websocket":
                    break
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            key = [line.split(b": ", 1)[1] for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key")][0]
            writer.write(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                         b"Sec-WebSocket-Accept: %s\r\n\r\n" % accept_of(key))
            self.open += 1
            try:
                while True:
                    opcode, payload = await read_frame(reader)
                    writer.write(server_frame(payload, 10 if opcode == 9 else opcode))
                    if opcode == 8:
                        return
            finally:
                self.open -= 1
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def close(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


async def open_websocket(port, tls=None):
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls, server_hostname="localhost" if tls else None)
    writer.write(request())
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 101 "), head
    assert b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in head
    return reader, writer


async def echo(reader, writer, payload):
    writer.write(client_frame(payload))
    assert await read_frame(reader) == (1, payload)
