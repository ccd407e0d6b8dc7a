"""One plain request, to learn that a server is ready and answers what it should."""
import socket
import ssl
import time

READY_LIMIT = 15.0


def free_ports(count):
    """Ports nobody listens on; all are held until the last is found, so that they differ."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


def fetch(port, path, tls):
    """(status, bytes of body) of a GET with Connection: close."""
    with socket.create_connection(("127.0.0.1", port), 5) as plain:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        sock = context.wrap_socket(plain, server_hostname="localhost") if tls else plain
        sock.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while True:
            try:
                part = sock.recv(65536)
            except ssl.SSLError:
                break
            if not part:
                break
            answer += part
            head, _, body = answer.partition(b"\r\n\r\n")
            length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            if length and len(body) >= int(length[0].split(b":")[1]):
                break
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), len(body)


def wait_until_ready(port, scenario, process):
    last = "nothing"
    end = time.monotonic() + READY_LIMIT
    while time.monotonic() < end and process.poll() is None:
        try:
            last = fetch(port, scenario.path, scenario.tls)
            if last == (200, scenario.size):
                return
        except (OSError, ValueError, IndexError) as error:
            last = repr(error)
        time.sleep(0.05)
    raise RuntimeError(f"not ready: {last}; exit {process.poll()}")
