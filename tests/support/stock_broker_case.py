"""A test case with a Mosquitto of its own, without our plugin. Each test has a folder, a client id, so a session of its
own, and its own notes of sessions."""
import os

from folder_case import FolderCase
from stock_broker import StockBroker


class StockBrokerCase(FolderCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = StockBroker()
        cls.addClassCleanup(cls.broker.__exit__)
        cls.broker.start()

    def setUp(self):
        super().setUp()
        self.client_id = self.id().rsplit(".", 1)[-1]
        os.environ["XDG_STATE_HOME"] = str(self.folder / "state")  # where recordings note their sessions
