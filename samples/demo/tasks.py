"""The demo's GPU job, and a ledger of what each worker did: the demo is judged from it, not from the operator.

LEDGER is a directory (a file for each worker) or the word `redis` (a list at the broker, where no disk is shared).
"""

import json
import os
import time

from celery import Celery, signals

app = Celery("tasks", broker=os.environ["BROKER_URL"])
# Late acknowledgement and no hoarding, as for any job that takes seconds of a GPU.
app.conf.update(task_acks_late=True, worker_prefetch_multiplier=1, task_ignore_result=True)

WORKER = os.environ.get("POD_NAME", "worker")
LEDGER = os.environ.get("LEDGER", "redis")
LEDGER_KEY = "martlet-demo:ledger"


@app.task
def generate(seconds):
    """Works for that long."""
    time.sleep(seconds)


def note(event, task=None):
    line = json.dumps({"at": time.time(), "worker": WORKER, "event": event, "task": task})
    if LEDGER == "redis":
        with app.connection_or_acquire() as connection:
            connection.default_channel.client.rpush(LEDGER_KEY, line)
    else:
        # One write of one short line: whole even when the next instant is a SIGKILL.
        with open(os.path.join(LEDGER, WORKER + ".jsonl"), "a", encoding="utf-8") as ledger:
            ledger.write(line + "\n")


@signals.worker_ready.connect
def ready(**_):
    note("ready")


@signals.worker_shutting_down.connect
def stopping(**_):
    note("stopping")


@signals.task_prerun.connect
def started(task_id=None, **_):
    note("started", task_id)


@signals.task_postrun.connect
def ended(task_id=None, **_):
    note("ended", task_id)
