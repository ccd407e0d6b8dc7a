"""An origin server whose every byte the test decides: one handler per connection, on a free port or unix socket."""
import socket
import threading


class Exchange:
    """What a handler gets: the connection, and a reader of requests."""

    def __init__(self, sock):
        self.sock = sock
        self.buffer = b""

    def read_until(self, mark):
        while mark not in self.buffer:
            data = self.sock.recv(65536)
            if not data:
                raise EOFError
            self.buffer += data
        head, self.buffer = self.buffer.split(mark, 1)
        return head + mark

    def read_head(self):
        return self.read_until(b"\r\n\r\n")

    def read_exactly(self, count):
        while len(self.buffer) < count:
            data = self.sock.recv(65536)
            if not data:
                raise EOFError
            self.buffer += data
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def read_chunked(self):
        body = b""
        while True:
            size = int(self.read_until(b"\r\n").split(b";")[0], 16)
            if size == 0:
                trailers = b""
                while (line := self.read_until(b"\r\n")) != b"\r\n":
                    trailers += line
                return body, trailers
            body += self.read_exactly(size)
            self.read_exactly(2)

    def read_request(self):
        """Head and body, by the head's own framing."""
        head = self.read_head()
        fields = {name.strip().lower(): value.strip() for name, _, value in
                  (line.partition(b":") for line in head.split(b"\r\n")[1:] if b":" in line)}
        if b"chunked" in fields.get(b"transfer-encoding", b""):
            return head, self.read_chunked()[0]
        return head, self.read_exactly(int(fields.get(b"content-length", b"0")))

    def send(self, data):
        self.sock.sendall(data)


def fixed(body=b"hello", status=b"200 OK", extra=b""):
    """A handler that answers every request on a connection with the same body."""

    def handle(exchange, _origin):
        while True:
            exchange.read_request()
            exchange.send(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n%s\r\n%s" % (status, len(body), extra, body))

    return handle


class ScriptedOrigin:
    def __init__(self, handler, path=None, host="127.0.0.1", port=0):
        self.handler = handler
        self.requests = []       # handlers may append
        self.connections = 0
        self._open = set()
        self._lock = threading.Lock()
        if path:
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(path)
            self.address = f"unix:{path}"
        else:
            self.listener = socket.socket()
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.listener.bind((host, port))
            self.address = "%s:%d" % self.listener.getsockname()
        self.listener.listen(128)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                self._open.add(sock)
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        try:
            self.handler(Exchange(sock), self)
        except (EOFError, OSError):
            pass
        finally:
            with self._lock:
                self._open.discard(sock)
            sock.close()

    def close_connections(self):
        """Ends every open connection, as a restarting server does."""
        with self._lock:
            for sock in self._open:
                try:
                    sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def close(self):
        if self.listener.fileno() < 0:
            return
        self.listener.shutdown(socket.SHUT_RDWR) if self.listener.family != socket.AF_UNIX else None
        self.listener.close()
        self.close_connections()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
