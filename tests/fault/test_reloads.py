"""Fifty reloads under load: a thousand kept connections and a thousand WebSockets notice nothing.

Method: clients and origin in event loops; each client has one connection for the whole test, so a connection that a reload
closes is an error. Every second reload changes the upstream, every other one the sites."""
# ctest: TIMEOUT 300 PROCESSORS 2

import asyncio
import signal

from support.tunnel_peers import EchoOrigin, echo, open_websocket
from support.weir_node import WeirNode

CLIENTS = 1000
RELOADS = 50
PAUSE = 1.0  # of a client between two requests
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def config(address, number):
    return f"""version: 1
listen: {{ http: "127.0.0.1:0" }}
limits: {{ connections_per_ip: 3000 }}
upstreams:
  u: {{ servers: ["{address}"], max_connections: 4000, queue: {{ size: {100 + number // 2} }} }}
sites:
  - {{ hosts: ["*"], upstream: u }}
  - {{ hosts: [site{(number + 1) // 2}.example], respond: {{ status: 204 }} }}
"""


class Clients:
    def __init__(self):
        self.answers, self.errors, self.end = 0, [], asyncio.Event()

    async def run(self, port, number):
        await asyncio.sleep(PAUSE * number / CLIENTS)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            while not self.end.is_set():
                writer.write(GET)
                head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)
                if not head.startswith(b"HTTP/1.1 200 ") or b"connection: close" in head.lower():
                    self.errors.append(head)
                await reader.readexactly(2)
                self.answers += 1
                await asyncio.sleep(PAUSE)
        except (asyncio.IncompleteReadError, OSError, asyncio.TimeoutError) as error:
            self.errors.append(repr(error))
        finally:
            writer.close()


async def in_steps(count, make):
    out = []
    for begin in range(0, count, 100):
        out += await asyncio.gather(*(make(number) for number in range(begin, begin + 100)))
    return out


async def drive(node, origin):
    port, clients = node.port(), Clients()
    sockets = await in_steps(CLIENTS, lambda _: open_websocket(port))
    tasks = [asyncio.create_task(clients.run(port, number)) for number in range(CLIENTS)]
    while clients.answers < CLIENTS and not clients.errors:
        await asyncio.sleep(0.05)
    for number in range(1, RELOADS + 1):
        seen = clients.answers
        node.file.write_text(config(origin.address, number))
        node.signal(signal.SIGHUP)
        await asyncio.to_thread(node.wait_for_line, rf"config_installed version={number + 1}\b", 20)
        while clients.answers < seen + 100 and not clients.errors:  # each reload has its share of the load
            await asyncio.sleep(0.02)
    await asyncio.gather(*(echo(*each, b"still here") for each in sockets))
    clients.end.set()
    await asyncio.gather(*tasks)
    for _, writer in sockets:
        writer.close()
    return clients


def test_fifty_reloads_under_load_cost_nobody_anything(tmp_path):
    with EchoOrigin() as origin:
        node = WeirNode(tmp_path / "node", config(origin.address, 0))
        try:
            clients = asyncio.run(drive(node, origin))
            assert clients.errors == []
            assert clients.answers > CLIENTS + RELOADS * 100
            assert node.stop() == 0
        finally:
            node.kill()
