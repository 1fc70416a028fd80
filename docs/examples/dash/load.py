"""How long a page takes for many users at once: python3 load.py URL USERS SECONDS prints requests, failures, and percentiles in milliseconds."""
import http.client
import sys
import threading
import time
from urllib.parse import urlsplit


def user(url, until, times, failures):
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    while time.monotonic() < until:
        began = time.perf_counter()
        try:
            connection.request(*request(parts))
            answer = connection.getresponse()
            answer.read()
            (times if answer.status < 400 else failures).append(time.perf_counter() - began)
        except (OSError, http.client.HTTPException):
            failures.append(time.perf_counter() - began)
            connection.close()
    connection.close()


def request(parts):
    if parts.query:                                 # the arguments of a task: …/compute/square?{"n": 12}
        from urllib.parse import unquote
        return "POST", parts.path, unquote(parts.query), {"Content-Type": "application/json"}
    return "GET", parts.path or "/", None, {}


def run(url, users, seconds):
    times, failures = [], []
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=user, args=(url, until, times, failures)) for _ in range(users)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times.sort()
    percentile = lambda p: round(1000 * times[min(len(times) - 1, int(p * len(times)))], 2) if times else None
    return {"requests": len(times), "failures": len(failures), "perSecond": round(len(times) / seconds, 1),
            "p50": percentile(0.50), "p95": percentile(0.95), "p99": percentile(0.99)}


if __name__ == "__main__":
    print(run(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
