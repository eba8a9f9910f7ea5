"""A test case with a Mosquitto of its own, without our plugin, and a folder and its own notes of sessions for each test."""
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
        os.environ["XDG_STATE_HOME"] = str(self.folder / "state")  # where recordings note their sessions
