"""A worker of a persistent command task: one line in per call, one line out. Needs Python 3.8 and nothing else.

Write your own functions under "The tasks", and configure them:

    actorperf.tasks.words { command = ["python3", "worker.py"], persistent = 4 }
"""
import json
import queue
import sys
import threading


class Retry(Exception):
    """Raise it when another attempt may help; after= says when, such as "30s"."""

    def __init__(self, message, after=None):
        super().__init__(message)
        self.after = after


class Cancelled(Exception):
    """Raised by Call.check() when nobody waits for the answer any more."""


class Call:
    """One call: its arguments and what the node says of it."""

    def __init__(self, line, out):
        self.id, self.task, self.args = line["id"], line["task"], line["args"]
        self.job, self.attempt, self.namespace = line.get("jobId"), line["attempt"], line["namespace"]
        self.checkpoint = line.get("checkpoint")
        self.cancelled = threading.Event()
        self._out = out

    def check(self):
        """Call it now and then in long work."""
        if self.cancelled.is_set():
            raise Cancelled()

    def progress(self, percent, message=None, data=None):
        self.send(progress=percent, **{k: v for k, v in (("message", message), ("data", data)) if v is not None})

    def log(self, text, level="info"):
        self.send(log=text, level=level)

    def save(self, checkpoint):
        """What the next attempt finds in call.checkpoint, should this one not end well."""
        self.send(checkpoint=checkpoint)

    def send(self, **members):
        self._out.write(json.dumps({"id": self.id, **members}) + "\n")
        self._out.flush()


def serve(tasks):
    """Answers calls until standard input ends. tasks: function by task name; a function takes a Call and returns what JSON can hold."""
    out = sys.stdout
    sys.stdout = sys.stderr  # what the tasks print is log, not answer
    calls, running = queue.SimpleQueue(), {}

    def read():
        for text in sys.stdin:
            line = json.loads(text)
            if line.get("cancel"):
                call = running.get(line["id"])
                if call:
                    call.cancelled.set()
            else:
                call = Call(line, out)
                running[call.id] = call
                calls.put(call)
        calls.put(None)

    threading.Thread(target=read, daemon=True).start()
    while True:
        call = calls.get()
        if call is None:
            return
        try:
            call.send(result=tasks[call.task](call))
        except Cancelled:
            call.send(error={"type": "cancelled", "message": "the call was cancelled"})
        except Retry as fault:
            call.send(error={"type": "Retry", "message": str(fault), "retryAfter": fault.after})
        except Exception as fault:
            call.send(error={"type": type(fault).__name__, "message": str(fault), "retryable": not isinstance(fault, (TypeError, ValueError))})
        finally:
            del running[call.id]


# The tasks.

def words(call):
    text = call.args["text"]
    call.progress(50, "counting")
    return {"words": len(text.split()), "different": len(set(text.split()))}


def noop(call):
    return None


if __name__ == "__main__":
    serve({"words": words, "noop": noop})
