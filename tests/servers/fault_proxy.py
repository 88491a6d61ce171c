#!/usr/bin/python3
"""A proxy on loopback that does to a server's connections what networks and overloaded services do.

  fault_proxy.py serve --upstream HOST:PORT [--mode http|ftp|bytes] [--upstream-tls] [--ca FILE]
                       [--tls CERTIFICATE KEY]… [--plain] --ports FILE
      one listener for --plain (the default) and each --tls, all before the same upstream; FILE gets one port a line: that
      of the control, then those of the listeners, --plain first; with --mode ftp, the first --tls is what AUTH TLS is answered with
  fault_proxy.py ctl PORT add JSON        a rule; prints its number
  fault_proxy.py ctl PORT clear           forgets all rules, the delay and the log; ends what hangs
  fault_proxy.py ctl PORT rules           the rules, with how often each matched and was used
  fault_proxy.py ctl PORT wait NUMBER [SECONDS]    until that rule has been used (60 s)
  fault_proxy.py ctl PORT delay MILLISECONDS       in each direction, from now on
  fault_proxy.py ctl PORT refuse | accept          new connections; refuse resets those that are open
  fault_proxy.py ctl PORT log | clear-log          one JSON object a request or command (a connection, with --mode bytes)

README.md lists what a rule may say. The Host header is forwarded as it came: S3 signs it.
"""
import argparse
import asyncio
import collections
import email.utils
import http.client
import itertools
import json
import re
import socket
import ssl
import struct
import sys
import time

BLOCK = 1 << 16
QUEUED = 8 << 20  # bytes that may wait for their time, each direction
HEAD = 1 << 18
SECRETS = re.compile(r"(?i)^(x-amz-(signature|credential|security-token)|sig|signature|googleaccessid|token)$")
FOREVER = 3600.0


def acknowledge_at_once(writer):
    """Else the kernel delays it by 40 ms, and a server that sends heads and bodies apart (RGW) waits for it with the body."""
    writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


class Gone(Exception):
    """Either side has closed or reset the connection, or a fault has."""


class Lost(Gone):
    """What is to be written has nobody to take it. What that side had sent before may still be on its way."""


class Reader(asyncio.StreamReader):
    """Gives what has arrived before it tells of a reset, as sockets do."""
    failure = None

    def set_exception(self, exc):
        self.failure = exc
        self.feed_eof()

    async def read(self, n=-1):
        data = await super().read(n)
        if not data and self.failure:
            raise self.failure
        return data


async def listen(accept, *where, **options):
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: asyncio.StreamReaderProtocol(Reader(limit=HEAD, loop=loop), accept, loop=loop), *where, **options)


async def connect(host, port, **options):
    loop = asyncio.get_running_loop()
    reader = Reader(limit=HEAD, loop=loop)
    transport, protocol = await loop.create_connection(lambda: asyncio.StreamReaderProtocol(reader, loop=loop), host, port, **options)
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


class Rule:
    ACTIONS = {"reset-connection", "reset-after-head", "reset-in-request", "reset-after-request", "reset-in-reply", "lose-reply",
               "stall-request", "stall-reply", "status", "truncate-reply", "wrong-length", "corrupt-reply", "delay", "skew"}
    PASSING = {"delay", "skew"}  # the request goes on, and further rules are looked at

    def __init__(self, number, spec):
        unknown = set(spec) - {"match", "skip", "count", "do", "bytes", "seconds", "then", "status", "headers", "body", "code", "by", "ms"}
        if unknown or spec.get("do") not in self.ACTIONS:
            raise ValueError(f"no such rule: {json.dumps(spec)}")
        match = spec.get("match", {})
        if set(match) - {"method", "path", "query", "header"}:
            raise ValueError(f"no such match: {json.dumps(match)}")
        self.number, self.spec, self.do = number, spec, spec["do"]
        self.method = match.get("method")
        self.path, self.query = (re.compile(match.get(part, "")) for part in ("path", "query"))
        self.headers = {name.lower(): re.compile(value) for name, value in match.get("header", {}).items()}
        self.skip, self.count = spec.get("skip", 0), spec.get("count", 1)
        self.matched = self.used = 0
        self.was_used = asyncio.Event()

    def takes(self, request):
        """Whether this rule acts on it; counts."""
        if request is not None:
            path, _, query = request.target.partition("?")
            if self.method not in (None, request.method) or not self.path.search(path) or not self.query.search(query):
                return False
            if not all(pattern.search(request.headers.get(name, "")) for name, pattern in self.headers.items()):
                return False
        self.matched += 1
        if self.matched <= self.skip or (self.count and self.used >= self.count):
            return False
        self.used += 1
        self.was_used.set()
        return True

    def described(self):
        return {"id": self.number, "matched": self.matched, "used": self.used, **self.spec}


class Head:
    """The first line and the headers of a request or reply, kept as they came."""

    def __init__(self, raw):
        self.raw = raw
        lines = raw.decode("latin-1").split("\r\n")
        self.first = lines[0]
        self.headers = {}
        for line in lines[1:]:
            if ":" in line:
                name, value = line.split(":", 1)
                self.headers[name.strip().lower()] = value.strip()
        words = self.first.split(" ")
        if len(words) < 2:
            raise Gone("not HTTP")
        self.method, self.target = words[0], words[1]

    @property
    def status(self):
        return int(self.first.split(" ")[1])

    def replaced(self, name, value):
        pattern = re.compile(rb"(?im)^" + name.encode() + rb":[^\r\n]*")
        return pattern.sub(f"{name}: {value}".encode(), self.raw)

    def chunked(self):
        return "chunked" in self.headers.get("transfer-encoding", "").lower()

    def closes(self):
        return self.headers.get("connection", "").lower() == "close" or "HTTP/1.0" in self.first


class Pipe:
    """One side's writer: what is written leaves after the proxy's delay, in order, and as fast as it came."""

    def __init__(self, proxy, writer):
        self.proxy, self.writer = proxy, writer
        self.queue, self.queued = collections.deque(), 0
        self.more, self.room = asyncio.Event(), asyncio.Event()
        self.room.set()
        self.failed = None
        self.task = asyncio.ensure_future(self.run())

    async def run(self):
        try:
            while True:
                while not self.queue:
                    self.more.clear()
                    await self.more.wait()
                due, data = self.queue[0]
                early = due - time.monotonic()
                if early > 0:
                    await asyncio.sleep(early)
                if data is not None:
                    self.writer.write(data)
                    await self.writer.drain()
                    self.queued -= len(data)
                elif self.writer.can_write_eof():
                    self.writer.write_eof()
                self.queue.popleft()
                self.room.set()
        except (OSError, ssl.SSLError, RuntimeError) as error:
            self.failed = error
            self.room.set()

    async def send(self, data):
        """None is the end of what this side sends."""
        while self.queued > QUEUED and not self.failed:
            self.room.clear()
            await self.room.wait()
        if self.failed:
            raise Lost(str(self.failed))
        self.queue.append((time.monotonic() + self.proxy.delay, data))
        self.queued += len(data or b"")
        self.more.set()

    async def flush(self):
        while self.queue and not self.failed:
            self.room.clear()
            await self.room.wait()

    def close(self):
        self.task.cancel()
        self.writer.close()

    def reset(self):
        self.task.cancel()
        connection = self.writer.get_extra_info("socket")
        if connection is not None:
            try:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            except OSError:
                pass
        self.writer.transport.abort()


class Body:
    """Reads what follows a head, block by block, framing included."""

    def __init__(self, reader, head, bodiless=False, until_close=False):
        self.reader, self.left = reader, 0
        self.chunked = not bodiless and head.chunked()
        self.until_close = False
        if bodiless or self.chunked:
            return
        if "content-length" in head.headers:
            self.left = int(head.headers["content-length"])
        else:
            self.until_close = until_close

    async def blocks(self):
        if self.until_close:
            while data := await self.reader.read(BLOCK):
                yield data
        elif self.chunked:
            while True:
                line = await self.reader.readline()
                size = int(line.split(b";")[0] or b"0", 16)
                yield line
                if size == 0:
                    while (line := await self.reader.readline()) not in (b"\r\n", b""):
                        yield line
                    yield line
                    return
                self.left = size + 2
                async for data in self.counted():
                    yield data
        else:
            async for data in self.counted():
                yield data

    async def counted(self):
        while self.left:
            data = await self.reader.read(min(BLOCK, self.left))
            if not data:
                raise Gone("ended in the middle of a body")
            self.left -= len(data)
            yield data


class Proxy:
    def __init__(self, options):
        self.options = options
        self.rules, self.numbers = [], itertools.count(1)
        self.log, self.delay = [], 0.0
        self.open, self.cleared = set(), asyncio.Event()
        self.listeners, self.reserved = [], []
        self.host, _, port = options.upstream.rpartition(":")
        self.port = int(port)
        self.upstream_tls = ssl.create_default_context(cafile=options.ca) if options.upstream_tls else None

    # The faults that a request or, without one, a connection meets.
    def pick(self, request):
        picked = []
        for rule in self.rules:
            if (request is None) != (rule.do == "reset-connection" or self.options.mode == "bytes"):
                continue
            if rule.takes(request):
                picked.append(rule)
                if rule.do not in Rule.PASSING:
                    break
        return picked

    async def hold(self, seconds, reader):
        """Returns when the time is over; the connection is lost when the rules are cleared or the other side gives up before."""
        waits = [asyncio.ensure_future(self.cleared.wait())]
        if reader is not None:
            waits.append(asyncio.ensure_future(self.end_of(reader)))
        ended, _ = await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        if ended:
            raise Gone("a stalled transfer")

    @staticmethod
    async def end_of(reader):
        try:
            while not reader.at_eof() and reader.exception() is None:
                await asyncio.sleep(0.02)
        except OSError:
            pass

    async def connect(self):
        reader, writer = await connect(self.host, self.port, ssl=self.upstream_tls,
                                       server_hostname="localhost" if self.upstream_tls else None)
        return reader, Pipe(self, writer)

    async def accept(self, reader, writer):
        client = Pipe(self, writer)
        self.open.add(client)
        faults = self.pick(None)
        try:
            if any(rule.do == "reset-connection" for rule in faults):
                self.log.append({"fault": "reset-connection"})
                client.reset()
            elif self.options.mode == "http":
                await HttpConnection(self, reader, client).run()
            elif self.options.mode == "ftp":
                await FtpConnection(self, reader, client).run()
            else:
                await self.relay(reader, client, faults)
        except (OSError, Gone, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            client.reset()
        finally:
            self.open.discard(client)
            client.close()

    async def relay(self, reader, client, faults):
        """Bytes both ways; of the faults that concern a place, `bytes` says where."""
        entry = {"fault": ",".join(rule.do for rule in faults) or None, "bytes_up": 0, "bytes_down": 0}
        self.log.append(entry)
        rule = next((rule for rule in faults if rule.do not in Rule.PASSING), None)
        if rule and rule.do == "reset-after-head":  # after the first bytes that the client sends
            await reader.read(1)
            client.reset()
            return
        upstream_reader, upstream = await self.connect()

        async def one_way(source, sink, counted, stops, stalls):
            limit = rule.spec.get("bytes", 0) if rule and rule.do in stops + stalls else None
            while data := await source.read(BLOCK):
                if limit is not None and entry[counted] + len(data) > limit:
                    data, rest = data[:limit - entry[counted]], data[limit - entry[counted]:]
                    await sink.send(data)
                    await sink.flush()
                    entry[counted] += len(data)
                    if rule.do not in stalls:
                        raise Gone(rule.do)
                    await self.hold(rule.spec.get("seconds", FOREVER), None)
                    data, limit = rest, None
                await sink.send(data)
                entry[counted] += len(data)
            await sink.send(None)

        ways = [asyncio.ensure_future(until_lost(one_way(reader, upstream, "bytes_up", ("reset-in-request",), ("stall-request",)))),
                asyncio.ensure_future(until_lost(one_way(upstream_reader, client, "bytes_down", ("reset-in-reply", "truncate-reply"), ("stall-reply",))))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_EXCEPTION)
            for way in ways:
                if way.done() and way.exception():
                    raise way.exception()
            await client.flush()
        except (Gone, OSError):
            upstream.reset()
            if not rule or rule.do != "truncate-reply":
                client.reset()
        finally:
            for way in ways:
                way.cancel()
            upstream.close()

    # Listening. A port that refuses stays ours, by a socket that is bound and does not listen.
    async def listen(self, port=0, context=None):
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listening.bind(("127.0.0.1", port))
        if not port:
            port = listening.getsockname()[1]
            reserve = socket.socket()
            reserve.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            reserve.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            reserve.bind(("127.0.0.1", port))
            self.reserved.append((port, context, reserve))
        self.listeners.append(await listen(self.accept, sock=listening, ssl=context))
        return port

    async def refuse(self):
        for listener in self.listeners:
            listener.close()
        self.listeners = []
        for pipe in list(self.open):
            pipe.reset()

    async def accept_again(self):
        if not self.listeners:
            for port, context, _ in self.reserved:
                await self.listen(port, context)

    def clear(self):
        self.rules, self.log, self.delay = [], [], 0.0
        self.cleared.set()
        self.cleared = asyncio.Event()


class HttpConnection:
    """A client's connection and the one to the upstream that serves it, request after request."""

    def __init__(self, proxy, reader, client):
        self.proxy, self.reader, self.client = proxy, reader, client
        self.upstream_reader = self.upstream = None

    async def run(self):
        try:
            while True:
                try:
                    raw = await self.reader.readuntil(b"\r\n\r\n")
                except asyncio.IncompleteReadError as error:
                    if error.partial:
                        raise
                    return
                if not await self.serve(Head(raw)):
                    await self.client.flush()
                    return
        finally:
            if self.upstream:
                self.upstream.close()

    async def serve(self, request):
        """One request; whether the connection lives on."""
        faults = self.proxy.pick(request)
        rule = next((rule for rule in faults if rule.do not in Rule.PASSING), None)
        entry = {"method": request.method, "path": without_secrets(request.target), "status": None,
                 "fault": ",".join(fault.do for fault in faults) or None, "bytes_up": 0, "bytes_down": 0, "seconds": None}
        self.proxy.log.append(entry)
        started = time.monotonic()
        try:
            for fault in faults:
                if fault.do == "delay":
                    await asyncio.sleep(fault.spec.get("ms", 0) / 1000)
            do = rule.do if rule else None
            if do == "reset-after-head":
                raise Gone(do)
            if do in ("reset-after-request", "status"):
                await self.swallow(request, entry)
                if do == "status":
                    return await self.answer(request, rule, faults, entry)
                raise Gone(do)
            return await self.forward(request, rule, faults, entry)
        finally:
            entry["seconds"] = round(time.monotonic() - started, 4)

    async def swallow(self, request, entry):
        if "expect" in request.headers:
            await self.client.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        async for data in Body(self.reader, request).blocks():
            entry["bytes_up"] += len(data)

    async def answer(self, request, rule, faults, entry):
        status, headers = rule.spec.get("status", 503), dict(rule.spec.get("headers", {}))
        body = rule.spec.get("body", "")
        if "code" in rule.spec and not body:
            code = rule.spec["code"]
            body = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{code}</Message><RequestId>fault-proxy</RequestId></Error>'
            headers.setdefault("Content-Type", "application/xml")
        data = b"" if request.method == "HEAD" else body.encode()
        headers.setdefault("Date", email.utils.formatdate(time.time() + skew(faults), usegmt=True))
        headers.setdefault("Content-Length", str(len(body.encode())))
        lines = [f"HTTP/1.1 {status} {http.client.responses.get(status, 'Unknown')}"] + [f"{name}: {value}" for name, value in headers.items()]
        await self.client.send("\r\n".join(lines + ["", ""]).encode() + data)
        entry["status"], entry["bytes_down"] = status, len(data)
        return not request.closes()

    async def forward(self, request, rule, faults, entry):
        if self.upstream is None or self.upstream_reader.at_eof() or self.upstream.failed:
            if self.upstream:
                self.upstream.close()
            self.upstream_reader, self.upstream = await self.proxy.connect()
        await self.upstream.send(request.raw)
        sending = asyncio.ensure_future(self.send_body(request, rule, entry))
        replying = asyncio.ensure_future(self.relay_reply(request, rule, faults, entry))
        try:
            await asyncio.wait([sending, replying], return_when=asyncio.FIRST_COMPLETED)
            if sending.done() and sending.exception():
                raise sending.exception()
            alive = await replying
            if not sending.done():  # answered before it had all: the connection cannot be used again
                return False
            return alive and not request.closes()
        except (Gone, OSError, asyncio.IncompleteReadError):
            self.upstream.reset()
            raise
        finally:
            sending.cancel()
            replying.cancel()

    async def send_body(self, request, rule, entry):
        do = rule.do if rule else None
        length = int(request.headers.get("content-length", 0))
        limit = rule.spec.get("bytes", length // 2) if do in ("reset-in-request", "stall-request") else None
        async for data in Body(self.reader, request).blocks():
            if limit is not None and entry["bytes_up"] + len(data) > limit:
                part = data[:limit - entry["bytes_up"]]
                await self.upstream.send(part)
                await self.upstream.flush()
                entry["bytes_up"] += len(part)
                if do == "reset-in-request":
                    raise Gone(do)
                await self.proxy.hold(rule.spec.get("seconds", FOREVER), None)
                data, limit = data[len(part):], None
            await self.upstream.send(data)
            entry["bytes_up"] += len(data)

    async def relay_reply(self, request, rule, faults, entry):
        while True:
            reply = Head(await self.upstream_reader.readuntil(b"\r\n\r\n"))
            acknowledge_at_once(self.upstream.writer)
            if reply.status >= 200:
                break
            await self.client.send(reply.raw)
        entry["status"] = reply.status
        do = rule.do if rule else None
        bodiless = request.method == "HEAD" or reply.status in (204, 304)
        blocks = Body(self.upstream_reader, reply, bodiless, until_close=True)
        if do == "lose-reply":
            async for _ in blocks.blocks():
                pass
            if rule.spec.get("then", "reset") == "hold":
                await self.proxy.hold(rule.spec.get("seconds", FOREVER), self.reader)
            raise Gone(do)
        raw, length = reply.raw, int(reply.headers.get("content-length", 0))
        if skew(faults):
            date = email.utils.formatdate(time.time() + skew(faults), usegmt=True)
            raw = reply.replaced("Date", date)
        if do == "wrong-length":
            raw = Head(raw).replaced("Content-Length", str(length + rule.spec.get("by", 1)))
        await self.client.send(raw)
        limit = rule.spec.get("bytes", length // 2) if do in ("reset-in-reply", "stall-reply", "truncate-reply", "corrupt-reply") else None
        async for data in blocks.blocks():
            if limit is not None and entry["bytes_down"] + len(data) > limit:
                place = limit - entry["bytes_down"]
                limit = None
                if do == "corrupt-reply":
                    data = data[:place] + bytes([data[place] ^ 1]) + data[place + 1:]
                else:
                    await self.client.send(data[:place])
                    await self.client.flush()
                    entry["bytes_down"] += place
                    if do == "reset-in-reply":
                        raise Gone(do)
                    if do == "truncate-reply":
                        return False
                    await self.proxy.hold(rule.spec.get("seconds", FOREVER), self.reader)
                    data = data[place:]
            await self.client.send(data)
            entry["bytes_down"] += len(data)
        return not blocks.until_close and not reply.closes() and do != "wrong-length"


async def until_lost(way):
    """One way of a connection; the other one tells of the loss, once it has passed on what there was."""
    try:
        await way
    except Lost:
        pass


class FtpCommand:
    """A command as rules match it: its verb is the method, its argument the path."""

    def __init__(self, line):
        words = line.decode("utf-8", "replace").rstrip("\r\n").split(" ", 1)
        self.method, self.headers = words[0].upper(), {}
        self.target = words[1] if len(words) > 1 else ""


class FtpConnection:
    """A control connection and its data connections. TLS of the former ends here and begins anew; data pass as they are."""

    def __init__(self, proxy, reader, client):
        self.proxy, self.reader, self.client = proxy, reader, client
        self.upstream_reader = self.upstream = None
        self.transfer = asyncio.Event()  # the command that the data are of is known
        self.rule = self.entry = None
        self.data_listener = None
        self.data_done = None

    async def run(self):
        self.upstream_reader, self.upstream = await self.proxy.connect()
        try:
            await self.client.send((await self.reply())[1])
            while line := await self.reader.readline():
                await self.serve(FtpCommand(line), line)
            await self.client.flush()
        finally:
            self.upstream.close()
            if self.data_listener:
                self.data_listener.close()

    async def reply(self):
        """The code and all lines of one reply."""
        raw = line = first = await self.upstream_reader.readline()
        while first[3:4] == b"-" and not line.startswith(first[:3] + b" "):
            line = await self.upstream_reader.readline()
            raw += line
            if not line:
                break
        if not line:
            raise Gone("the server has closed")
        return int(first[:3]), raw

    async def serve(self, command, line):
        faults = self.proxy.pick(command)
        rule = next((rule for rule in faults if rule.do not in Rule.PASSING), None)
        path = "…" if command.method == "PASS" else command.target
        entry = {"method": command.method, "path": path, "status": None, "fault": ",".join(fault.do for fault in faults) or None,
                 "bytes_up": 0, "bytes_down": 0, "seconds": None}
        self.proxy.log.append(entry)
        started = time.monotonic()
        try:
            for fault in faults:
                if fault.do == "delay":
                    await asyncio.sleep(fault.spec.get("ms", 0) / 1000)
            do = rule.do if rule else None
            if do in ("reset-after-head", "reset-after-request"):
                raise Gone(do)
            if do == "status":
                entry["status"] = rule.spec.get("status", 421)
                await self.client.send(f"{entry['status']} {rule.spec.get('body', 'fault proxy')}\r\n".encode())
                if entry["status"] == 421:
                    await self.client.flush()
                    self.client.writer.write_eof()
                return
            await self.forward(command, line, rule, entry)
        finally:
            entry["seconds"] = round(time.monotonic() - started, 4)

    async def forward(self, command, line, rule, entry):
        self.rule, self.entry = rule, entry
        await self.upstream.send(line)
        code, raw = await self.reply()
        if code // 100 == 1:
            self.transfer.set()
            await self.client.send(raw)
            code, raw = await self.reply()
            if self.data_done:
                await self.data_done.wait()
        entry["status"] = code
        if rule and rule.do == "lose-reply":
            if rule.spec.get("then", "reset") == "hold":
                await self.proxy.hold(rule.spec.get("seconds", FOREVER), self.reader)
            raise Gone(rule.do)
        if command.method == "AUTH" and code == 234:
            return await self.start_tls(raw)
        if code == 229:
            port = await self.listen_for_data(int(re.search(rb"\|(\d+)\|", raw)[1]))
            raw = re.sub(rb"\|\d+\|\)", b"|%d|)" % port, raw)
        elif code == 227:
            high, low = re.search(rb",(\d+),(\d+)\)", raw).groups()
            port = await self.listen_for_data(int(high) * 256 + int(low))
            raw = re.sub(rb"\([\d,]*\)", b"(127,0,0,1,%d,%d)" % divmod(port, 256), raw)
        await self.client.send(raw)

    async def start_tls(self, reply):
        certificate, key = self.proxy.options.tls[0]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        upstream = ssl.create_default_context(cafile=self.proxy.options.ca)
        await self.upstream.writer.start_tls(upstream, server_hostname="localhost")
        await self.client.flush()
        # The client's first TLS bytes must not be read as commands: nothing is between the reply and the start.
        self.client.writer.write(reply)
        await self.client.writer.start_tls(context)

    async def listen_for_data(self, upstream_port):
        if self.data_listener:
            self.data_listener.close()
        self.transfer, self.data_done = asyncio.Event(), asyncio.Event()
        transfer, done = self.transfer, self.data_done

        async def accept(reader, writer):
            client = Pipe(self.proxy, writer)
            try:
                upstream_reader, upstream_writer = await connect(self.proxy.host, upstream_port)
                upstream = Pipe(self.proxy, upstream_writer)
                await self.relay_data(transfer, reader, client, upstream_reader, upstream)
            except (OSError, Gone):
                client.reset()
            finally:
                done.set()
                client.close()

        self.data_listener = await listen(accept, "127.0.0.1", 0)
        return self.data_listener.sockets[0].getsockname()[1]

    async def relay_data(self, transfer, reader, client, upstream_reader, upstream):
        async def one_way(source, sink, counted, stops, stalls):
            total, limit = 0, None
            while data := await source.read(BLOCK):
                # Either may come first: a handshake of TLS, or the command that tells what to do with the data.
                if transfer.is_set() and self.rule and self.rule.do in stops + stalls:
                    limit = self.rule.spec.get("bytes", 0)
                if limit is not None and total + len(data) > limit:
                    rule, place = self.rule, max(limit - total, 0)
                    await sink.send(data[:place])
                    await sink.flush()
                    self.entry[counted] += place
                    if rule.do == "truncate-reply":  # the server is done, and says so
                        await sink.send(None)
                        while await source.read(BLOCK):
                            pass
                        return
                    if rule.do not in stalls:
                        raise Gone(rule.do)
                    await self.proxy.hold(rule.spec.get("seconds", FOREVER), None)
                    data, limit, stops, stalls = data[place:], None, (), ()
                await sink.send(data)
                total += len(data)
                if self.entry is not None:
                    self.entry[counted] += len(data)
            await sink.send(None)
            await sink.flush()

        ways = [asyncio.ensure_future(until_lost(one_way(reader, upstream, "bytes_up", ("reset-in-request",), ("stall-request",)))),
                asyncio.ensure_future(until_lost(one_way(upstream_reader, client, "bytes_down", ("reset-in-reply", "truncate-reply"), ("stall-reply",))))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_EXCEPTION)
            for way in ways:
                if way.done() and way.exception():
                    raise way.exception()
        except (Gone, OSError):
            upstream.reset()
            raise
        finally:
            for way in ways:
                way.cancel()
            upstream.close()


def skew(faults):
    return sum(fault.spec.get("seconds", 0) for fault in faults if fault.do == "skew")


def without_secrets(target):
    path, mark, query = target.partition("?")
    shown = [name + ("=…" if SECRETS.match(name) else equals + value)
             for name, equals, value in (part.partition("=") for part in query.split("&"))]
    return path + mark + "&".join(shown)


class Control:
    def __init__(self, proxy):
        self.proxy = proxy

    async def accept(self, reader, writer):
        try:
            head = Head(await reader.readuntil(b"\r\n\r\n"))
            body = await reader.readexactly(int(head.headers.get("content-length", 0)))
            try:
                status, answer = 200, await self.obey(head.target.strip("/"), json.loads(body or b"null"))
            except (ValueError, KeyError, TypeError, re.error) as error:
                status, answer = 400, str(error)
            except asyncio.TimeoutError:
                status, answer = 408, "the rule has not been used in that time"
            data = json.dumps(answer).encode()
            writer.write(b"HTTP/1.1 %d x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % (status, len(data)) + data)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError, Gone):
            pass
        finally:
            writer.close()

    async def obey(self, command, argument):
        proxy = self.proxy
        if command == "add":
            proxy.rules.append(Rule(next(proxy.numbers), argument))
            return proxy.rules[-1].number
        if command == "wait":
            rule = next((rule for rule in proxy.rules if rule.number == int(argument["id"])), None)
            if rule is None:
                raise ValueError("there is no such rule")
            await asyncio.wait_for(rule.was_used.wait(), float(argument["seconds"]))
            return rule.described()
        if command == "clear":
            proxy.clear()
        elif command == "rules":
            return [rule.described() for rule in proxy.rules]
        elif command == "log":
            return proxy.log
        elif command == "clear-log":
            proxy.log = []
        elif command == "delay":
            proxy.delay = float(argument) / 1000
        elif command == "refuse":
            await proxy.refuse()
        elif command == "accept":
            await proxy.accept_again()
        else:
            raise ValueError(f"no such command: {command}")
        return None


async def serve(options):
    proxy = Proxy(options)
    control = await asyncio.start_server(Control(proxy).accept, "127.0.0.1", 0)
    ports = [control.sockets[0].getsockname()[1]]
    if options.plain or not options.tls or options.mode == "ftp":
        ports.append(await proxy.listen())
    for certificate, key in options.tls if options.mode != "ftp" else []:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        ports.append(await proxy.listen(context=context))
    with open(options.ports, "w", encoding="ascii") as file:
        file.write("".join(f"{port}\n" for port in ports))
    # What clients that vanish leave in asyncio's hands is no news here.
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    await asyncio.Event().wait()


def control(port, command, argument=None):
    """One command to a running proxy; for tests in Python, too."""
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=700)
    connection.request("POST", f"/{command}", json.dumps(argument))
    reply = connection.getresponse()
    answer = json.loads(reply.read())
    if reply.status != 200:
        raise ValueError(answer)
    return answer


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = parser.add_subparsers(dest="part", required=True)
    server = parts.add_parser("serve")
    server.add_argument("--upstream", required=True)
    server.add_argument("--mode", choices=("http", "ftp", "bytes"), default="http")
    server.add_argument("--upstream-tls", action="store_true")
    server.add_argument("--ca")
    server.add_argument("--tls", nargs=2, action="append", default=[])
    server.add_argument("--plain", action="store_true")
    server.add_argument("--ports", required=True)
    client = parts.add_parser("ctl")
    client.add_argument("port")
    client.add_argument("command")
    client.add_argument("arguments", nargs="*")
    options = parser.parse_args()
    if options.part == "serve":
        asyncio.run(serve(options))
    argument = None
    if options.command == "wait":
        argument = {"id": options.arguments[0], "seconds": (options.arguments + ["60"])[1]}
    elif options.arguments:
        argument = json.loads(options.arguments[0])
    try:
        answer = control(options.port, options.command, argument)
    except ValueError as error:
        sys.exit(f"fault_proxy: {error}")
    if options.command in ("log", "rules"):
        for line in answer:
            print(json.dumps(line, ensure_ascii=False))
    elif answer is not None:
        print(json.dumps(answer, ensure_ascii=False))


if __name__ == "__main__":
    main()
