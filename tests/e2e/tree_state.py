#!/usr/bin/python3
"""Prints all that a backup keeps of a tree, one line an entry, for two trees to be compared with diff.

Times of access and change and inode numbers are left out: no restore can give these back.
"""

import argparse
import array
import fcntl
import hashlib
import os
import stat

FS_IOC_GETFLAGS = 0x80086601
# The flags that a restore sets: append, immutable, nodump, noatime, and such; not those the file system owns (extents, inline data, indexed folder).
USER_FLAGS = 0x00000001 | 0x00000002 | 0x00000008 | 0x00000010 | 0x00000020 | 0x00000040 | 0x00000080


def digest(path):
    sha = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            sha.update(block)
    return sha.hexdigest()


def data_ranges(path, size):
    """Where a file has data rather than holes."""
    ranges, at = [], 0
    fd = os.open(path, os.O_RDONLY)
    try:
        while at < size:
            try:
                start = os.lseek(fd, at, os.SEEK_DATA)
            except OSError:
                break
            at = min(os.lseek(fd, start, os.SEEK_HOLE), size)
            ranges.append((start, at))
    finally:
        os.close(fd)
    return ranges


def flags(path, info):
    if not (stat.S_ISREG(info.st_mode) or stat.S_ISDIR(info.st_mode)):
        return 0
    fd = os.open(path, os.O_RDONLY)
    try:
        value = array.array("L", [0])
        fcntl.ioctl(fd, FS_IOC_GETFLAGS, value, True)
        return value[0] & 0xFFFFFFFF & USER_FLAGS
    except OSError:
        return 0
    finally:
        os.close(fd)


def extended_attributes(path):
    try:
        return {name: os.getxattr(path, name, follow_symlinks=False)
                for name in sorted(os.listxattr(path, follow_symlinks=False))}
    except OSError:
        return {}


def describe(path, name, links, options):
    info = os.lstat(path)
    kind = stat.S_IFMT(info.st_mode)
    line = [repr(name), oct(info.st_mode)]
    if not options.no_owner:
        line.append(f"{info.st_uid}:{info.st_gid}")
    if not options.no_time and not (options.no_root_time and name == b"."):
        line.append(f"mtime={info.st_mtime_ns}")
    if kind == stat.S_IFREG:
        line += [f"size={info.st_size}", digest(path)]
        ranges = data_ranges(path, info.st_size)
        if ranges != [(0, info.st_size)] and info.st_size and not options.no_holes:
            line.append(f"data={ranges}")
    if kind == stat.S_IFLNK:
        line.append(f"-> {os.readlink(path)!r}")
    if kind in (stat.S_IFCHR, stat.S_IFBLK):
        line.append(f"device={os.major(info.st_rdev)}:{os.minor(info.st_rdev)}")
    if kind != stat.S_IFDIR and info.st_nlink > 1:
        line.append(f"same as {links.setdefault((info.st_dev, info.st_ino), name)!r}")
    if value := flags(path, info):
        line.append(f"flags={value:#x}")
    line += [f"{key}={value.hex()}" for key, value in extended_attributes(path).items()]
    return " ".join(line)


def walk(top):
    """All paths below `top`, symlinks not followed."""
    for folder, folders, files in os.walk(top):
        folders.sort()
        for name in sorted(folders + files):
            yield os.path.join(folder, name)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tree")
    for option in ("owner", "time", "holes"):
        parser.add_argument(f"--no-{option}", action="store_true")
    parser.add_argument("--no-root-time", action="store_true", help="not the time of the top folder itself")
    options = parser.parse_args()
    top, links = os.fsencode(options.tree), {}
    print(describe(top, b".", links, options))
    for path in sorted(walk(top)):
        print(describe(path, os.path.relpath(path, top), links, options))


if __name__ == "__main__":
    main()
