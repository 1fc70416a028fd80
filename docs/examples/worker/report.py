"""A command task, one process a call: arguments on standard input, the result on standard output, everything else on standard error."""
import json
import os
import sys


def tell(**members):
    """A line on standard error that is a JSON object: progress=..., checkpoint=..., or level=... with message=..."""
    print(json.dumps(members), file=sys.stderr, flush=True)


args = json.load(sys.stdin)
rows = args.get("rows", 3)
done = json.loads(os.environ.get("ACTORPERF_CHECKPOINT", "0"))  # where an earlier attempt stopped

for row in range(done, rows):
    tell(progress=100 * row / rows, message=f"row {row + 1} of {rows}", data={"row": row})
    tell(checkpoint=row + 1)

tell(level="info", message=f"attempt {os.environ['ACTORPERF_ATTEMPT']} read {rows - done} rows")
json.dump({"rows": rows, "total": sum(range(rows))}, sys.stdout)
