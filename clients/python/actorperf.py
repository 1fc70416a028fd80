"""A client of ActorPerf in one file, without dependencies. Python 3.9 or later.

    import actorperf

    app = actorperf.App("http://127.0.0.1:8080")

    app.compute("square", n=12)                    # remembered, or computed now
    job = app.task("primes").delay(limit=10_000)   # durable before the call returns
    job.get(timeout=30)                            # waits; raises what the task raised
    job.ready(), job.state, job.progress

Functions of your own become tasks by a decorator. The same file is the worker that a node starts:

    @app.memoize("report")
    def report(year): ...

    @app.task("nightly")
    def nightly(year, *, job): job.report(50, "half way"); ...

    if app.serving: app.serve()                    # at the end of the file

    # akka.hocon:  tasks { report { command = ["python3", "report.py"], persistent = 2, memoize = 5m } }

In your web process ``report(2026)`` asks the node, which remembers and coalesces; in the worker it runs the body.

Thread-safe: an App may be shared by all threads of a process (make it after a fork); it keeps its connections open until ``close()``.
"""

import http.client
import inspect
import json
import os
import queue
import random
import sys
import threading
import time
import traceback
import urllib.parse
import uuid

__all__ = [
    "App", "Task", "Job", "Batch", "JobContext", "ResultCache", "ActorPerfError", "Refused", "InvalidArguments", "UnknownTask", "UnknownJob", "Conflict",
    "Busy", "Unauthorized", "NotReady", "TaskFailed", "JobFailed", "JobCancelled", "Timeout", "Unreachable", "Retry", "NonRetryable", "Cancelled",
]

FINAL = frozenset(("succeeded", "failed", "cancelled", "expired"))
_LONGEST_WAIT = 60                 # seconds that a node waits in one request
_IDLE = 16                         # connections kept open
_RETRIES = 5                       # of a request that a node could not take; all of them can be repeated without harm


class ActorPerfError(Exception):
    """Everything that this module raises of its own."""


class Unreachable(ActorPerfError):
    """No node answered."""


class Timeout(ActorPerfError, TimeoutError):
    """The time given was over first. The job, or the computation, goes on."""


class NotReady(ActorPerfError):
    """The job has no result yet."""


class Refused(ActorPerfError):
    """The node refused a request: ``code``, ``status``, ``detail`` (what to do), and ``errors``, a list of (pointer, message)."""

    def __init__(self, status, problem):
        self.status = status
        self.code = problem.get("code", "")
        self.detail = problem.get("detail") or problem.get("title") or "no detail"
        self.request_id = problem.get("requestId")
        self.errors = [(fault.get("pointer"), fault.get("message")) for fault in problem.get("errors") or ()]
        self.problem = problem
        lines = [f"{self.code}: {self.detail}"] + [f"  {pointer}: {message}" for pointer, message in self.errors]
        super().__init__("\n".join(lines))


class InvalidArguments(Refused):
    """400: the body or the arguments do not fit."""


class Unauthorized(Refused):
    """401 or 403: no key, or one that may not do this."""


class UnknownTask(Refused):
    """404: the node has no such task."""


class UnknownJob(Refused):
    """404: there is no such job (any more)."""


class Conflict(Refused):
    """409, 412 or 422: the state of things does not allow it."""


class Busy(Refused):
    """429, 503 or 507: not now. ``retry_after`` says when, in seconds."""

    retry_after = 1.0


class TaskFailed(Refused):
    """500: the task raised an error. ``type`` is the error's type, ``message`` its words."""

    def __init__(self, status, problem):
        super().__init__(status, problem)
        error = problem.get("error") or {}
        self.type, self.message = error.get("type"), error.get("message")
        if self.message:
            self.args = (f"{self.args[0]}\n  {self.type}: {self.message}",)


class JobFailed(ActorPerfError):
    """The job failed (or expired); ``type`` and ``message`` are of its last error, ``job`` is the job."""

    def __init__(self, job):
        error = job.get("error") or {}
        self.job, self.type, self.message = job, error.get("type"), error.get("message")
        super().__init__(f"job {job['id']} is {job['state']}" + (f": {self.type}: {self.message}" if error else ""))


class JobCancelled(JobFailed):
    """The job was cancelled."""


class Retry(Exception):
    """A task raises it when it failed and knows when another attempt may help."""

    def __init__(self, message, delay=None):
        super().__init__(message)
        self.delay = delay


class Snooze(Exception):
    """A task raises it to be run again after ``delay`` seconds: it has not failed, and the run costs no attempt. Only a job can wait so."""

    def __init__(self, delay):
        super().__init__(f"the task snoozes for {delay} s")
        self.delay = delay


class NonRetryable(Exception):
    """A task raises it when another attempt would fail the same way."""


class Cancelled(Exception):
    """The node asked the running task to stop; raised by ``job.check()``."""


class App:
    """One node (or several behind one address), one namespace, one key.

    :param url: of the node; default ``ACTORPERF_URL``, else ``http://127.0.0.1:8080``.
    :param key: an API key; default ``ACTORPERF_KEY``, else none.
    :param namespace: whose jobs, results and data; default ``default``.
    :param timeout: seconds that a request may take beyond what it was asked to wait.
    """

    def __init__(self, url=None, key=None, namespace="default", timeout=30.0):
        parts = urllib.parse.urlsplit(url or os.environ.get("ACTORPERF_URL") or "http://127.0.0.1:8080")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{parts.geturl()!r} is no address of a node; write it as http://127.0.0.1:8080")
        self._scheme, self._host, self._port = parts.scheme, parts.hostname, parts.port
        self._base = parts.path.rstrip("/") + "/api/v1"
        self._key = key or os.environ.get("ACTORPERF_KEY")
        self.namespace, self.timeout = namespace, timeout
        self._idle, self._lock = [], threading.Lock()
        self._functions = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Closes the connections that nobody uses at the moment. The App can be used afterwards."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    # What runs

    @property
    def serving(self):
        """Whether a node started this process to run tasks."""
        return bool(os.environ.get("ACTORPERF_TASK"))

    def task(self, name):
        """A task by its name; before a function, makes that function the task."""
        return Task(self, name)

    def memoize(self, name, **options):
        """Before a function: calls of it go to the node's task of that name, which remembers results as its configuration says.

        :param options: of each call: ``timeout`` in seconds; ``refresh`` to compute anew and ``unless`` to leave the cache alone, each True or a function
            of the arguments; and how the result is remembered where that differs from the configuration: ``duration``, ``stale_while_revalidate``,
            ``stale_if_error``, ``negative``, ``soft_timeout``, ``hard_timeout``, ``error_backoff``, ``error_throttle`` (seconds, or texts such as "10m"), the shares
            ``eager`` and ``jitter``, ``resilient=True`` and ``tags``.
        """
        task = Task(self, name)

        def decorate(function):
            task._bind(function)
            memoized = _Memoized(task, options)
            memoized.__doc__, memoized.__name__, memoized.__wrapped__ = function.__doc__, function.__name__, function
            return memoized

        return decorate

    def invalidate(self, task=None, args=None, tags=None, all=False, expire=False):
        """Forgets results: of a task, of one call of it, of tags, or all of the namespace; returns how many.

        :param expire: only ends their freshness: they still answer where their computation fails, as their task allows.
        """
        body = {name: value for name, value in (("task", task), ("args", args), ("tags", tags)) if value is not None}
        body.update({name: True for name, value in (("all", all), ("expire", expire)) if value})
        return self._call("POST", "/cache/invalidate", body)[1]["invalidated"]

    def compute(self, task, /, *, timeout=None, refresh=False, **args):
        """The task's result: remembered, joined to a computation under way, or computed now.

        :param timeout: seconds to wait, at most 60; the node's own patience (30 s) where None.
        :param refresh: compute anew and remember that.
        :raises TaskFailed: the task raised an error.
        :raises Timeout: the computation goes on; ask again.
        """
        return self._compute(task, args, timeout, refresh)["result"]

    def submit(self, task, args=None, **options):
        """A durable job. ``options`` are the members of a submission, in Python's spelling: queue, priority, delay, run_at, expires_in, timeout,
        max_attempts, backoff, unique_key, unique_policy, unique_until, limit_key, depends_on, tags, meta, callback, id. Numbers of seconds may
        stand for durations. Sent again with the same id when the connection broke, so it is stored once."""
        body = _submission(task, args or {}, options)
        try:
            row = self._call("POST", "/jobs", body)[1]
        except (Timeout, Unreachable) as fault:
            raise type(fault)(f"{fault}; job {body['id']} may be stored: submit it again with id={body['id']!r}, which makes no second one") from fault
        return Job(self, row["id"], row)         # of a unique key that is held, the holder

    def job(self, id):
        """A handle of a job that was submitted earlier, perhaps by another process; asks nothing yet."""
        return Job(self, str(id))

    def batch(self, atomic=False):
        """Collects submissions and sends them together: ``with app.batch() as batch: batch.submit("square", {"n": 1})``. At most 10,000.

        :param atomic: all or none.
        """
        return Batch(self, atomic)

    def wait(self, jobs, mode="all", timeout=None):
        """Waits for all, or for any, of the jobs; returns (done, pending), both lists of the handles given."""
        jobs = list(jobs)
        if not jobs:
            raise ValueError("there is no job to wait for")
        if mode not in ("all", "any"):
            raise ValueError(f"mode is 'all' or 'any', not {mode!r}")
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            left = _LONGEST_WAIT if end is None else max(0.0, min(_LONGEST_WAIT, end - time.monotonic()))
            answer = self._call("POST", "/jobs/wait", {"ids": [job.id for job in jobs], "mode": mode, "timeout": f"{max(1, int(left * 1000))}ms"}, wait=left)[1]
            rows = {row["id"]: row for row in answer["done"]}
            for job in jobs:
                if job.id in rows:
                    job._row = rows[job.id]
            done = [job for job in jobs if job.id in rows]
            pending = [job for job in jobs if job.id not in rows]
            gone = answer.get("unknown", [])
            if gone and (mode == "all" or not done):
                raise UnknownJob(404, {"code": "unknown-job", "detail": f"There is no job {gone[0]} to wait for; jobs are removed some time after they end."})
            if not pending or (mode == "any" and done) or (end is not None and time.monotonic() >= end):
                return done, pending

    def serve(self):
        """Runs this file's tasks for the node that started it, until it closes standard input. Prints of the functions become log lines."""
        _Worker(self).run()

    # How it talks

    def _compute(self, task, args, timeout, refresh, alone=False, kept=None):
        headers = {"ActorPerf-Cache": kept} if kept else {}
        wait = 30.0
        if timeout is not None:
            wait = max(1, min(_LONGEST_WAIT, int(timeout + 0.999)))
            headers["Prefer"] = f"wait={wait}"
        if refresh or alone:
            headers["Cache-Control"] = "no-store" if alone else "no-cache"
        try:
            return self._call("POST", f"/compute/{urllib.parse.quote(task, safe='')}", args, headers, wait=wait)[1]
        except Refused as refused:
            if refused.code == "compute-timeout":
                raise Timeout(refused.detail) from None
            raise

    def _call(self, method, path, body=None, headers=None, wait=0.0):
        """(status, decoded body). Repeats what the node could not take, and what a broken connection may have lost: every call here is safe to repeat.
        What makes a job carries an id, or an ``Idempotency-Key``, for that."""
        data = None if body is None else json.dumps(body, allow_nan=False, separators=(",", ":")).encode()
        for attempt in range(_RETRIES):
            try:
                return self._once(method, path, data, headers, wait)
            except Busy as busy:
                if attempt == _RETRIES - 1:
                    raise
                pause = busy.retry_after
            except (OSError, http.client.HTTPException) as fault:
                self.close()           # the others were most likely closed by the same restart
                if isinstance(fault, TimeoutError):
                    raise Timeout(f"no answer to {method} {path} within {self.timeout + wait:g} s") from fault
                if attempt == _RETRIES - 1:
                    raise Unreachable(f"no node answers at {self._scheme}://{self._host}:{self._port or ''}: {fault}") from fault
                pause = 0.05 * 2 ** attempt
            _pause(pause)
        raise AssertionError("unreachable")

    def _once(self, method, path, data, headers, wait):
        sent = {"Accept": "application/json", "ActorPerf-Namespace": self.namespace, **(headers or {})}
        if data is not None:
            sent["Content-Type"] = "application/json"
        if self._key:
            sent["Authorization"] = f"Bearer {self._key}"
        connection = self._take(self.timeout + wait)
        try:
            connection.request(method, self._base + path, data, sent)
            response = connection.getresponse()
            text = response.read()
        except BaseException:
            connection.close()
            raise
        self._give_back(connection)
        if response.status < 300 or response.status == 304:
            if response.headers.get_content_type() == "application/x-ndjson":
                return response.status, [json.loads(line) for line in text.splitlines() if line]
            return response.status, json.loads(text) if text else None
        raise _refusal(response, text)

    def _take(self, timeout):
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        if connection is None:
            kind = http.client.HTTPSConnection if self._scheme == "https" else http.client.HTTPConnection
            return kind(self._host, self._port, timeout=timeout)
        connection.timeout = timeout
        if connection.sock is not None:
            connection.sock.settimeout(timeout)
        return connection

    def _give_back(self, connection):
        with self._lock:
            if len(self._idle) < _IDLE:
                self._idle.append(connection)
                return
        connection.close()


class Task:
    """A task of the node, by its name."""

    def __init__(self, app, name, function=None):
        self.app, self.name, self._function = app, name, function

    def __call__(self, *args, **kwargs):
        """Before a function: makes it the task's body. Else runs the task and waits: the body itself in a worker, the node's memory elsewhere."""
        if self._function is None and len(args) == 1 and not kwargs and callable(args[0]):
            return self._bind(args[0])
        if self._function is not None and self.app.serving:
            return self._function(*args, **kwargs)
        return self.app._compute(self.name, self._args(args, kwargs), None, False)["result"]

    def delay(self, *args, **kwargs):
        """Submits a job with these arguments."""
        return self.app.submit(self.name, self._args(args, kwargs))

    def submit(self, args=None, **options):
        """Submits a job with arguments as a dict, and members of the submission: see :meth:`App.submit`."""
        return self.app.submit(self.name, args, **options)

    def map(self, items, **options):
        """One job for each dict of arguments, all stored together or, where one is refused, none; returns their handles in order. At most 10,000."""
        with self.app.batch(atomic=True) as batch:
            return [batch.submit(self.name, args, **options) for args in items]

    def _bind(self, function):
        self._function = function
        self._takes_job = "job" in inspect.signature(function).parameters
        self.app._functions[self.name] = self
        return self

    def _args(self, args, kwargs):
        if not args:
            return kwargs
        if self._function is None:
            raise TypeError(f"task {self.name!r} is known by name only: give its arguments by name")
        bound = inspect.signature(self._function).bind_partial(*args, **kwargs)
        return {name: value for name, value in bound.arguments.items() if name != "job"}


class _Memoized:
    _TIMES = ("duration", "stale_while_revalidate", "stale_if_error", "negative", "soft_timeout", "hard_timeout", "error_backoff", "error_throttle")
    _SHARES = ("eager", "jitter")

    def __init__(self, task, options):
        unknown = options.keys() - {"timeout", "refresh", "unless", "resilient", "tags", *self._TIMES, *self._SHARES}
        if unknown:
            raise TypeError(f"memoize has no option {sorted(unknown)[0]!r}")
        self.task, self._options = task, options
        words = [f"{name.replace('_', '-')}={_time(options[name])}" for name in self._TIMES if options.get(name) is not None]
        words += [f"{name}={options[name]:f}" for name in self._SHARES if options.get(name) is not None]
        if options.get("resilient"):
            words.append("resilient")
        if options.get("tags"):
            words.append(f'tags="{" ".join(options["tags"])}"')
        self._kept = ", ".join(words)

    def __call__(self, *args, **kwargs):
        if self.task.app.serving:
            return self.task._function(*args, **kwargs)
        refresh, alone = (said(*args, **kwargs) if callable(said) else said for said in (self._options.get("refresh", False), self._options.get("unless", False)))
        return self.task.app._compute(self.task.name, self.task._args(args, kwargs), self._options.get("timeout"), refresh, alone, self._kept)["result"]

    def delay(self, *args, **kwargs):
        return self.task.delay(*args, **kwargs)

    def invalidate(self, *args, **kwargs):
        """Forgets the result for these arguments; without arguments, all results of the task."""
        return self.task.app.invalidate(self.task.name, self.task._args(args, kwargs) if args or kwargs else None)


class Job:
    """A durable job. What it says of itself is as of the last look; :meth:`refresh` looks again."""

    def __init__(self, app, id, row=None):
        self.app, self.id, self._row = app, id, row

    def refresh(self):
        """Looks again; returns the job as the API shows it, a dict."""
        self._row = self.app._call("GET", f"/jobs/{self.id}")[1]
        return self._row

    def ready(self):
        """Whether it has ended, well or badly. Asks the node unless that is known."""
        return self._current()["state"] in FINAL

    def successful(self):
        return self._current()["state"] == "succeeded"

    def failed(self):
        return self._current()["state"] in ("failed", "expired")

    @property
    def state(self):
        """held, scheduled, queued, running, retrying, cancelling, succeeded, failed, cancelled or expired."""
        return self._current()["state"]

    @property
    def progress(self):
        """{"percent", "message", "data", "at"} of the running attempt, or None."""
        return self._current().get("progress")

    @property
    def error(self):
        """{"type", "message"} of the latest attempt that failed, or None."""
        return self._current().get("error")

    @property
    def result(self):
        """The result.

        :raises NotReady: it has not ended.
        """
        row = self._current()
        if row["state"] not in FINAL:
            raise NotReady(f"job {self.id} is {row['state']}")
        return self._outcome(row)

    def get(self, timeout=None):
        """Waits for the end and returns the result.

        :param timeout: seconds; None waits for ever.
        :raises Timeout: it has not ended; it goes on.
        :raises JobFailed: it failed or expired.
        :raises JobCancelled: it was cancelled.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while self._row is None or self._row["state"] not in FINAL:
            left = _LONGEST_WAIT if end is None else min(_LONGEST_WAIT, end - time.monotonic())
            if left <= 0:
                if self._row is not None:
                    raise Timeout(f"job {self.id} is {self._row['state']} after {timeout:g} s")
                self.refresh()
                continue
            whole = max(1, int(left)) if left >= 1 else 0
            if whole:
                self._row = self.app._call("GET", f"/jobs/{self.id}", headers={"Prefer": f"wait={whole}"}, wait=whole)[1]
            else:
                self.app.wait([self], timeout=left)
                if self._row is None or self._row["state"] not in FINAL:
                    self.refresh()
        return self._outcome(self._row)

    def cancel(self):
        """Asks it to stop; harmless when repeated."""
        self._row = self.app._call("POST", f"/jobs/{self.id}/cancel", {})[1]
        return self

    def rerun(self, args=None):
        """A new job that names this one; with other arguments where given."""
        headers = {"Idempotency-Key": str(uuid.uuid4())}       # the new job's id is the node's: sent twice without it, it would be two
        row = self.app._call("POST", f"/jobs/{self.id}/rerun", {} if args is None else {"args": args}, headers)[1]
        return Job(self.app, row["id"], row)

    def _current(self):
        return self._row if self._row is not None and self._row["state"] in FINAL else self.refresh()

    @staticmethod
    def _outcome(row):
        if row["state"] == "succeeded":
            return row.get("result")
        raise (JobCancelled if row["state"] == "cancelled" else JobFailed)(row)

    def __repr__(self):
        return f"<Job {self.id} {self._row['state'] if self._row else 'not asked'}>"


class Batch:
    """Submissions that are sent together when the block ends. A block that raises sends nothing."""

    def __init__(self, app, atomic):
        self._app, self._atomic, self._bodies, self._jobs = app, atomic, [], []
        self.refused = []          # (index, Refused) of those that were not taken; where none was, or the batch is atomic, the first is raised

    def submit(self, task, args=None, **options):
        """The job's handle; it exists on the node once the block has ended, under the id that the handle has then: of a unique key that is held, the holder's."""
        body = _submission(task, args or {}, options)
        job = Job(self._app, body["id"])
        self._bodies.append(body)
        self._jobs.append(job)
        return job

    def __enter__(self):
        return self

    def __exit__(self, kind, fault, trace):
        if kind is None and self._bodies:
            self._send()

    def _send(self):
        # Ids are ours, so what the node had no room for at the moment can be sent again.
        left = range(len(self._bodies))
        for attempt in range(_RETRIES):
            refused = self._send_those(left)
            culprits = {index: refusal for index, refusal in refused.items() if refusal.code != "batch-refused"}
            busy = [index for index, refusal in culprits.items() if isinstance(refusal, Busy)]
            if not busy or attempt == _RETRIES - 1 or (self._atomic and len(busy) < len(culprits)):
                break
            if not self._atomic:
                self.refused += [(index, refusal) for index, refusal in refused.items() if index not in busy]
                left = busy
            _pause(max(culprits[index].retry_after for index in busy))
        self.refused = sorted(self.refused + list(refused.items()), key=lambda one: one[0])
        if self.refused and (self._atomic or len(self.refused) == len(self._bodies)):
            raise next((refusal for _, refusal in self.refused if refusal.code != "batch-refused"), self.refused[0][1])

    def _send_those(self, indexes):
        """Sends some; returns the refusals by index."""
        *lines, summary = self._app._call("POST", "/jobs/batch" + ("?atomic=true" if self._atomic else ""), [self._bodies[index] for index in indexes])[1]
        if not summary.get("complete"):
            raise Unreachable("the node broke the batch off; send it again with the same ids")
        refused = {}
        for line in lines:
            index = indexes[line["index"]]
            if "problem" in line:
                refused[index] = _problem(line["status"], line["problem"])
            else:
                self._jobs[index].id = line["id"]
        return refused


class JobContext:
    """What a running function knows of its call: the parameter ``job`` of a function that has one."""

    def __init__(self, worker, call):
        self._worker, self._call = worker, call
        self.id, self.attempt, self.namespace = call.get("jobId"), call.get("attempt", 1), call.get("namespace", "default")
        self.checkpoint = call.get("checkpoint")
        self.cache = ResultCache(lambda decision: worker.say({"id": call["id"], "cache": decision}))
        self._cancelled = threading.Event()

    @property
    def cancelled(self):
        """Whether the node asked the call to stop."""
        return self._cancelled.is_set()

    def check(self):
        """Raises :class:`Cancelled` when the node asked the call to stop."""
        if self._cancelled.is_set():
            raise Cancelled()

    def report(self, percent, message=None, data=None):
        """Says how far the call is: 0 to 100."""
        self._worker.say({"id": self._call["id"], "progress": percent, "message": message, "data": data})

    def log(self, line, level="information"):
        self._worker.say({"id": self._call["id"], "log": str(line), "level": level})

    def save(self, checkpoint):
        """Keeps a value of JSON that the job's next attempt finds in ``job.checkpoint``."""
        self.checkpoint = checkpoint
        self._worker.say({"id": self._call["id"], "checkpoint": checkpoint})


class ResultCache:
    """What a running function decides, from its result, of the cache: ``job.cache``. Times are seconds or texts such as "10m"; what is not said stays as the task is configured."""

    def __init__(self, say):
        self._say = say

    def keep_for(self, duration):
        """Fresh for so long; 0 keeps nothing."""
        self._say({"duration": duration})

    def stale_for(self, while_revalidate=None, if_error=None):
        """Answered stale for so long after that: while a refresh runs, and where it failed."""
        windows = {"staleWhileRevalidate": while_revalidate, "staleIfError": if_error}
        self._say({name: window for name, window in windows.items() if window is not None})

    def tag(self, *tags):
        """Adds tags, by which the result can be forgotten."""
        self._say({"tags": list(tags)})

    def do_not_store(self):
        """Answered to whoever waits, and not kept."""
        self._say({"doNotStore": True})


class _Worker:
    """One call at a time, a line of JSON each way."""

    def __init__(self, app):
        self._app, self._out, self._lock, self._running = app, os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n"), threading.Lock(), None
        os.dup2(2, 1)              # whatever a function prints is a log line, never half an answer

    def say(self, line):
        with self._lock:
            self._out.write(json.dumps({name: value for name, value in line.items() if value is not None or name == "result"}, allow_nan=False) + "\n")
            self._out.flush()

    def run(self):
        calls = queue.Queue()
        threading.Thread(target=self._listen, args=(calls,), daemon=True).start()
        while (call := calls.get()) is not None:
            self._answer(call)

    def _listen(self, calls):
        for line in sys.stdin:
            call = json.loads(line)
            if call.get("cancel"):
                running = self._running
                if running is not None and running._call["id"] == call["id"]:
                    running._cancelled.set()
            else:
                calls.put(call)
        calls.put(None)

    def _answer(self, call):
        self._running = job = JobContext(self, call)
        answer = {"id": call["id"]}
        try:
            answer["result"] = self._call(call, job)
            json.dumps(answer, allow_nan=False)
        except Snooze as snooze:
            answer = {"id": call["id"], "snooze": float(snooze.delay)}
        except Exception as fault:
            answer = {"id": call["id"], "error": self._error(fault)}
        finally:
            self._running = None
        sys.stdout.flush()
        sys.stderr.flush()
        self.say(answer)

    def _call(self, call, job):
        name = call.get("task") or os.environ.get("ACTORPERF_TASK")
        task = self._app._functions.get(name)
        if task is None:
            raise NonRetryable(f"no function of this file is the task {name!r}; it has {', '.join(sorted(self._app._functions)) or 'none'}")
        args = dict(call.get("args") or {})
        try:
            inspect.signature(task._function).bind(**args, **({"job": job} if task._takes_job else {}))
        except TypeError as fault:
            raise NonRetryable(f"the arguments do not fit {name}: {fault}") from None
        if task._takes_job:
            args["job"] = job
        return task._function(**args)

    @staticmethod
    def _error(fault):
        error = {"type": type(fault).__name__, "message": str(fault) or type(fault).__name__, "retryable": not isinstance(fault, NonRetryable)}
        if isinstance(fault, Retry) and fault.delay is not None:
            error["retryAfter"] = f"{int(fault.delay * 1000)}ms"
        if not isinstance(fault, (NonRetryable, Retry, Cancelled)):
            sys.stderr.write(traceback.format_exc())
        return error


_NAMES = {
    "queue": "queue", "priority": "priority", "run_at": "runAt", "delay": "delay", "expires_in": "expiresIn", "timeout": "timeout",
    "max_attempts": "maxAttempts", "backoff": "backoff", "unique_key": "uniqueKey", "unique_policy": "uniquePolicy", "unique_until": "uniqueUntil",
    "limit_key": "limitKey", "depends_on": "dependsOn", "tags": "tags", "meta": "meta", "callback": "callback", "id": "id",
}
_DURATIONS = frozenset(("delay", "expires_in", "timeout"))


def _submission(task, args, options):
    body = {"task": task, "args": args}
    for name, value in options.items():
        if name not in _NAMES:
            raise TypeError(f"a submission has no member {name!r}; there are {', '.join(_NAMES)}")
        if value is None:
            continue
        if name in _DURATIONS and isinstance(value, (int, float)):
            value = f"{round(value * 1000)}ms"
        if name == "run_at" and hasattr(value, "isoformat"):
            if value.tzinfo is None:
                raise ValueError("run_at needs a time zone: datetime.now(timezone.utc) has one")
            value = value.isoformat()
        if name == "depends_on":
            value = [one.id if isinstance(one, Job) else one for one in value]
        body[_NAMES[name]] = value
    body["id"] = str(body.get("id") or _uuid7())
    return body


def _pause(seconds):
    """Up to half of it less, by chance: those who were turned away together do not come back together."""
    time.sleep(min(30.0, seconds) * random.uniform(0.5, 1.0))


def _time(value):
    """A duration as the node reads it; numbers are seconds."""
    return value if isinstance(value, str) else f"{int(value * 1000)}ms"


def _uuid7():
    """RFC 9562: 48 bits of milliseconds, then random bits."""
    value = (time.time_ns() // 1_000_000) << 80 | random.SystemRandom().getrandbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)


def _refusal(response, text):
    try:
        problem = json.loads(text)
    except ValueError:
        problem = {}
    if not isinstance(problem, dict):
        problem = {}
    refused = _problem(response.status, problem or {"title": f"{response.status} {response.reason}"})
    if isinstance(refused, Busy):
        try:
            refused.retry_after = float(response.headers.get("Retry-After") or 1)
        except ValueError:
            refused.retry_after = 1.0
    return refused


def _problem(status, problem):
    code = problem.get("code")
    kind = {"unknown-task": UnknownTask, "unknown-job": UnknownJob, "task-failed": TaskFailed, "idempotency-in-progress": Busy}.get(code)
    if kind is None:
        kind = {400: InvalidArguments, 401: Unauthorized, 403: Unauthorized, 409: Conflict, 412: Conflict, 422: Conflict, 429: Busy, 503: Busy, 507: Busy}.get(status, Refused)
    return kind(status, problem)
