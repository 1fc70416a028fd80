"""A figure that takes a second, after its move from flask-caching. The node runs this very file for it."""
import time

import actorperf

node = actorperf.App()


@node.memoize("sales", unless=lambda year, draft=False: draft)
def sales(year, draft=False):
    time.sleep(1)                                   # the query that makes the page slow
    return {"year": year, "total": 1000 * year}


def correct(year):
    """Somebody changed the books of a year."""
    sales.invalidate(year)                          # was: cache.delete_memoized(sales, year)


def close_the_books():
    node.invalidate(tags=["figures"], expire=True)  # all figures anew; should that fail, the old ones for a while


if node.serving:                                    # the node started this file to run its tasks
    node.serve()
