"""Consumers for tests: the correct one, wrong ones, and small ones whose limits are known."""
import sys

from places import ROOT

CORRECT = [sys.executable, ROOT / "fixtures/consumers/python/consumer.py"]

MOSQUITTO_SUB = ("mosquitto_sub -c -q 1 -h {host} -p {port} --cafile {ca_file} --cert {cert_file} --key {key_file}"
                 " -i {client_id} -t {topic}")


def derived(python):
    """This Python, which has Consumer, the correct one, to start from."""
    start = f"import sys; sys.path.insert(0, {str(ROOT / 'fixtures/consumers/python')!r}); from consumer import Consumer"
    return [sys.executable, "-c", f"{start}\n{python}"]


def wrong(name):
    return [sys.executable, ROOT / "fixtures/consumers/wrong" / f"{name}.py"]


def piped(command):
    """A consumer of which `command` takes the lines of mosquitto_sub. Asked to end, mosquitto_sub does, and the command
    still handles all that it had acknowledged: the signal goes to both."""
    return ["sh", "-c", f"trap '' TERM; {MOSQUITTO_SUB} | {command}"]


# Handles the lines of mosquitto_sub that `accepts` lets through. It starts at once and observes on standard output.
_FILTER = """
import collections, json, re, sys, time
STATE
for line in sys.stdin:
    message_id = json.loads(line)["message_id"]
    if accepts(message_id, line):
        print(json.dumps({"message_id": message_id}), flush=True)
"""


def filtering(state):
    """A consumer of which `state` is Python that defines accepts(message_id, line). Without single quotes."""
    return piped(f"'{sys.executable}' -S -c '{_FILTER.replace('STATE', state)}'")


def remembers(memory):
    """Remembers the last `memory` ids."""
    return filtering(f"""
handled = collections.OrderedDict()
def accepts(message_id, line):
    if message_id in handled:
        return False
    handled[message_id] = None
    if len(handled) > {memory}:
        handled.popitem(last=False)
    return True""")


def remembers_for(seconds):
    """Remembers each id for so long by the wall clock."""
    return filtering(f"""
handled = {{}}
def accepts(message_id, line):
    known = message_id in handled and time.monotonic() - handled[message_id] < {seconds}
    handled.setdefault(message_id, time.monotonic())
    return not known""")


def drops_later_than(seconds):
    """Leaves out what is so much older than the newest reading that came."""
    return filtering(f"""
import datetime
newest = [None]
def accepts(message_id, line):
    text = re.search("\\"timestamp\\":\\"([^\\"]*)Z\\"", line)
    if not text:
        return True
    at = datetime.datetime.fromisoformat(text[1])
    if newest[0] is None or at > newest[0]:
        newest[0] = at
    return (newest[0] - at).total_seconds() <= {seconds}""")


def keeps_up_with(messages_a_second, room):
    """Works off so many messages a second; has room for some that wait, and leaves out the others."""
    return filtering(f"""
waiting = [0.0, time.monotonic()]
def accepts(message_id, line):
    now = time.monotonic()
    waiting[0] = max(0.0, waiting[0] - (now - waiting[1]) * {messages_a_second})
    waiting[1] = now
    if waiting[0] >= {room}:
        return False
    waiting[0] += 1
    return True""")
