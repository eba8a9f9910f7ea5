#!/usr/bin/python3
"""scripts/fetch-schema, from a repository on this machine."""
import pathlib
import subprocess
import unittest

from folder_case import FolderCase

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts/fetch-schema"


class FetchSchema(FolderCase):
    def setUp(self):
        super().setUp()
        self.repository = self.folder / "repository"
        self.repository.mkdir()

    def commit(self, name):
        (self.repository / name).write_text("{}")
        git = ["git", "-C", self.repository, "-c", "user.name=test", "-c", "user.email=test@localhost"]
        subprocess.run(["git", "init", "-q", self.repository], check=True)
        subprocess.run([*git, "add", "-A"], check=True)
        subprocess.run([*git, "commit", "-q", "-m", "schema"], check=True)

    def fetch(self, into):
        return subprocess.run([SCRIPT, "--from", f"file://{self.repository}", into], capture_output=True, text=True)

    def test_the_files_arrive_without_their_repository(self):
        self.commit("all_capabilities.schema.json")
        done = self.fetch(self.folder / "here")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([path.name for path in (self.folder / "here").iterdir()], ["all_capabilities.schema.json"])
        self.assertEqual(self.fetch(self.folder / "here").returncode, 5)

    def test_another_repository_is_refused(self):
        self.commit("readme.json")
        self.assertEqual(self.fetch(self.folder / "here").returncode, 5)
        self.assertFalse((self.folder / "here").exists())

    def test_no_repository_is_named(self):
        done = self.fetch(self.folder / "here")
        self.assertEqual(done.returncode, 6)
        self.assertIn(str(self.repository), done.stderr)


if __name__ == "__main__":
    unittest.main()
