"""Drives an ActorPerf node with Locust: submits jobs, waits for them, computes through the cache.

    locust -f docs/examples/locust/locustfile.py -H http://127.0.0.1:8080 -u 20 -r 5 -t 1m --headless --csv out/page

Besides the requests it reports how long jobs take from acceptance to their end, as rows of type JOB.
The same from ActorPerf's own load tester: actorperf load run site -u 20 -r 5 -t 1m --csv out/page
"""

import os
import random
from datetime import datetime

from locust import HttpUser, between, tag, task


class Visitor(HttpUser):
    """Looks at pages that need a number: mostly the same ones, so most answers come from memory."""

    weight = 3
    wait_time = between(0.05, 0.2)

    def on_start(self):
        key = os.environ.get("ACTORPERF_KEY")
        if key:
            self.client.headers["Authorization"] = f"Bearer {key}"

    @tag("compute")
    @task(3)
    def compute(self):
        n = random.randint(1, 100)
        with self.client.post("/api/v1/compute/square", json={"n": n}, name="POST /compute/square", catch_response=True) as answer:
            if answer.ok and answer.json()["result"] != n * n:
                answer.failure("a wrong square")


class Worker(HttpUser):
    """Hands over work and waits for it."""

    weight = 1
    wait_time = between(0.1, 0.5)
    on_start = Visitor.on_start

    @tag("jobs")
    @task
    def submit_and_wait(self):
        answer = self.client.post(
            "/api/v1/jobs",
            json={"task": "square", "args": {"n": random.randint(1, 1_000_000_000)}},
            headers={"Prefer": "wait=30"},
            name="POST /jobs (wait)",
        )
        if answer.status_code == 200:
            self.report(answer.json())

    def report(self, job):
        """A row of its own: what the job took, whoever waited for it."""
        took = moment(job["finishedAt"]) - moment(job["createdAt"])
        self.environment.events.request.fire(
            request_type="JOB",
            name=job["task"],
            response_time=took.total_seconds() * 1000,
            response_length=0,
            exception=None if job["state"] == "succeeded" else RuntimeError(job["state"]),
            context={},
        )


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
