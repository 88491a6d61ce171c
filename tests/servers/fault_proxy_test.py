#!/usr/bin/python3
"""Every fault of fault_proxy.py, before a small server of its own, as a client sees it and as the server does."""
import http.client
import http.server
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import fault_proxy  # noqa: E402

BODY = bytes(range(256)) * 1024


class Server(http.server.BaseHTTPRequestHandler):
    """Keeps what is put; knows which requests it has seen to their end."""
    protocol_version = "HTTP/1.1"
    seen, objects, hosts = [], {}, set()

    def reply(self, status, body=b""):
        self.hosts.add(self.headers["Host"])
        type(self).seen.append((self.command, self.path))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self):
        if self.path == "/chunked":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"3\r\nabc\r\n5\r\ndefgh\r\n0\r\n\r\n")
            return
        self.reply(200, self.objects.get(self.path, BODY))

    do_HEAD = do_GET

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if len(body) == int(self.headers["Content-Length"]):
            self.objects[self.path] = body
            self.reply(201)

    def log_message(self, *arguments):
        pass


class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
        cls.server.daemon_threads = True
        cls.server.handle_error = lambda *arguments: None
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.folder = tempfile.TemporaryDirectory()
        run = lambda *command: subprocess.run(command, cwd=cls.folder.name, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key", "-out", "pem",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
        cls.http = cls.start("http", "--mode", "http", "--plain", "--tls", "pem", "key")
        cls.bytes = cls.start("bytes", "--mode", "bytes")

    @classmethod
    def start(cls, name, *options):
        ports = os.path.join(cls.folder.name, name)
        process = subprocess.Popen([os.path.join(HERE, "fault_proxy.py"), "serve", "--upstream", f"127.0.0.1:{cls.server.server_port}",
                                    "--ports", ports, *options], cwd=cls.folder.name)
        cls.addClassCleanup(process.wait)
        cls.addClassCleanup(process.kill)
        end = time.monotonic() + 20
        while not os.path.exists(ports) or not os.path.getsize(ports):
            if time.monotonic() > end or process.poll() is not None:
                raise RuntimeError("the proxy does not start")
            time.sleep(0.02)
        with open(ports, encoding="ascii") as file:
            return [int(line) for line in file]

    @classmethod
    def tearDownClass(cls):
        cls.server.shutdown()
        cls.folder.cleanup()

    def setUp(self):
        Server.seen, Server.objects = [], {}
        self.control, self.port = self.http[:2]
        self.connections = []
        for port in (self.http[0], self.bytes[0]):
            fault_proxy.control(port, "accept")
            fault_proxy.control(port, "clear")

    def tearDown(self):
        for connection in self.connections:
            connection.close()

    def add(self, do, **more):
        return fault_proxy.control(self.control, "add", {"do": do, **more})

    def connect(self, timeout=20):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        self.connections.append(connection)
        return connection

    def ask(self, method="GET", path="/object", body=None, connection=None, headers=None):
        connection = connection or self.connect()
        connection.request(method, path, body, headers or {})
        reply = connection.getresponse()
        return reply.status, reply.headers, reply.read()

    def log(self):
        return fault_proxy.control(self.control, "log")

    def test_without_rules_all_passes_on_one_connection(self):
        connection = self.connect()
        self.assertEqual(self.ask("PUT", "/object", BODY, connection)[0], 201)
        self.assertEqual(self.ask("GET", "/object", None, connection)[2], BODY)
        self.assertEqual(self.ask("HEAD", "/object", None, connection)[2], b"")
        self.assertEqual(self.ask("GET", "/chunked", None, connection)[2], b"abcdefgh")
        self.assertEqual([(entry["method"], entry["status"]) for entry in self.log()], [("PUT", 201), ("GET", 200), ("HEAD", 200), ("GET", 200)])
        self.assertEqual((self.log()[0]["bytes_up"], self.log()[1]["bytes_down"]), (len(BODY), len(BODY)))

    def test_host_is_forwarded_and_secrets_are_not_logged(self):
        Server.hosts.clear()
        self.ask(path="/object?X-Amz-Signature=abc&prefix=p&sig=def")
        self.assertEqual(Server.hosts, {f"127.0.0.1:{self.port}"})
        self.assertEqual(self.log()[0]["path"], "/object?X-Amz-Signature=…&prefix=p&sig=…")

    def test_rules_skip_and_count(self):
        number = self.add("status", status=503, match={"method": "PUT", "path": "packs/"}, skip=1, count=2)
        got = [self.ask("PUT", path, b"x")[0] for path in ("/packs/1", "/index/1", "/packs/2", "/packs/3", "/packs/4")]
        self.assertEqual(got, [201, 201, 503, 503, 201])
        rule = fault_proxy.control(self.control, "wait", {"id": number, "seconds": 1})
        self.assertEqual((rule["matched"], rule["used"]), (4, 2))

    def test_waiting_for_a_rule_that_is_not_used_fails(self):
        number = self.add("status")
        with self.assertRaisesRegex(ValueError, "has not been used"):
            fault_proxy.control(self.control, "wait", {"id": number, "seconds": 0.1})

    def test_nonsense_is_refused(self):
        for rule in ({"do": "explode"}, {"do": "status", "mach": {}}, {"do": "status", "match": {"methd": "GET"}}):
            with self.assertRaises(ValueError):
                fault_proxy.control(self.control, "add", rule)

    def test_reset_of_a_connection(self):
        self.add("reset-connection")
        with self.assertRaises(ConnectionError):
            self.ask()
        self.assertEqual(self.ask()[0], 200)

    def test_reset_after_head(self):
        self.add("reset-after-head")
        with self.assertRaises(ConnectionError):
            self.ask()
        self.assertEqual(Server.seen, [])

    def test_reset_in_request(self):
        self.add("reset-in-request", bytes=1000)
        with self.assertRaises(ConnectionError):
            self.ask("PUT", "/object", BODY * 40)
        self.assertEqual((self.log()[0]["bytes_up"], Server.seen), (1000, []))

    def test_reset_after_request_that_did_not_happen(self):
        self.add("reset-after-request")
        with self.assertRaises(ConnectionError):
            self.ask("PUT", "/object", BODY)
        self.assertEqual((self.log()[0]["bytes_up"], Server.seen), (len(BODY), []))

    def test_lost_reply_of_a_request_that_happened(self):
        self.add("lose-reply")
        with self.assertRaises(ConnectionError):
            self.ask("PUT", "/object", BODY)
        self.assertEqual((Server.objects, self.log()[0]["status"]), ({"/object": BODY}, 201))

    def test_held_reply_of_a_request_that_happened(self):
        number = self.add("lose-reply", then="hold")
        with self.assertRaises(TimeoutError):
            self.ask("PUT", "/object", BODY, self.connect(timeout=0.5))
        fault_proxy.control(self.control, "wait", {"id": number, "seconds": 5})
        self.assertEqual(Server.objects, {"/object": BODY})

    def test_reset_in_reply(self):
        self.add("reset-in-reply")
        with self.assertRaises(ConnectionError):
            self.ask()
        self.assertEqual(self.log()[0]["bytes_down"], len(BODY) // 2)

    def test_stalled_reply(self):
        self.add("stall-reply", bytes=1000)
        connection = self.connect(timeout=0.5)
        connection.request("GET", "/object")
        reply = connection.getresponse()
        self.assertEqual(reply.read(1000), BODY[:1000])
        with self.assertRaises(TimeoutError):
            reply.read(1)

    def test_a_stalled_reply_goes_on_after_its_time(self):
        self.add("stall-reply", bytes=1000, seconds=0.3)
        started = time.monotonic()
        self.assertEqual(self.ask()[2], BODY)
        self.assertGreaterEqual(time.monotonic() - started, 0.3)

    def test_stalled_request(self):
        self.add("stall-request", bytes=1000)
        with self.assertRaises(TimeoutError):
            self.ask("PUT", "/object", BODY, self.connect(timeout=0.5))
        self.assertEqual((self.log()[0]["bytes_up"], Server.seen), (1000, []))

    def test_status_with_retry_after(self):
        self.add("status", status=429, headers={"Retry-After": "7"})
        connection = self.connect()
        status, headers, _ = self.ask("PUT", "/object", BODY, connection)
        self.assertEqual((status, headers["Retry-After"], Server.seen), (429, "7", []))
        self.assertEqual(self.ask("PUT", "/object", BODY, connection)[0], 201)

    def test_an_error_as_s3_writes_it(self):
        self.add("status", status=403, code="ExpiredToken")
        status, headers, body = self.ask()
        self.assertEqual((status, headers["Content-Type"]), (403, "application/xml"))
        self.assertIn(b"<Code>ExpiredToken</Code>", body)

    def test_truncated_reply(self):
        self.add("truncate-reply", bytes=1000)
        with self.assertRaises(http.client.IncompleteRead) as caught:
            self.ask()
        self.assertEqual(caught.exception.partial, BODY[:1000])

    def test_too_long_and_too_short_a_length(self):
        self.add("wrong-length", by=5)
        with self.assertRaises(http.client.IncompleteRead):
            self.ask()
        self.add("wrong-length", by=-5)
        self.assertEqual(self.ask()[2], BODY[:-5])

    def test_corrupt_reply(self):
        self.add("corrupt-reply", bytes=1000)
        got = self.ask()[2]
        self.assertEqual([place for place in range(len(BODY)) if got[place] != BODY[place]], [1000])

    def test_skewed_clock(self):
        self.add("skew", seconds=3600, count=0)
        shown = time.mktime(time.strptime(self.ask()[1]["Date"], "%a, %d %b %Y %H:%M:%S GMT")) - time.timezone
        self.assertAlmostEqual(shown - time.time(), 3600, delta=5)
        self.add("status", status=403, code="RequestTimeTooSkewed")
        status, headers, body = self.ask()
        shown = time.mktime(time.strptime(headers["Date"], "%a, %d %b %Y %H:%M:%S GMT")) - time.timezone
        self.assertAlmostEqual(shown - time.time(), 3600, delta=5)
        self.assertEqual((status, b"RequestTimeTooSkewed" in body), (403, True))

    def test_refused_connections(self):
        open_before = self.connect()
        self.ask(connection=open_before)
        fault_proxy.control(self.control, "refuse")
        with self.assertRaises(ConnectionRefusedError):
            self.ask()
        with self.assertRaises((ConnectionError, http.client.RemoteDisconnected)):
            open_before.request("GET", "/object")
            open_before.getresponse()
        fault_proxy.control(self.control, "accept")
        self.assertEqual(self.ask()[0], 200)

    def test_delay_is_latency_and_not_bandwidth(self):
        connection = self.connect()
        self.ask(connection=connection)
        fault_proxy.control(self.control, "delay", 100)
        started = time.monotonic()
        self.assertEqual(self.ask("PUT", "/object", BODY * 40, connection)[0], 201)
        taken = time.monotonic() - started
        self.assertGreaterEqual(taken, 0.2)
        self.assertLess(taken, 2.0)  # 160 blocks of 64 KiB, one after the other, would take 16 s

    def test_a_delay_of_single_requests(self):
        self.add("delay", ms=300, match={"path": "slow"})
        started = time.monotonic()
        self.ask(path="/slow")
        self.assertGreaterEqual(time.monotonic() - started, 0.3)

    def test_tls_front(self):
        context = ssl.create_default_context(cafile=os.path.join(self.folder.name, "pem"))
        self.add("reset-in-reply", skip=1)
        connection = http.client.HTTPSConnection("localhost", self.http[2], timeout=20, context=context)
        self.connections.append(connection)
        self.assertEqual(self.ask(connection=connection)[2], BODY)
        with self.assertRaises((ConnectionError, http.client.IncompleteRead)):  # Python's ssl can take a reset for an end
            self.ask(connection=connection)

    def test_expect_continue_is_passed_on(self):
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        self.connections.append(connection)
        connection.sendall(b"PUT /object HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        self.assertIn(b" 100 ", connection.recv(100))
        connection.sendall(b"abc")
        self.assertIn(b" 201 ", connection.recv(1000))
        self.assertEqual(Server.objects, {"/object": b"abc"})

    def test_bytes_pass_and_are_reset_or_truncated_where_told(self):
        self.control, self.port = self.bytes
        self.assertEqual(self.ask("PUT", "/object", BODY)[0], 201)
        self.add("reset-in-reply", bytes=5000)
        with self.assertRaises(ConnectionError):
            self.ask()
        self.assertEqual(self.log()[1]["bytes_down"], 5000)
        self.add("truncate-reply", bytes=5000)
        with self.assertRaises(http.client.IncompleteRead):
            self.ask()
        self.add("reset-in-request", bytes=5000)
        with self.assertRaises(ConnectionError):
            self.ask("PUT", "/object", BODY * 40)
        self.add("stall-reply", bytes=5000)
        with self.assertRaises(TimeoutError):
            self.ask(connection=self.connect(timeout=0.5))
        self.add("reset-connection")
        with self.assertRaises(ConnectionError):
            self.ask()
        self.assertEqual(self.ask()[0], 200)

    def test_the_command_line(self):
        run = lambda *words: subprocess.run([os.path.join(HERE, "fault_proxy.py"), "ctl", str(self.control), *words],
                                            check=True, capture_output=True, text=True).stdout
        number = run("add", '{"do": "status", "match": {"path": "a b"}, "status": 500}').strip()
        self.assertEqual(json.loads(run("rules"))["status"], 500)
        self.ask(path="/object")
        self.assertEqual(json.loads(run("log"))["path"], "/object")
        run("clear")
        self.assertEqual(run("rules") + run("log"), "")
        self.assertTrue(number.isdigit())


if __name__ == "__main__":
    unittest.main()
