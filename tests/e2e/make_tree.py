#!/usr/bin/python3
"""Makes a tree with every kind of file and metadata that this user and file system allow.

Prints what could not be made, one line each. The same seed gives the same content.
"""

import argparse
import array
import fcntl
import os
import random
import socket
import stat
import subprocess

FS_IOC_SETFLAGS = 0x40086602
FS_NODUMP, FS_IMMUTABLE, FS_NOATIME = 0x40, 0x10, 0x80


class Maker:

    def __init__(self, top, seed):
        self.top = os.fsencode(top)
        self.random = random.Random(seed)
        self.root = os.geteuid() == 0

    def path(self, name):
        return os.path.join(self.top, name if isinstance(name, bytes) else name.encode())

    def attempt(self, what, action):
        try:
            action()
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"{what}: {error}")

    def file(self, name, content=b"content\n", mode=0o644):
        path = self.path(name)
        with open(path, "wb") as out:
            out.write(content)
        os.chmod(path, mode)
        return path

    def folder(self, name, mode=0o755):
        path = self.path(name)
        os.makedirs(path, exist_ok=True)
        os.chmod(path, mode)
        return path

    def names(self):
        self.folder("names")
        for name in (b"with space", b"with\nnewline", b"\xff\xfe invalid UTF-8 \x80", "Zoë – 名前 🗄".encode(),
                     b"quotes ' \" \\", b"-dash", b"~tilde", b"*?[star]", b"!bang", b"#hash", b"\x01\x1b[31m control\x7f",
                     b"trailing ", b"...", b"n" * 255, b"a", b"a.b", b"a-b", b"A"):
            self.file(b"names/" + name, name)
        self.folder(b"names/a folder\nin \xc3\x28 two lines")
        self.file(b"names/a folder\nin \xc3\x28 two lines/f")
        # Sorted by component, "a/…" comes before "a.b": what a plain sort of paths gets wrong.
        self.folder("order/a")
        for name in ("order/a/z", "order/a.b", "order/a-b", "order/a!"):
            self.file(name, name.encode())

    def deep(self):
        path = b"deep"
        for level in range(90):
            path += b"/" + (b"%02d" % level) + b"d" * 20
        self.folder(path)
        self.file(path + b"/bottom")

    def types(self):
        self.folder("types/empty folder", 0o700)
        self.file("types/empty file", b"")
        os.symlink(b"../names/a", self.path("types/symlink"))
        os.symlink(b"/nowhere/\xff\n", self.path("types/dangling"))
        os.symlink(b".", self.path("types/loop"))
        os.symlink(b"t" * 4000, self.path("types/long target"))
        os.mkfifo(self.path("types/fifo"), 0o620)
        self.attempt("socket", self.socket)
        if self.root:
            self.attempt("devices", self.devices)
        else:
            print("devices: need root")

    def socket(self):
        there = os.getcwd()
        os.chdir(self.path("types"))
        with socket.socket(socket.AF_UNIX) as made:
            made.bind("socket")
        os.chdir(there)

    def devices(self):
        os.mknod(self.path("types/character"), stat.S_IFCHR | 0o600, os.makedev(1, 3))
        os.mknod(self.path("types/block"), stat.S_IFBLK | 0o660, os.makedev(259, 70000))

    def modes(self):
        self.folder("modes")
        for mode in (0o000, 0o400, 0o777, 0o4755, 0o2755, 0o6711, 0o1644):
            if mode or self.root:  # only root can read a file of mode 0
                self.file(f"modes/file {mode:04o}", b"mode", mode)
            self.folder(f"modes/folder {mode | 0o500:04o}", mode | 0o500)

    def owners(self):
        if not self.root:
            print("owners: need root")
            return
        self.folder("owners")
        for uid, gid in ((1, 2), (65534, 65534), (123456, 234567)):
            os.chown(self.file(f"owners/{uid}", mode=0o640), uid, gid)
        setuid = self.file("owners/setuid of another")
        os.chown(setuid, 1, 1)
        os.chmod(setuid, 0o6755)
        os.symlink("1", self.path("owners/link"))
        os.chown(self.path("owners/link"), 1, 2, follow_symlinks=False)
        os.chown(self.folder("owners/folder"), 1, 2)

    def hardlinks(self):
        self.folder("links/other")
        self.file("links/first", b"one file of three names", 0o640)
        os.link(self.path("links/first"), self.path("links/second"))
        os.link(self.path("links/first"), self.path("links/other/third"))
        os.symlink("x", self.path("links/symlink"))
        os.link(self.path("links/symlink"), self.path("links/symlink too"), follow_symlinks=False)
        os.mkfifo(self.path("links/fifo"))
        os.link(self.path("links/fifo"), self.path("links/fifo too"))

    def sparse(self):
        self.folder("sparse")
        with open(self.path("sparse/holes"), "wb") as out:
            for at in (1 << 20, 9 << 20):
                out.seek(at)
                out.write(self.random.randbytes(300_000))
            out.truncate(64 << 20)
        with open(self.path("sparse/nothing but a hole"), "wb") as out:
            out.truncate(5_000_001)
        self.file("sparse/zeros that are no hole", bytes(300_000))

    def attributes(self):
        path = self.file("attributes")
        self.attempt("user attributes", lambda: [os.setxattr(path, *pair) for pair in (
            ("user.text", b"value"), ("user.empty", b""), ("user.bytes", bytes(range(256))),
            (b"user.\xff name", b"v"))])
        folder = self.folder("attributes of a folder")
        self.attempt("user attributes", lambda: os.setxattr(folder, "user.folder", b"value"))
        if self.root:
            self.attempt("trusted attributes", lambda: os.setxattr(path, "trusted.igudar", b"value"))
            tool = self.file("capability", mode=0o755)
            self.attempt("file capability", lambda: os.setxattr(
                tool, "security.capability", bytes.fromhex("0100000200040000000000000000000000000000")))

    def acls(self):
        path, folder = self.file("acl", mode=0o640), self.folder("acl folder")

        def set_acls():
            subprocess.run(["setfacl", "-m", "u:1:rw-,g:4242:r--,m::rw-", path], check=True, capture_output=True)
            subprocess.run(["setfacl", "-m", "u:1:rwx", folder], check=True, capture_output=True)
            subprocess.run(["setfacl", "-d", "-m", "g:7:r-x,o::---", folder], check=True, capture_output=True)
        self.attempt("ACLs", set_acls)
        self.file("acl folder/inherits")

    def big(self):
        self.file("big", self.random.randbytes(30 << 20))
        self.file("compressible", b"the same line again and again\n" * 200_000)

    def times(self):
        self.folder("times")
        for name, ns in (("odd", 1_234_567_890_123_456_789), ("epoch", 0), ("before", -1_000_000_001),
                         ("last nanosecond", 999_999_999), ("far", 4_102_444_800_000_000_001)):
            path = self.file(f"times/{name}")
            os.utime(path, ns=(ns, ns))
        os.symlink("odd", self.path("times/link"))
        os.utime(self.path("times/link"), ns=(5, 7_000_000_007), follow_symlinks=False)
        os.utime(self.path("types/empty folder"), ns=(1, 1_000_000_002))
        os.utime(self.path("types/fifo"), ns=(1, 1_000_000_003))

    def flags(self):
        def set_flags(path, flags):
            fd = os.open(path, os.O_RDONLY)
            try:
                fcntl.ioctl(fd, FS_IOC_SETFLAGS, array.array("L", [flags]))
            finally:
                os.close(fd)
        self.folder("flags")
        self.attempt("nodump", lambda: set_flags(self.file("flags/nodump"), FS_NODUMP))
        folder = self.folder("flags/folder")
        self.attempt("noatime", lambda: set_flags(folder, FS_NOATIME))
        if self.root:
            self.attempt("immutable", lambda: set_flags(self.file("flags/immutable"), FS_IMMUTABLE))
            locked = self.folder("flags/immutable folder")
            self.file("flags/immutable folder/inside")
            self.attempt("immutable", lambda: set_flags(locked, FS_IMMUTABLE))

    def all(self):
        for part in (self.names, self.deep, self.types, self.modes, self.owners, self.hardlinks, self.sparse,
                     self.attributes, self.acls, self.big, self.times, self.flags):
            part()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("top")
    parser.add_argument("--seed", default="igudar")
    options = parser.parse_args()
    os.makedirs(options.top, exist_ok=True)
    os.umask(0o022)
    Maker(options.top, options.seed).all()


if __name__ == "__main__":
    main()
