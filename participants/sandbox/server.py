"""The sandbox's process: its arguments, its HTTP server on 127.0.0.1, its start and its end."""

from __future__ import annotations

import argparse
import asyncio
import errno
import signal
import sys
import traceback
from collections.abc import Sequence

from aiohttp import web

from participants.sandbox import control, page, scenes, sounds
from participants.sandbox.api import ProviderApi
from participants.sandbox.engine import Engine

HOST = "127.0.0.1"
# Requests that a fault keeps waiting do not keep the process.
STOPS_WITHIN_S = 0.5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=9010)
    parser.add_argument("--callback-url", help="where callbacks of scenes go, as in http://127.0.0.1:8000")
    parser.add_argument("--scene", choices=scenes.SCENES, default="empty")
    parser.add_argument("--speed", type=_not_negative, default=1.0, help="of the scene's story; 0: it stands")
    parser.add_argument("--seed", type=int, help="fixes the story, never the sids")
    parser.add_argument("--time-scale", type=_not_negative, default=1.0, help="of every wait, as in 0.05")


def _not_negative(text: str) -> float:
    if float(text) < 0:
        raise argparse.ArgumentTypeError(f"{text} is not allowed; allowed: 0 and more")
    return float(text)


def application(engine: Engine) -> web.Application:
    app = web.Application(client_max_size=1_000_000)
    app.add_routes([*ProviderApi(engine).routes(), *control.routes(engine), *sounds.routes(engine)])
    app.add_routes(page.routes(engine))
    return app


async def serve(arguments: argparse.Namespace) -> None:
    """Run until SIGTERM or Ctrl-C. Raises OSError when the port is taken."""
    engine = Engine(callback_url=arguments.callback_url, seed=arguments.seed, time_scale=arguments.time_scale)
    runner = web.AppRunner(application(engine), access_log=None, shutdown_timeout=STOPS_WITHIN_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, arguments.port).start()
        engine.start_scene(arguments.scene, speed=arguments.speed, seed=arguments.seed)
        clock = asyncio.create_task(engine.run())
        clock.add_done_callback(_fail_loudly)
        print(f"Sandbox: http://{HOST}:{arguments.port}", flush=True)  # noqa: T201 (the command's output)
        await _told_to_stop()
        clock.cancel()
    finally:
        await engine.delivery.close()
        await runner.cleanup()


def _fail_loudly(clock: asyncio.Task[None]) -> None:
    """A world in which no time passes is worse than none."""
    if not clock.cancelled():
        traceback.print_exception(clock.exception())
        signal.raise_signal(signal.SIGTERM)


async def _told_to_stop() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()


def run(arguments: argparse.Namespace) -> int:
    """The exit code."""
    try:
        asyncio.run(serve(arguments))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        print(  # noqa: T201 (the command's output)
            f"Port {arguments.port} is in use by another program. Start the sandbox with another --port.",
            file=sys.stderr,
        )
        return 1
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m participants.sandbox", description="Their end of the wire: a provider in a box."
    )
    add_arguments(parser)
    return run(parser.parse_args(argv))
