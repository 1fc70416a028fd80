"""A page that hands long work over and asks for it by its id: POST /start?rows=40, GET /status?id=…, GET /result?id=…, POST /cancel?id=…"""
import json
from urllib.parse import parse_qs

import actorperf
from tasks import node, report


def start(rows):
    job = report.delay(rows=int(rows))
    return "202 Accepted", {"id": job.id}


def status(id):
    job = node.job(id)
    row = job.refresh()
    return "200 OK", {"state": row["state"], "progress": row["progress"], "ready": job.ready()}


def result(id):
    try:
        return "200 OK", node.job(id).result
    except actorperf.NotReady as not_yet:
        return "409 Conflict", {"error": str(not_yet)}
    except actorperf.JobFailed as failed:
        return "500 Internal Server Error", {"error": failed.message, "state": failed.job["state"]}


def cancel(id):
    return "202 Accepted", {"state": node.job(id).cancel().state}


ROUTES = {("POST", "/start"): start, ("GET", "/status"): status, ("GET", "/result"): result, ("POST", "/cancel"): cancel}


def application(environ, start_response):
    route = ROUTES.get((environ["REQUEST_METHOD"], environ.get("PATH_INFO", "/")))
    arguments = {name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
    try:
        line, answer = route(**arguments) if route else ("404 Not Found", {"error": "no such page"})
    except actorperf.UnknownJob as unknown:
        line, answer = "404 Not Found", {"error": unknown.detail}
    start_response(line, [("Content-Type", "application/json")])
    return [json.dumps(answer).encode()]


if __name__ == "__main__":
    from wsgiref.simple_server import make_server
    make_server("127.0.0.1", 8052, application).serve_forever()
