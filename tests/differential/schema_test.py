#!/usr/bin/python3
"""The built-in catalogue, the provider's own files and ajv give one verdict on random and mutated messages."""
import os
import pathlib
import subprocess
import tempfile
import unittest

from provider_schema import ROOT, needs_provider_schema

AJV = pathlib.Path(os.environ["AJV"])
MESSAGES = "10000"


class SchemaDifferential(unittest.TestCase):
    @needs_provider_schema
    def test_three_judges_agree(self):
        with tempfile.TemporaryFile() as verdicts:
            ours = subprocess.run([os.environ["SCHEMA_DIFFERENTIAL"], ROOT, MESSAGES], stdout=verdicts,
                                  stderr=subprocess.PIPE, text=True, check=False)
            self.assertEqual(ours.returncode, 0, ours.stderr)
            self.assertIn("0 disagreements", ours.stderr)
            verdicts.seek(0)
            ajv = subprocess.run(["node", AJV / "verdicts.js", ROOT], stdin=verdicts, stderr=subprocess.PIPE,
                                 text=True, check=False)
            self.assertEqual(ajv.returncode, 0, ajv.stderr)


if __name__ == "__main__":
    unittest.main()
