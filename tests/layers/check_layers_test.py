#!/usr/bin/python3
"""Tests of tools/check_layers: each rule finds its violation, and only that."""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

PROJECT = pathlib.Path(__file__).resolve().parent.parent.parent


class CheckLayers(unittest.TestCase):

    def setUp(self):
        self.project = pathlib.Path(tempfile.mkdtemp(prefix="igudar-layers-"))
        self.addCleanup(shutil.rmtree, self.project)
        (self.project / "tools").mkdir()
        shutil.copy(PROJECT / "tools/layers.toml", self.project / "tools")

    def check(self, name, text):
        """(exit code, output) for a project of one source file."""
        path = self.project / "src" / name
        path.parent.mkdir(parents=True)
        path.write_text(text, "utf-8")
        run = subprocess.run([sys.executable, PROJECT / "tools/check_layers", self.project],
                             capture_output=True, text=True, check=False)
        shutil.rmtree(self.project / "src")
        return run.returncode, run.stdout

    def assert_found(self, name, line):
        code, out = self.check(name, f"// first\n{line}\n")
        self.assertEqual(code, 1, f"{name}: {line}")
        self.assertEqual(len(out.splitlines()), 1, out)
        self.assertTrue(out.startswith(f"src/{name}:2: "), out)

    def assert_clean(self, name, line):
        self.assertEqual(self.check(name, f"{line}\n"), (0, ""), f"{name}: {line}")

    def test_Includes_point_downward_only(self):
        self.assert_clean("repo/a.h", '#include "store/object_store.h"')
        self.assert_clean("repo/a.h", '#include "repo/b.h"')
        self.assert_found("store/a.h", '#include "repo/b.h"')
        self.assert_found("repo/a.cpp", '#  include "fs/b.h"')
        self.assert_found("base/a.cpp", '#include "../cli/b.h"')
        self.assert_found("base/a.cpp", '#include "b.h"')

    def test_Operations_do_not_include_each_other(self):
        self.assert_clean("ops/backup/a.h", '#include "ops/run_monitor.h"')
        self.assert_clean("ops/backup/a.h", '#include "ops/backup/b.h"')
        self.assert_clean("cli/a.cpp", '#include "ops/backup/backup.h"')
        self.assert_found("ops/backup/a.h", '#include "ops/prune/prune.h"')
        self.assert_found("ops/a.h", '#include "ops/prune/prune.h"')

    def test_Only_tests_include_what_is_made_for_tests(self):
        self.assert_clean("store/a_test.cpp", '#include "testing/scratch_dir.h"')
        self.assert_clean("format/a_fuzz.cpp", '#include "testing/scratch_dir.h"')
        self.assert_found("store/a.cpp", '#include "testing/scratch_dir.h"')
        self.assert_found("store/a_test.cpp", '#include "repo/b.h"')

    def test_Threads_live_in_concurrency_only(self):
        self.assert_clean("concurrency/a.h", "#include <thread>")
        self.assert_clean("store/a.h", "#include <stop_token>")
        self.assert_found("store/a.h", "#include <mutex>")
        self.assert_found("store/a.cpp", "  std::jthread worker;")
        self.assert_clean("store/a.cpp", 'int i;  // no std::mutex and no "std::jthread"')
        self.assert_clean("store/a.cpp", "/* a comment\n on std::mutex */")

    def test_JSON_stays_out_of_headers(self):
        self.assert_clean("cli/a.cpp", "#include <nlohmann/json.hpp>")
        self.assert_found("cli/a.h", "#include <nlohmann/json.hpp>")

    def test_libcurl_is_used_in_net_only(self):
        self.assert_clean("net/a.cpp", "#include <curl/curl.h>")
        self.assert_found("store/a.cpp", "#include <curl/curl.h>")

    def test_New_folders_have_to_be_given_a_layer(self):
        self.assertEqual(self.check("helpers/a.h", "")[0], 1)

    def test_Rules_with_a_circle_are_refused(self):
        rules = self.project / "tools/layers.toml"
        rules.write_text(rules.read_text("utf-8").replace("base = []", 'base = ["cli"]'), "utf-8")
        self.assertEqual(self.check("base/a.h", "")[0], 2)


if __name__ == "__main__":
    unittest.main()
