"""The tasks of the page in app.py: the module after its move from Celery. The same file is imported by the page and run by the node."""
import time

import actorperf

node = actorperf.App()


@node.task("report")
def report(rows, *, job):
    done = job.checkpoint or 0                      # a later attempt goes on where this one stopped
    while done < rows:
        job.check()                                 # ends here when somebody cancelled the job
        time.sleep(0.05)
        done += 1
        job.report(100 * done / rows, f"row {done} of {rows}")
        job.save(done)
    return {"rows": rows, "total": rows * (rows + 1) // 2}


if node.serving:
    node.serve()
