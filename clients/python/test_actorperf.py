"""Tests of the client against a running node: ACTORPERF_URL=http://127.0.0.1:8080 python3 -m unittest, in this folder."""

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
        began = time.monotonic()
        self.assertEqual(n * n, self.app.task("square")(n=n, delay="300ms"))
        self.assertLess(time.monotonic() - began, 0.3)

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
        job = self.app.submit("sleep", {"duration": "1s"}, tags=["short"], meta={"by": "test"})
        with self.assertRaises(actorperf.Timeout):
            job.get(timeout=0.05)
        with self.assertRaises(actorperf.NotReady):
            job.result
        self.assertFalse(job.ready())
        job.get(timeout=30)
        self.assertEqual((["short"], {"by": "test"}), (job.refresh()["tags"], job.refresh()["meta"]))

    def test_progress_is_seen_while_the_job_runs(self):
        job = self.app.submit("progress", {"steps": 40, "delay": "50ms"})
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
