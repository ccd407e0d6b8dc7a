#!/usr/bin/python3
"""A plain web server that says its name: usage: origin.py NAME HOST PORT"""
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Origin(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # keep-alive, so that Weir can keep its connections
    timeout = 120

    def do_GET(self):
        body = f"server {self.server.name} answers {self.path}\n".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *_):
        """Weir writes the access log."""


def main(name, host, port):
    server = ThreadingHTTPServer((host, int(port)), Origin)
    server.daemon_threads = True
    server.name = name
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


if __name__ == "__main__":
    main(*sys.argv[1:])
