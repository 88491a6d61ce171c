#!/usr/bin/python3
"""A small S3 client of the tests' own, of Python's standard library: what is asked of a server does not go through the
program that is tested, and keys that curl cannot take apart (they hold a colon) work.

  s3.py METHOD URL [-H NAME:VALUE]… [-d BODY | -T FILE]    prints the body; fails as `curl -f` does
  s3.py --status METHOD URL …                              prints the status instead of the body
The keys come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a private authority from IGUDAR_TEST_CA.
"""
import argparse
import datetime
import hashlib
import hmac
import http.client
import os
import ssl
import sys
import urllib.parse


def sign(method, host, path, query, headers, body, region="us-east-1", now=None):
    """The headers with what SigV4 adds; path and query encoded as they are sent."""
    now = now or datetime.datetime.now(datetime.timezone.utc)
    stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    digest = hashlib.sha256(body).hexdigest()
    headers = {name.lower(): value for name, value in headers.items()}
    headers |= {"host": host, "x-amz-date": stamp, "x-amz-content-sha256": digest}
    pairs = sorted(tuple(pair.partition("=")[::2]) for pair in query.split("&") if pair)
    signed = ";".join(sorted(headers))
    request = "\n".join([method, path, "&".join(f"{k}={v}" for k, v in pairs)]
                        + [f"{name}:{headers[name].strip()}" for name in sorted(headers)] + ["", signed, digest])
    scope = f"{day}/{region}/s3/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(request.encode()).hexdigest()])
    key = ("AWS4" + os.environ["AWS_SECRET_ACCESS_KEY"]).encode()
    for part in (day, region, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    headers["authorization"] = (f"AWS4-HMAC-SHA256 Credential={os.environ['AWS_ACCESS_KEY_ID']}/{scope}, "
                                f"SignedHeaders={signed}, Signature={signature}")
    return headers


class Client:
    """One connection, kept. Not thread-safe: one for each thread."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.host = parts.netloc
        if parts.scheme == "https":
            context = ssl.create_default_context(cafile=os.environ.get("IGUDAR_TEST_CA"))
            self.connection = http.client.HTTPSConnection(parts.netloc, timeout=60, context=context)
        else:
            self.connection = http.client.HTTPConnection(parts.netloc, timeout=60)

    def request(self, method, target, headers=None, body=b""):
        path, _, query = target.partition("?")
        headers = sign(method, self.host, path, query, headers or {}, body)
        if body or method in ("PUT", "POST"):
            headers["content-length"] = str(len(body))
        self.connection.request(method, target, body or None, headers)
        reply = self.connection.getresponse()
        return reply.status, dict((k.lower(), v) for k, v in reply.getheaders()), reply.read()


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--status", action="store_true")
    arguments.add_argument("method")
    arguments.add_argument("url")
    arguments.add_argument("-H", dest="headers", action="append", default=[])
    arguments.add_argument("-d", dest="data", default="")
    arguments.add_argument("-T", dest="file")
    options = arguments.parse_args()
    body = options.data.encode()
    if options.file:
        with open(options.file, "rb") as file:
            body = file.read()
    parts = urllib.parse.urlsplit(options.url)
    target = (parts.path or "/") + ("?" + parts.query if parts.query else "")
    headers = dict(header.split(":", 1) for header in options.headers)
    status, _, reply = Client(options.url).request(options.method, target, headers, body)
    if options.status:
        print(status)
        return 0
    sys.stdout.buffer.write(reply)
    return 0 if status < 400 else 22


if __name__ == "__main__":
    sys.exit(main())
