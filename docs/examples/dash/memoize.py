"""A page whose figure takes five seconds, once: the WSGI program after its move from flask-caching.

Serve it with any WSGI server; started as a program it serves http://127.0.0.1:8051/?year=2026 by itself."""
import json
import time
from urllib.parse import parse_qs

import actorperf

node = actorperf.App()


@node.memoize("sales")
def sales(year):
    time.sleep(5)                                   # the query that makes the page slow
    return {"year": year, "total": 1000 * year}


def application(environ, start_response):
    year = int(parse_qs(environ.get("QUERY_STRING", "")).get("year", ["2026"])[0])
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(sales(year)).encode()]


if node.serving:                                    # the node started this file to run its tasks
    node.serve()
elif __name__ == "__main__":
    from wsgiref.simple_server import make_server
    make_server("127.0.0.1", 8051, application).serve_forever()
