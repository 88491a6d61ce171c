#!/usr/bin/python3
"""A small client for Azure Blob of the tests' own, as s3.py is for S3.

  azure.py [--status] METHOD '/CONTAINER[/BLOB][?QUERY]' [-H NAME:VALUE]… [-d BODY | -T FILE]
The account, its key and the endpoint come from AZURE_STORAGE_ACCOUNT, AZURE_STORAGE_KEY and IGUDAR_TEST_AZURE_ENDPOINT.
"""
import argparse
import base64
import email.utils
import hashlib
import hmac
import http.client
import os
import sys
import urllib.parse


def request(method, target, headers, body):
    endpoint = urllib.parse.urlsplit(os.environ["IGUDAR_TEST_AZURE_ENDPOINT"])
    account = os.environ["AZURE_STORAGE_ACCOUNT"]
    headers = {name.lower(): value.strip() for name, value in headers.items()}
    headers |= {"x-ms-date": email.utils.formatdate(usegmt=True), "x-ms-version": "2021-12-02"}
    if method == "PUT":
        headers |= {"content-length": str(len(body))}
        headers.setdefault("content-type", "application/octet-stream")
    path, _, query = target.partition("?")
    path = endpoint.path + path
    signed = ["content-encoding", "content-language", "content-length", "content-md5", "content-type", "date",
              "if-modified-since", "if-match", "if-none-match", "if-unmodified-since", "range"]
    values = ["" if (name, headers.get(name)) == ("content-length", "0") else headers.get(name, "") for name in signed]
    lines = [method] + values + [f"{name}:{headers[name]}" for name in sorted(headers) if name.startswith("x-ms-")]
    resource = f"/{account}{path}"
    for name, value in sorted(urllib.parse.parse_qsl(query, keep_blank_values=True)):
        resource += f"\n{name}:{value}"
    key = base64.b64decode(os.environ["AZURE_STORAGE_KEY"])
    signature = hmac.new(key, "\n".join(lines + [resource]).encode(), hashlib.sha256).digest()
    headers["authorization"] = f"SharedKey {account}:{base64.b64encode(signature).decode()}"
    connection = http.client.HTTPConnection(endpoint.netloc, timeout=60)
    connection.request(method, path + ("?" + query if query else ""), body or None, headers)
    reply = connection.getresponse()
    return reply.status, reply.read()


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--status", action="store_true")
    arguments.add_argument("method")
    arguments.add_argument("target")
    arguments.add_argument("-H", dest="headers", action="append", default=[])
    arguments.add_argument("-d", dest="data", default="")
    arguments.add_argument("-T", dest="file")
    options = arguments.parse_args()
    body = options.data.encode()
    if options.file:
        with open(options.file, "rb") as file:
            body = file.read()
    status, reply = request(options.method, options.target, dict(header.split(":", 1) for header in options.headers), body)
    if options.status:
        print(status)
        return 0
    sys.stdout.buffer.write(reply)
    return 0 if status < 400 else 22


if __name__ == "__main__":
    sys.exit(main())
