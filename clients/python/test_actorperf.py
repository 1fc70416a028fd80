"""Tests of the client against a running node: ACTORPERF_URL=http://127.0.0.1:8080 python3 -m unittest, in this folder. Those of ScriptedTests need none."""

import http.server
import json
import os
import subprocess
import sys
import threading
import time
import unittest
import uuid

import actorperf


class ClientTests(unittest.TestCase):
    def setUp(self):
        self.app = actorperf.App(namespace=f"py-{uuid.uuid4().hex[:8]}")
        self.addCleanup(self.app.close)

    def test_a_call_is_computed_once_and_remembered(self):
        n = time.time_ns() % 1_000_000
        began = time.monotonic()
        self.assertEqual(n * n, self.app.compute("square", n=n, delay="300ms"))
        self.assertGreaterEqual(time.monotonic() - began, 0.29)      # timers may fire a tick early
        took = []
        for _ in range(5):                                           # other work on the machine makes one slower, and none faster than it is
            began = time.monotonic()
            self.assertEqual(n * n, self.app.task("square")(n=n, delay="300ms"))
            took.append(time.monotonic() - began)
        self.assertLess(min(took), 0.3)

    def test_a_decorated_function_says_how_it_is_remembered_and_forgotten(self):
        @self.app.memoize("square", duration="1h", error_backoff=2, soft_timeout=1.5, jitter=0, eager=0.5, resilient=True, tags=["sums"], unless=lambda n, **_: n < 0)
        def square(n, delay="0s"):
            return n * n

        self.assertEqual(49, square(7))
        self.assertEqual(49, square(-7))
        entries = self.app._call("GET", "/cache/entries")[1]["items"]
        self.assertEqual([{"n": 7, "delay": "0s"}], [entry["args"] for entry in entries])
        self.assertEqual(["sums"], entries[0]["tags"])
        self.assertEqual(1, square.invalidate(7))
        self.assertEqual(49, square(7))
        self.assertEqual(1, self.app.invalidate(tags=["sums"]))
        with self.assertRaises(TypeError):
            self.app.memoize("square", forever=True)(lambda n: n)

    def test_threads_share_an_app(self):
        results = []
        threads = [threading.Thread(target=lambda n=n: results.append(self.app.compute("square", n=n))) for n in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(n * n for n in range(20)), sorted(results))

    def test_a_job_is_submitted_waited_for_and_asked(self):
        job = self.app.task("primes").delay(limit=1000)
        self.assertEqual(168, job.get(timeout=30))
        self.assertTrue(job.ready() and job.successful() and not job.failed())
        self.assertEqual(168, self.app.job(job.id).result)

    def test_a_wait_that_is_too_short_says_so_and_the_job_goes_on(self):
        job = self.app.submit("sleep", {"duration": "4s"}, tags=["short"], meta={"by": "test"})
        with self.assertRaises(actorperf.Timeout):
            job.get(timeout=0.05)
        with self.assertRaises(actorperf.NotReady):
            job.result
        self.assertFalse(job.ready())
        job.get(timeout=30)
        self.assertEqual((["short"], {"by": "test"}), (job.refresh()["tags"], job.refresh()["meta"]))

    def test_progress_is_seen_while_the_job_runs(self):
        job = self.app.submit("progress", {"steps": 2000, "delay": "50ms"})
        seen = None
        end = time.monotonic() + 20
        while seen is None and not job.ready() and time.monotonic() < end:
            seen = job.progress
        job.cancel()
        self.assertIsNotNone(seen)
        self.assertTrue(0 < seen["percent"] <= 100)

    def test_a_failed_job_raises_what_the_task_said(self):
        job = self.app.submit("fail", {"message": "no luck"}, max_attempts=1)
        with self.assertRaises(actorperf.JobFailed) as failed:
            job.get(timeout=30)
        self.assertEqual("no luck", failed.exception.message)
        with self.assertRaises(actorperf.TaskFailed) as failed:
            self.app.compute("fail", message="no luck")
        self.assertEqual("no luck", failed.exception.message)

    def test_a_cancelled_job_raises_that(self):
        job = self.app.submit("sleep", {"duration": "60s"}).cancel()
        with self.assertRaises(actorperf.JobCancelled):
            job.get(timeout=30)

    def test_the_same_id_makes_one_job(self):
        id = str(uuid.uuid4())
        first, second = self.app.submit("square", {"n": 2}, id=id), self.app.submit("square", {"n": 2}, id=id)
        self.assertEqual(first.id, second.id)
        with self.assertRaises(actorperf.Conflict) as conflict:
            self.app.submit("square", {"n": 3}, id=id)
        self.assertEqual("id-conflict", conflict.exception.code)

    def test_a_batch_is_stored_together(self):
        with self.app.batch() as batch:
            jobs = [batch.submit("square", {"n": n}) for n in range(50)]
        self.assertEqual([n * n for n in range(50)], [job.get(timeout=30) for job in jobs])
        self.assertEqual([1, 4, 9], [job.get(timeout=30) for job in self.app.task("square").map([{"n": 1}, {"n": 2}, {"n": 3}])])

    def test_a_map_with_a_fault_stores_nothing_and_says_so(self):
        tag = uuid.uuid4().hex
        with self.assertRaises(actorperf.InvalidArguments):
            self.app.task("square").map([{"n": 1}, {"n": "one"}], tags=[tag])
        self.assertEqual([], self.app._call("GET", f"/jobs?tag={tag}")[1]["items"])

    def test_a_held_unique_key_gives_the_job_that_holds_it(self):
        first, second = (self.app.submit("sleep", {"duration": "4s"}, unique_key="k") for _ in range(2))
        self.assertEqual(first.id, second.id)
        with self.app.batch() as batch:
            third = batch.submit("sleep", {"duration": "4s"}, unique_key="k")
        self.assertEqual(first.id, third.id)
        self.assertEqual(first.get(timeout=30), third.get(timeout=30))

    def test_an_atomic_batch_with_a_fault_stores_nothing_and_names_it(self):
        with self.assertRaises(actorperf.InvalidArguments):
            with self.app.batch(atomic=True) as batch:
                good = batch.submit("square", {"n": 1})
                batch.submit("square", {"n": "one"})
        with self.assertRaises(actorperf.UnknownJob):
            good.refresh()

    def test_a_batch_takes_what_is_good(self):
        with self.app.batch() as batch:
            good = batch.submit("square", {"n": 4})
            batch.submit("square", {"n": "four"})
        self.assertEqual(16, good.get(timeout=30))
        self.assertEqual([1], [index for index, _ in batch.refused])

    def test_a_block_that_raises_sends_nothing(self):
        with self.assertRaises(KeyError):
            with self.app.batch() as batch:
                job = batch.submit("square", {"n": 1})
                raise KeyError("x")
        with self.assertRaises(actorperf.UnknownJob):
            job.refresh()

    def test_any_and_all_can_be_waited_for(self):
        slow, fast = self.app.submit("sleep", {"duration": "60s"}), self.app.submit("sleep", {"duration": "50ms"})
        done, pending = self.app.wait([slow, fast], mode="any", timeout=30)
        self.assertEqual(([fast], [slow]), (done, pending))
        done, pending = self.app.wait([slow], timeout=0.2)
        self.assertEqual(([], [slow]), (done, pending))
        slow.cancel()
        with self.assertRaises(ValueError):
            self.app.wait([])

    def test_refusals_have_types_and_name_the_fault(self):
        with self.assertRaises(actorperf.UnknownTask):
            self.app.submit("no-such-task")
        with self.assertRaises(actorperf.InvalidArguments) as refused:
            self.app.submit("square", {"n": "twelve"})
        self.assertEqual("/args/n", refused.exception.errors[0][0])
        with self.assertRaises(TypeError):
            self.app.submit("square", {"n": 1}, colour="red")
        with self.assertRaises(actorperf.Unreachable):
            actorperf.App("http://127.0.0.1:9", timeout=1).compute("square", n=1)
        with self.assertRaises(ValueError):
            actorperf.App("localhost")

    def test_a_namespace_does_not_see_another(self):
        job = self.app.submit("square", {"n": 1})
        with actorperf.App(namespace="somebody-else") as other, self.assertRaises(actorperf.UnknownJob):
            other.job(job.id).refresh()

    def test_a_function_outside_a_worker_is_the_nodes_task(self):
        @self.app.memoize("square")
        def square(n, delay="0s"):
            raise AssertionError("the node computes")

        self.assertEqual(49, square(7))
        self.assertEqual(49, square.delay(7).get(timeout=30))
        self.assertEqual(1, square.invalidate(7))

        @self.app.task("primes")
        def primes(limit):
            raise AssertionError("the node computes")

        self.assertEqual(25, primes(100))
        self.assertEqual(25, primes.delay(100).get(timeout=30))


class ScriptedTests(unittest.TestCase):
    """Against a server that answers as a test says: a (status, body), or None for a connection that is closed without an answer."""

    def serve(self, *answers):
        script, asked = list(answers), []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                asked.append((self.path, dict(self.headers), body))
                answer = script.pop(0)
                if answer is None:
                    self.close_connection = True
                    return
                status, lines = answer
                text = "".join(json.dumps(line) + "\n" for line in lines).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/x-ndjson" if len(lines) > 1 else "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        app = actorperf.App(f"http://127.0.0.1:{server.server_address[1]}")
        pause, actorperf._pause = actorperf._pause, lambda seconds: None
        for cleanup in (server.server_close, server.shutdown, app.close, lambda: setattr(actorperf, "_pause", pause)):
            self.addCleanup(cleanup)
        return app, asked

    def test_a_rerun_that_is_sent_again_is_known_by_its_key(self):
        app, asked = self.serve(None, (409, [{"code": "idempotency-in-progress"}]), (202, [{"id": "b", "state": "queued"}]))
        self.assertEqual("b", app.job("a").rerun({"n": 1}).id)
        keys = [headers.get("Idempotency-Key") for _, headers, _ in asked]
        self.assertEqual(3, len(keys))
        self.assertTrue(keys[0])
        self.assertEqual(1, len(set(keys)))
        again, asked_again = self.serve((202, [{"id": "c", "state": "queued"}]))
        again.job("a").rerun()
        self.assertNotEqual(keys[0], asked_again[0][1]["Idempotency-Key"])

    def test_a_submission_gives_the_job_that_the_node_names(self):
        app, _ = self.serve((200, [{"id": "holder", "state": "running"}]))
        self.assertEqual("holder", app.submit("t", unique_key="k").id)

    def test_a_submission_without_an_answer_names_its_job(self):
        app, asked = self.serve(*[None] * actorperf._RETRIES)
        with self.assertRaises(actorperf.Unreachable) as fault:
            app.submit("t")
        self.assertEqual(1, len({body["id"] for _, _, body in asked}))
        self.assertIn(asked[0][2]["id"], str(fault.exception))

    def test_a_batch_gives_the_jobs_that_the_node_names_and_sends_again_what_it_had_no_room_for(self):
        full = {"code": "queue-full", "detail": "full"}
        app, asked = self.serve(
            (200, [{"index": 0, "status": 400, "problem": {"code": "invalid-args"}}, {"index": 1, "status": 429, "problem": full}, {"index": 2, "status": 200, "id": "holder"},
                   {"index": 3, "status": 503, "problem": {"code": "draining"}}, {"complete": True}]),
            (200, [{"index": 0, "status": 202, "id": "one"}, {"index": 1, "status": 400, "problem": {"code": "invalid-args"}}, {"complete": True}]))
        with app.batch() as batch:
            jobs = [batch.submit("t", {"n": n}) for n in range(4)]
        self.assertEqual(["one", "holder"], [jobs[1].id, jobs[2].id])
        self.assertEqual([asked[0][2][1], asked[0][2][3]], asked[1][2])
        self.assertEqual([0, 3], [index for index, _ in batch.refused])

    def test_a_map_is_all_or_none_and_raises_what_refuses_it(self):
        full = [{"index": 0, "status": 409, "problem": {"code": "batch-refused"}}, {"index": 1, "status": 429, "problem": {"code": "queue-full", "detail": "full"}}, {"complete": True}]
        stored = [{"index": 0, "status": 202, "id": "x"}, {"index": 1, "status": 202, "id": "y"}, {"complete": True}]
        app, asked = self.serve((200, full), (200, stored))
        self.assertEqual(["x", "y"], [job.id for job in app.task("t").map([{"n": 1}, {"n": 2}])])
        self.assertEqual(["/api/v1/jobs/batch?atomic=true"] * 2, [path for path, _, _ in asked])
        self.assertEqual(asked[0][2], asked[1][2])
        app, asked = self.serve(*[(200, full)] * actorperf._RETRIES)
        with self.assertRaises(actorperf.Busy) as refused:
            app.task("t").map([{"n": 1}, {"n": 2}])
        self.assertEqual(("queue-full", actorperf._RETRIES), (refused.exception.code, len(asked)))


class WorkerTests(unittest.TestCase):
    def test_a_function_decides_from_its_result_how_it_is_remembered(self):
        program = """
import actorperf
app = actorperf.App()

@app.task("rate")
def rate(n, *, job):
    job.cache.keep_for("1m")
    job.cache.stale_for(if_error=5)
    job.cache.tag("a", "b")
    job.cache.do_not_store()
    return n

app.serve()
"""
        call = json.dumps({"id": "x", "task": "rate", "args": {"n": 3}, "attempt": 1, "namespace": "default"}) + "\n"
        environment = {**os.environ, "PYTHONPATH": os.path.dirname(os.path.abspath(actorperf.__file__))}
        ran = subprocess.run([sys.executable, "-c", program], input=call, capture_output=True, text=True, env=environment, timeout=60)
        self.assertEqual(
            [{"cache": {"duration": "1m"}}, {"cache": {"staleIfError": 5}}, {"cache": {"tags": ["a", "b"]}}, {"cache": {"doNotStore": True}}, {"result": 3}],
            [{name: value for name, value in json.loads(line).items() if name != "id"} for line in ran.stdout.splitlines()])


if __name__ == "__main__":
    unittest.main()
