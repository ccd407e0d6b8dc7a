"""A DNS server on a loopback port whose answers a test changes while it runs (RFC 1035, A and AAAA over UDP)."""
import ipaddress
import socket
import struct
import threading

A, AAAA = 1, 28


class DnsServer:
    """`names[name] = (ttl, [addresses])`; an unknown name is NXDOMAIN, None is silence."""

    def __init__(self, names):
        self.names = dict(names)
        self.questions = 0
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.bind(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self._sock.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                query, client = self._sock.recvfrom(2048)
                if not query:
                    return
                answer = self._answer(query)
                if answer:
                    self._sock.sendto(answer, client)
            except OSError:
                return

    def _answer(self, query):
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += 1 + query[at]
        question = query[12:at + 5]
        kind = struct.unpack("!H", query[at + 1:at + 3])[0]
        self.questions += 1
        known = self.names.get(".".join(labels).lower(), ())
        if known is None:
            return None
        records = b""
        count = 0
        if known:
            ttl, addresses = known
            for text in addresses:
                address = ipaddress.ip_address(text)
                if (address.version == 4) == (kind == A) and kind in (A, AAAA):
                    records += b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, ttl, len(address.packed)) + address.packed
                    count += 1
        flags = 0x8180 if known else 0x8183
        return query[:2] + struct.pack("!HHHHH", flags, 1, count, 0, 0) + question + records

    def close(self):
        self._sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
