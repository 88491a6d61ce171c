#!/usr/bin/python3
"""Puts many small objects into the bucket that IGUDAR_TEST_STORE names (s3+http or s3+https), for tests of long listings.

  fill_bucket.py N [PREFIX]     objects PREFIX/000000 … of 1 byte each, below the location; prints how many and how long it took
"""
import multiprocessing
import os
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import s3  # noqa: E402

PROCESSES = 8  # more than processors: the server's time is most of it


def fill(part):
    url, path, first, count = part
    client = s3.Client(url)
    for number in range(first, count, PROCESSES):
        for attempt in range(5):
            status, _, body = client.request("PUT", f"{path}/{number:06d}", body=b"x")
            if status < 500:
                break
            time.sleep(0.2 * (attempt + 1))
        if status != 200:
            raise RuntimeError(f"{status} for {path}/{number:06d}: {body[:300]}")


def main():
    if len(sys.argv) not in (2, 3) or not sys.argv[1].isdigit():
        sys.exit(__doc__)
    count, prefix = int(sys.argv[1]), sys.argv[2] if len(sys.argv) == 3 else "many"
    scheme, _, location = os.environ["IGUDAR_TEST_STORE"].partition("://")
    host, _, folder = location.partition("/")
    url = f"{scheme.removeprefix('s3+')}://{host}"
    started = time.monotonic()
    with multiprocessing.Pool(PROCESSES) as pool:
        pool.map(fill, [(url, f"/{folder}/{prefix}", first, count) for first in range(PROCESSES)], chunksize=1)
    print(f"{count} objects in {time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    main()
