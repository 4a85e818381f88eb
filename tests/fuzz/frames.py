"""Websocket frames as no library sends them."""

import base64
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.console.server import Server
from tests.patience import ANSWER_S

TEXT, BINARY, CONTINUED, CLOSE, PING = 1, 2, 0, 8, 9


def frame(
    payload: bytes,
    *,
    opcode: int = TEXT,
    final: bool = True,
    masked: bool = True,
    reserved: int = 0,
    says: int | None = None,
) -> bytes:
    """`says`: the length that the header announces, should it not be the true one."""
    length = len(payload) if says is None else says
    first = (0x80 if final else 0) | reserved << 4 | opcode
    mask_bit = 0x80 if masked else 0
    if length < 126:
        head = struct.pack("!BB", first, mask_bit | length)
    elif length < 1 << 16:
        head = struct.pack("!BBH", first, mask_bit | 126, length)
    else:
        head = struct.pack("!BBQ", first, mask_bit | 127, length)
    if not masked:
        return head + payload
    mask = os.urandom(4)
    return head + mask + bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))


# What a client must not send, and the codes of which one closes the socket; None: it may also stay open.
WRONG: dict[str, tuple[bytes, set[int | None]]] = {
    "invalid UTF-8": (frame(b"\xff\xfe\xfd"), {1007}),
    "half a character": (frame('{"type": "ack"} €'.encode()[:-1]), {1007}),
    "a lone surrogate": (frame(b"\xed\xa0\x80"), {1007}),
    "without a mask": (frame(b"{}", masked=False), {1002}),
    "a reserved bit": (frame(b"{}", reserved=4), {1002}),
    "a reserved opcode": (frame(b"{}", opcode=3), {1002}),
    "a ping of 126 bytes": (frame(b"x" * 126, opcode=PING), {1002}),
    "a ping in parts": (frame(b"x", opcode=PING, final=False), {1002}),
    "a continuation of nothing": (frame(b"x", opcode=CONTINUED), {1002}),
    "a message within another": (frame(b"x", final=False) + frame(b"y"), {1002}),
    "a close of one byte": (frame(b"\x03", opcode=CLOSE), {1002, 1006}),
    "a close with a reserved code": (frame(struct.pack("!H", 1005), opcode=CLOSE), {1002, 1006}),
    "an announcement of 2^62 bytes": (frame(b"x", says=1 << 62), {1009}),
    "an announcement of 2^63 bytes": (frame(b"x", says=1 << 63), {1002, 1009}),
    "16 kB and a byte": (frame(b"x" * (16 * 1024 + 1)), {1009}),
    "16 kB and a byte, binary": (frame(b"x" * (16 * 1024 + 1), opcode=BINARY), {1009}),
    "16 kB and a byte in parts": (
        frame(b"x" * 16_000, final=False) + frame(b"x" * 385, opcode=CONTINUED),
        {1009},
    ),
    "the end of the stream within a frame": (frame(b"x", says=100), {None}),
    "an open end": (frame(b"x", final=False), {None}),
    "a thousand empty parts": (
        frame(b"", final=False) + frame(b"", opcode=CONTINUED, final=False) * 1000,
        {None},
    ),
    "deep nesting": (frame(b"[" * 16_000), {None}),
    "deep nesting of objects": (frame(b'{"a":' * 3_000), {None}),
    "a number of 16,000 digits": (frame(b'{"type":"ack","seq":' + b"9" * 16_000 + b"}"), {None}),
    "not JSON": (frame(b"\x00\x01{"), {None}),
    "binary": (frame(bytes(range(256)), opcode=BINARY), {None}),
    "nothing": (frame(b""), {None}),
}


@contextmanager
def raw_socket(server: Server, session: str) -> Iterator[socket.socket]:
    """Past the handshake, and then bytes as they are."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=ANSWER_S) as raw:
        key = base64.b64encode(os.urandom(16)).decode()
        lines = (
            *("GET /ws/board/ HTTP/1.1", f"Host: 127.0.0.1:{server.port}", f"Origin: {server.url}"),
            *("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"),
            *(f"Sec-WebSocket-Key: {key}", f"Cookie: sessionid={session}"),
        )
        raw.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += raw.recv(1)
        assert b" 101 " in answer.splitlines()[0], answer
        yield raw


def send(raw: socket.socket, frames: bytes) -> None:
    """The server may have closed before it has everything."""
    with suppress(BrokenPipeError, ConnectionResetError):
        raw.sendall(frames)


def received(raw: socket.socket) -> Iterator[tuple[int, bytes]]:
    """(opcode, payload) of each frame until the server lets go."""
    stream = raw.makefile("rb")
    while head := stream.read(2):
        length = head[1] & 0x7F
        if length > 125:
            length = int.from_bytes(stream.read(2 if length == 126 else 8), "big")
        yield head[0] & 0x0F, stream.read(length)


def close_code(raw: socket.socket) -> int | None:
    """The code with which the server closes; None: it sends a heartbeat first, so it is still there.

    A board's socket beats each half second at the tests' scale. 1006: it let go without a word.
    """
    try:
        for opcode, payload in received(raw):
            if opcode == CLOSE:
                return int.from_bytes(payload[:2], "big")
            if b'"heartbeat"' in payload:
                return None
    except ConnectionResetError:
        pass
    return 1006
