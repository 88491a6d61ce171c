#!/usr/bin/python3
"""A time-stamp authority of the tests' own, over HTTP on this machine: OpenSSL makes the stamps.

  time_stamp_authority.py FOLDER       serves; writes its port to FOLDER/port once it listens
  time_stamp_authority.py FOLDER make  makes the certificates only

FOLDER gets ca.pem, other-ca.pem (of nobody here), and certificates with their keys: tsa, expired, no-eku, server (for HTTPS), and brief, valid for three seconds once it is asked
to stamp. The path asked for says who stamps (/tsa, /brief, /expired, /no-eku), or what goes wrong: see `Authority.answers`.
"""

import http.server
import os
import pathlib
import ssl
import subprocess
import sys
import threading
import time

CA = """
[ca]
default_ca = own
[own]
database = {0}/index.txt
serial = {0}/serial
new_certs_dir = {0}
default_md = sha256
policy = any
unique_subject = no
copy_extensions = none
[any]
commonName = supplied
[tsa]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[no_eku]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
[server]
subjectAltName = IP:127.0.0.1
[stamping]
serial = {0}/tsa-serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""
DAY = 24 * 3600
TST_INFO = "1.2.840.113549.1.9.16.1.4"


def sequence(*parts):
    body = b"".join(parts)
    size = len(body)
    length = bytes([size]) if size < 128 else bytes([0x82]) + size.to_bytes(2, "big")
    return b"\x30" + length + body


class Authority:

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.answers = {
            "/tsa": self.stamped, "/brief": self.stamped_briefly, "/expired": self.stamped, "/no-eku": self.stamped_without_eku,
            "/other-digest": lambda name, query: self.stamped("tsa", self.query(bytes(32))),
            "/other-nonce": lambda name, query: self.stamped("tsa", self.query(self.digest_of(query))),
            "/refusing": lambda name, query: self.stamped("tsa", self.query(bytes(20), "-sha1")),
            "/garbage": lambda name, query: os.urandom(3000),
            "/empty": lambda name, query: b"",
            "/huge": lambda name, query: bytes(10 << 20),
        }

    def openssl(self, *words, data=None):
        done = subprocess.run(["openssl", *map(str, words)], cwd=self.folder, input=data, capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(f"openssl {words[0]}: {done.stderr.decode()}")
        return done.stdout

    def make(self):
        self.folder.mkdir(exist_ok=True)
        self.write("ca.conf", CA.format(self.folder.resolve()))
        self.write("index.txt", "")
        self.write("serial", "1000")
        self.write("tsa-serial", "01")
        for name in "ca", "other-ca":
            self.key(name)
            self.openssl("req", "-x509", "-new", "-key", f"{name}.key", "-days", 30, "-subj", f"/CN={name} of the tests",
                         "-out", f"{name}.pem")
        now = time.time()
        self.certificate("tsa", "tsa", now - DAY, now + 30 * DAY)
        self.certificate("expired", "tsa", now - 2 * DAY, now - DAY)
        self.certificate("no-eku", "no_eku", now - DAY, now + 30 * DAY)
        self.certificate("server", "server", now - DAY, now + 30 * DAY)

    def write(self, name, text):
        (self.folder / name).write_text(text, "ascii")

    def key(self, name):
        self.openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", f"{name}.key")

    def certificate(self, name, extensions, begin, end):
        self.key(name)
        self.openssl("req", "-new", "-key", f"{name}.key", "-subj", f"/CN={name} of the tests", "-out", f"{name}.csr")
        dates = [time.strftime("%Y%m%d%H%M%SZ", time.gmtime(when)) for when in (begin, end)]
        self.openssl("ca", "-batch", "-notext", "-config", "ca.conf", "-cert", "ca.pem", "-keyfile", "ca.key", "-in", f"{name}.csr",
                     "-extensions", extensions, "-startdate", dates[0], "-enddate", dates[1], "-out", f"{name}.pem")

    @staticmethod
    def digest_of(query):
        at = query.index(b"\x04\x20") + 2
        return query[at:at + 32]

    def query(self, digest, algorithm="-sha256"):
        """Somebody else's question about `digest`."""
        return self.openssl("ts", "-query", "-digest", digest.hex(), algorithm, "-cert")

    def stamped(self, name, query, *options):
        (self.folder / "query").write_bytes(query)
        return self.openssl("ts", "-reply", "-config", "ca.conf", "-section", "stamping", "-queryfile", "query",
                            "-signer", f"{name}.pem", "-inkey", f"{name}.key", "-chain", "ca.pem", *options)

    def stamped_briefly(self, name, query):
        self.certificate(name, "tsa", time.time() - DAY, time.time() + 3)
        return self.stamped(name, query)

    def stamped_without_eku(self, name, query):
        """OpenSSL's authority would not: the same statement, signed anew."""
        token = self.stamped("tsa", query, "-token_out")
        info = self.openssl("cms", "-verify", "-noverify", "-inform", "DER", data=token)
        signed = self.openssl("cms", "-sign", "-cades", "-binary", "-nodetach", "-md", "sha256", "-econtent_type", TST_INFO,
                              "-signer", f"{name}.pem", "-inkey", f"{name}.key", "-certfile", "ca.pem", "-outform", "DER", data=info)
        return sequence(sequence(b"\x02\x01\x00"), signed)


class Handler(http.server.BaseHTTPRequestHandler):
    authority = None

    def do_POST(self):
        query = self.rfile.read(int(self.headers["Content-Length"]))
        (self.authority.folder / "last-request").write_bytes(self.requestline.encode() + b"\n" + query)
        if self.headers["Content-Type"] != "application/timestamp-query":
            return self.answer(415, "text/plain", b"")
        if self.path == "/html":
            return self.answer(200, "text/html", b"<html>Please log in</html>")
        if self.path == "/broken":
            return self.answer(500, "text/plain", b"out of order")
        if self.path == "/moved":
            return self.answer(302, "text/plain", b"", "/tsa")
        body = self.authority.answers[self.path](self.path[1:], query)
        return self.answer(200, "application/timestamp-reply", body)

    def answer(self, status, kind, body, location=None):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:  # who asked has heard enough
            pass

    def log_message(self, *_):
        pass


def serve(authority):
    Handler.authority = authority
    plain = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    secure = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.folder / "server.pem", authority.folder / "server.key")
    secure.socket = context.wrap_socket(secure.socket, server_side=True)
    authority.write("secure-port", str(secure.server_port))
    authority.write("port.new", str(plain.server_port))
    (authority.folder / "port.new").rename(authority.folder / "port")
    threading.Thread(target=secure.serve_forever, daemon=True).start()
    plain.serve_forever()


def main(folder, what="serve"):
    authority = Authority(folder)
    authority.make()
    if what == "serve":
        serve(authority)


if __name__ == "__main__":
    main(*sys.argv[1:])
