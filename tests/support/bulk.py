"""Large bodies without holding them: an origin and a client that move blocks, and what a process holds meanwhile."""
import pathlib

BLOCK = b"\0" * (1 << 20)


def send_zeros(sock, count, sent=lambda n: None):
    """Sends `count` zero bytes; `sent` hears of every part the kernel took."""
    block = memoryview(BLOCK)
    while count:
        taken = sock.send(block[:min(count, len(block))])
        count -= taken
        sent(taken)


def drain(sock, count, got=lambda n: None):
    """Reads exactly `count` bytes; `got` hears of every part."""
    into = bytearray(1 << 20)
    while count:
        read = sock.recv_into(into, min(count, len(into)))
        if not read:
            raise EOFError(f"{count} bytes are missing")
        count -= read
        got(read)


def resident_bytes(pid, field="VmRSS"):
    """What the process holds in memory now; VmHWM: the most it ever held."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024
    raise AssertionError(field)
