"""Where things are in the checkout."""
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMUTE = ROOT / "fixtures/tapes/commute.ndjson"
SCENARIOS = ROOT / "scenarios"
