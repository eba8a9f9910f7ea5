"""What the tests of explore, shrink and limits share."""
import json
import pathlib
import tempfile
import unittest

from program import autotape


class SearchCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def search(self, command, *options, consumer, exit_code):
        """Runs a command that searches and gives what it found."""
        finished = autotape(command, *options, "--json", "--", *consumer)
        self.assertEqual(finished.exit_code, exit_code, finished.messages + finished.output)
        return json.loads(finished.output)
