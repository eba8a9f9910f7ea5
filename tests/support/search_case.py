"""What the tests of explore, shrink and limits share."""
import json

from consumers import CORRECT
from folder_case import FolderCase
from program import autotape


class SearchCase(FolderCase):
    def search(self, command, *options, consumer, exit_code):
        """Runs a command that searches and gives what it found."""
        finished = autotape(command, *options, "--json", "--", *consumer, timeout=500)  # many runs
        self.assertEqual(finished.exit_code, exit_code, finished.messages + finished.output)
        return json.loads(finished.output)

    def failed_run(self, *options, consumer):
        run = self.folder / "run"
        finished = autotape("test", *options, "--out", run, "--", *consumer)
        self.assertEqual(finished.exit_code, 4, finished.messages + finished.output)
        return run

    def shrink(self, run, *options, consumer, exit_code=0):
        """Shrinks a run; the saved test fails the wrong consumer and passes the correct one."""
        small = self.search("shrink", run, "-o", self.folder / "small", "--name", "small", *options, consumer=consumer,
                            exit_code=exit_code)
        return small

    def hold_regression(self, small, *options, consumer, passes=CORRECT):
        for one, exit_code in ((consumer, 4), (passes, 0)):
            finished = autotape("test", small["scenario"], *options, "--", *one)
            self.assertEqual(finished.exit_code, exit_code, finished.messages + finished.output)
