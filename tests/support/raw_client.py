"""A client that sends exactly the bytes it is told to, and reads responses by their framing."""
import socket
import ssl


class Response:
    def __init__(self, head, body, trailers=b""):
        self.head, self.body, self.trailers = head, body, trailers
        lines = head.split(b"\r\n")
        self.version, status = lines[0].split(b" ")[:2]
        self.status = int(status)
        self.fields = [tuple(part.strip() for part in line.split(b":", 1)) for line in lines[1:] if line]

    def field(self, name):
        values = self.all(name)
        return values[0] if values else None

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]


class RawClient:
    def __init__(self, port, host="127.0.0.1", timeout=10, tls=None, server_name=None):
        self.sock = socket.create_connection((host, port), timeout)
        if tls:
            self.sock = tls.wrap_socket(self.sock, server_hostname=server_name or "localhost")
        self.buffer = b""

    def send(self, data):
        self.sock.sendall(data)
        return self

    def _more(self):
        try:
            data = self.sock.recv(65536)
        except (ConnectionResetError, ssl.SSLEOFError):
            data = b""
        self.buffer += data
        return bool(data)

    def _until(self, mark):
        while mark not in self.buffer:
            if not self._more():
                raise EOFError(self.buffer)
        part, self.buffer = self.buffer.split(mark, 1)
        return part

    def _exactly(self, count):
        while len(self.buffer) < count:
            if not self._more():
                raise EOFError(self.buffer)
        part, self.buffer = self.buffer[:count], self.buffer[count:]
        return part

    def read(self, method="GET"):
        """One response: interim ones too."""
        head = self._until(b"\r\n\r\n")
        response = Response(head, b"")
        if method == "HEAD" or response.status < 200 or response.status in (204, 304):
            return response
        if b"chunked" in (response.field(b"transfer-encoding") or b""):
            while size := int(self._until(b"\r\n").split(b";")[0], 16):
                response.body += self._exactly(size)
                assert self._exactly(2) == b"\r\n"
            while line := self._until(b"\r\n"):
                response.trailers += line + b"\r\n"
        elif (length := response.field(b"content-length")) is not None:
            response.body = self._exactly(int(length))
        else:
            while self._more():
                pass
            response.body, self.buffer = self.buffer, b""
        return response

    def closed(self, seconds=5):
        """Whether the peer ends the connection, with nothing more sent, within that time."""
        self.sock.settimeout(seconds)
        try:
            return not self._more() and not self.buffer
        except (TimeoutError, socket.timeout):
            return False

    def close(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def ask(port, request, method="GET", **how):
    """Sends one request on a connection of its own and reads the answer."""
    with RawClient(port, **how) as client:
        return client.send(request).read(method)
