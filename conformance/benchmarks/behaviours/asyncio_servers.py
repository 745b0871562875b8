"""What one would write with asyncio instead of using threads."""

import asyncio

from conformance.benchmarks.behaviours import workloads
from conformance.benchmarks.behaviours.arranging import BACKLOG, announce, free_address


def serve(stage, server_class, workload, attributes):
    """Serve for ever; *attributes* are of no concern here."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.run_until_complete(_begin(stage, server_class, workload))
    loop.run_forever()


async def _begin(stage, server_class, workload):
    loop = asyncio.get_event_loop()
    if server_class["transport"] == "datagram":
        place = {"local_addr": free_address(stage, server_class)}
        transport, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(workloads.DATAGRAMS[workload]), **place)
        near_end = transport.get_extra_info("socket")
    else:
        stage.server = await _start(stage, server_class, _HANDLERS[workload])
        near_end = stage.server.sockets[0]
    announce(stage, near_end)


async def _start(stage, server_class, handler):
    address = free_address(stage, server_class)
    if server_class["family"] == "inet":
        return await asyncio.start_server(handler, *address, backlog=BACKLOG)
    return await asyncio.start_unix_server(handler, address, backlog=BACKLOG)


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, work):
        self.work = work

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, address):
        self.work(data, lambda answer: self.transport.sendto(answer, address))


async def _reply(reader, writer):
    writer.write(await reader.read(workloads.LARGEST))
    await _finish(writer)


async def _lines(reader, writer):
    while True:
        data = await reader.readline()
        if not data:
            break
        writer.write(data)
        await writer.drain()
    await _finish(writer)


async def _download(reader, writer):
    await reader.read(workloads.LARGEST)
    writer.write(bytes(workloads.LARGE_REPLY))
    await _finish(writer)


async def _finish(writer):
    await writer.drain()
    writer.close()


_HANDLERS = {"reply": _reply, "lines": _lines, "download": _download}
