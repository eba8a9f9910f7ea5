"""A test case with a Mosquitto of its own, without our plugin, and a folder for each test."""
import pathlib
import tempfile
import unittest

from stock_broker import StockBroker


class StockBrokerCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.broker = StockBroker()
        cls.addClassCleanup(cls.broker.__exit__)
        cls.broker.start()

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
