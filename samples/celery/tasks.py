"""A Celery worker that leaves a witness of every task it begins and ends.

Each process appends one line a fact to $MARTLET_LAB_RESULTS/<pod>.jsonl. A line is one write to a file opened for
appending, so lines of several processes do not mix, and what was written survives SIGKILL of the writer. `judge.py`
reads them: a start without an end is a task whose worker was killed while busy.

Settings, all from the environment:
  CELERY_BROKER_URL          redis://…
  CELERY_QUEUE               the queue's name, default "celery"
  CELERY_ACKS_LATE           "1": acknowledge when the task has ended
  CELERY_PREFETCH            messages a process reserves ahead, default 1 (Celery's own default is 4)
  CELERY_VISIBILITY_TIMEOUT  seconds until an unacknowledged task is delivered again, default 3600
"""

import json
import os
import socket
import time

from celery import Celery

POD = os.environ.get("POD_NAME") or socket.gethostname()

app = Celery("tasks", broker=os.environ.get("CELERY_BROKER_URL", "redis://127.0.0.1:6379/0"))
app.conf.update(
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "visibility_timeout": int(os.environ.get("CELERY_VISIBILITY_TIMEOUT", "3600")),
        "priority_steps": [0, 3, 6, 9],
    },
    task_acks_late=os.environ.get("CELERY_ACKS_LATE") == "1",
    task_default_queue=os.environ.get("CELERY_QUEUE", "celery"),
    task_ignore_result=True,
    worker_prefetch_multiplier=int(os.environ.get("CELERY_PREFETCH", "1")),
)


def record(task, event):
    line = json.dumps({"task": task, "pod": POD, "pid": os.getpid(), "event": event, "t": time.time()}) + "\n"
    path = os.path.join(os.environ.get("MARTLET_LAB_RESULTS", "."), POD + ".jsonl")
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.write(file, line.encode())
    finally:
        os.close(file)


@app.task(name="tasks.work")
def work(seconds, id):
    """Takes `seconds`, as a render would; `id` names the task in the record."""
    record(id, "start")
    time.sleep(seconds)
    record(id, "end")
