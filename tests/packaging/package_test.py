#!/usr/bin/python3
"""The installed package: a project that finds it, builds with -std=c++17 and runs its tests."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

BUILD = pathlib.Path(os.environ["AUTOTAPE_BUILD"])
ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(*command, **options):
    finished = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False, **options)
    assert finished.returncode == 0, f"{command}\n{finished.stdout}"
    return finished.stdout


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.prefix = pathlib.Path(folder.name) / "prefix"
        cls.build = pathlib.Path(folder.name) / "build"
        run("cmake", "--install", BUILD, "--prefix", cls.prefix)
        # Moved once: nothing may depend on the place where it was installed.
        moved = cls.prefix.with_name("moved")
        shutil.move(cls.prefix, moved)
        cls.prefix = moved
        run("cmake", "-S", pathlib.Path(__file__).parent / "project", "-B", cls.build,
            f"-DCMAKE_PREFIX_PATH={cls.prefix}", "-DCMAKE_BUILD_TYPE=Debug")
        run("cmake", "--build", cls.build)

    def test_the_installed_program_runs_and_finds_its_plugin(self):
        self.assertIn("autotape", run(self.prefix / "bin/autotape", "--version"))
        self.assertTrue((self.prefix / "lib/autotape/autotape_broker_plugin.so").exists())

    def test_public_headers_name_no_other_library(self):
        for header in (self.prefix / "include/autotape").iterdir():
            for line in header.read_text().splitlines():
                if line.startswith("#include <"):
                    self.assertNotRegex(line, r"[/.]h?pp>|fmt|nlohmann|simdjson|mosquitto|openssl", header.name)

    def test_doctest(self):
        self.assertIn("5 passed", run(self.build / "doctest_example",
                                      env={**os.environ, "AUTOTAPE_SOURCE": str(ROOT)}))

    def test_googletest(self):
        self.assertIn("[  PASSED  ] 4 tests", run(self.build / "gtest_example",
                                                  env={**os.environ, "AUTOTAPE_SOURCE": str(ROOT)}))


if __name__ == "__main__":
    unittest.main()
