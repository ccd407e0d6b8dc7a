#!/usr/bin/python3
"""A small app server for tests: HTTP on the unix socket or port that it is given, with ways to misbehave.

usage: scripted_app.py SOCKET|PORT      paths: / /pid /slow/SECONDS /exit/CODE
"""
import http.server
import os
import socketserver
import sys
import time


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        words = self.path.strip("/").split("/")
        if words[0] == "slow":
            time.sleep(float(words[1]))
        if words[0] == "exit":
            os._exit(int(words[1]))
        body = b"%d" % os.getpid()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def address_string(self):
        return "client"

    def log_message(self, *_):
        pass


class UnixServer(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 128


class TcpServer(http.server.ThreadingHTTPServer):
    daemon_threads = True


if __name__ == "__main__":
    where = sys.argv[1]
    print(f"serving on {where}", flush=True)
    (TcpServer(("127.0.0.1", int(where)), Handler) if where.isdigit() else UnixServer(where, Handler)).serve_forever()
