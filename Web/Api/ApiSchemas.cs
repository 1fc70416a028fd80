using ActorPerf.Web.Logs;
using Microsoft.OpenApi;

namespace ActorPerf.Web.Api;

/// <summary>The schemas of the OpenAPI document.</summary>
internal static class ApiSchemas
{
    public static Dictionary<string, IOpenApiSchema> All() => new()
    {
        ["Any"] = new OpenApiSchema { Description = "Any JSON value." },
        ["Arguments"] = new OpenApiSchema { Description = "The task's arguments; GET /api/v1/tasks/{name} has their schema." },
        ["Verification"] = Object("What a check of the stored data found.", ["ok", "checked", "violations"], new()
        {
            ["ok"] = Of(JsonSchemaType.Boolean, "Whether every invariant holds."),
            ["checked"] = Of(JsonSchemaType.Integer, "Rows looked at."),
            ["jobs"] = Of(JsonSchemaType.Integer, "Jobs among them."),
            ["violations"] = List(Of(JsonSchemaType.Object, "{invariant, count, ids, detail}")),
        }),
        ["BackupRequest"] = Object("Where the copy goes.", ["file"], new() { ["file"] = Of(JsonSchemaType.String, "An absolute path on the node's machine; must not exist.") }),
        ["Backup"] = Object("The copy.", ["file", "bytes", "duration"], new()
        {
            ["file"] = Of(JsonSchemaType.String, "Its path."),
            ["bytes"] = Of(JsonSchemaType.Integer, "Its size."),
            ["duration"] = Of(JsonSchemaType.Number, "Seconds it took."),
        }),
        ["Text"] = Of(JsonSchemaType.String, "Server-sent events: state, progress, log, done, reset."),
        ["LoadPlan"] = Object("A load test: what to run against what, how much and how long. Only scenario is required.", ["scenario"], new()
        {
            ["scenario"] = Of(JsonSchemaType.String, "Name of a scenario; GET /api/v1/load/scenarios lists them."),
            ["host"] = Of(JsonSchemaType.String, "The target; this node unless given. Loopback, or named in actorperf.load.allow-hosts.", "uri"),
            ["model"] = new OpenApiSchema { Type = JsonSchemaType.Object, Description = "{users, spawnRate, stages?, iterations?, iterationsPerUser?}: users that wait for their answers; or {rate, timeUnit?, stages?, preAllocatedUsers?, maxUsers?, backlog?}: iterations that start by the plan. A stage is {duration, target}." },
            ["runTime"] = Of(JsonSchemaType.String, "How long, warm-up included; 1m, or the sum of the stages, unless given."),
            ["warmUp"] = Of(JsonSchemaType.String, "The first part, which does not count."),
            ["seed"] = Of(JsonSchemaType.Integer, "Decides every choice; one is chosen unless given."),
            ["maxRequests"] = Of(JsonSchemaType.Integer, "No further request is sent after so many."),
            ["tags"] = List(Of(JsonSchemaType.String, "Only tasks with one of these.")),
            ["excludeTags"] = List(Of(JsonSchemaType.String, "No task with one of these.")),
            ["watchTarget"] = Of(JsonSchemaType.Boolean, "The target is an ActorPerf node: its queues and compute actors stand in the history; of the scenarios that ship always."),
            ["equalWeights"] = Of(JsonSchemaType.Boolean, "All tasks and kinds of users are equally likely."),
            ["thresholds"] = List(new OpenApiSchema { Description = "http_req_duration:p(95)<200, or {threshold, abortOnFail, delayAbort}." }),
            ["stopTimeout"] = Of(JsonSchemaType.String, "How long users may go on at the end; 5s unless given."),
            ["requestTimeout"] = Of(JsonSchemaType.String, "A longer request is a failure; 60s unless given."),
            ["key"] = Of(JsonSchemaType.String, "Sent as a bearer key with every request; never shown again."),
            ["variables"] = Of(JsonSchemaType.Object, "Values for the scenario's templates, by name."),
            ["label"] = Of(JsonSchemaType.String, "What people call the run; at most 200 characters."),
        }),
        ["LoadEdit"] = Object("What changes of a run that goes on; what is absent stays.", [], new()
        {
            ["users"] = Of(JsonSchemaType.Integer, "Users of a closed model from now on."),
            ["spawnRate"] = Of(JsonSchemaType.Number, "Users a second that come or go until there are as many."),
            ["rate"] = Of(JsonSchemaType.Number, "Iterations a time unit of an open model from now on."),
            ["runTime"] = Of(JsonSchemaType.String, "The whole run time, from its start."),
        }),
        ["LoadRun"] = Object("How a run stands; docs/formats/load-report.md has every member. Durations are seconds.", ["id", "plan", "state"], new()
        {
            ["id"] = Of(JsonSchemaType.String, "Its name.", "uuid"),
            ["plan"] = new OpenApiSchemaReference("LoadPlan"),
            ["state"] = Of(JsonSchemaType.String, "spawning, warming-up, running, stopping; final: finished, stopped, aborted, failed."),
            ["startedAt"] = Of(JsonSchemaType.String, "When it was started.", "date-time"),
            ["elapsed"] = Of(JsonSchemaType.Number, "Seconds since then."),
            ["users"] = Of(JsonSchemaType.Integer, "Users there are."),
            ["requests"] = List(Of(JsonSchemaType.Object, "Figures of one request: {method, name, count, failures, service, response, perSecond, …}.")),
            ["total"] = Of(JsonSchemaType.Object, "The same of all requests."),
            ["jobs"] = List(Of(JsonSchemaType.Object, "The same of jobs, from acceptance to their end.")),
            ["history"] = List(Of(JsonSchemaType.Object, "A point a second.")),
            ["thresholds"] = List(Of(JsonSchemaType.Object, "{threshold, value, holds}")),
            ["failures"] = List(Of(JsonSchemaType.Object, "{method, name, error, count, firstAt, lastAt}")),
            ["health"] = Of(JsonSchemaType.Object, "How the generating process fares; warnings say what to know before believing the figures."),
        }),
        ["LoadLine"] = Object("A run in one line.", ["id", "state", "verdict"], new()
        {
            ["id"] = Of(JsonSchemaType.String, "Its name.", "uuid"),
            ["verdict"] = Of(JsonSchemaType.String, "open, passed, failures-seen, threshold-failed or broken."),
            ["requests"] = Of(JsonSchemaType.Integer, "Requests that counted."),
            ["perSecond"] = Of(JsonSchemaType.Number, "Requests a second."),
            ["p95"] = Of(JsonSchemaType.Number, "Seconds; 95 % of response times are at or below it."),
        }),
        ["LoadRuns"] = Page("LoadLine", "The latest first."),
        ["LoadScenarios"] = Page(null, "Each item is {name, summary, source, variables, users: [{name, weight, fixedCount, wait, tasks: [{name, weight, tags}]}]}."),
        ["File"] = Of(JsonSchemaType.String, "A file as text."),
        ["Submission"] = Object("A request to run a task as a job. Only task is required.", ["task"], new()
        {
            ["task"] = Of(JsonSchemaType.String, "Name of the task."),
            ["args"] = new OpenApiSchema { Description = "Its arguments." },
            ["id"] = Of(JsonSchemaType.String, "The client's own UUID, in lower case.", "uuid"),
            ["queue"] = Of(JsonSchemaType.String, "1 to 64 of a-z 0-9 . _ -"),
            ["priority"] = Of(JsonSchemaType.Integer, "0 to 9, higher first; 5 unless given."),
            ["runAt"] = Of(JsonSchemaType.String, "Not before this time.", "date-time"),
            ["delay"] = Of(JsonSchemaType.String, "Not before so long from now, such as 30s."),
            ["expiresIn"] = Of(JsonSchemaType.String, "Expires unless started within so long."),
            ["timeout"] = Of(JsonSchemaType.String, "Limit of one attempt."),
            ["maxAttempts"] = Of(JsonSchemaType.Integer, "1 to 1000, the first included."),
            ["backoff"] = Object("Pauses between attempts.", [], new()
            {
                ["initial"] = Of(JsonSchemaType.String, "The first pause."),
                ["factor"] = Of(JsonSchemaType.Number, "1 to 100."),
                ["max"] = Of(JsonSchemaType.String, "The longest pause."),
            }),
            ["tags"] = List(Of(JsonSchemaType.String, "1 to 100 characters.")),
            ["meta"] = Of(JsonSchemaType.Object, "The client's own notes, at most 16 KiB."),
            ["uniqueKey"] = Of(JsonSchemaType.String, "Only one job at a time holds it; 1 to 200 characters."),
            ["uniquePolicy"] = Of(JsonSchemaType.String, "What happens when another job holds it: return (unless given), reject or replace."),
            ["uniqueUntil"] = Of(JsonSchemaType.String, "How long it is held: finished (unless given) or started."),
            ["limitKey"] = Of(JsonSchemaType.String, "Jobs with the same key share its limits; 1 to 200 characters."),
            ["dependsOn"] = List(new OpenApiSchema { Description = "A job's id, or {job, on: succeeded | finished}; at most 10,000." }),
            ["callback"] = Of(JsonSchemaType.String, "An http or https address that is told of the job's end.", "uri"),
        }),
        ["JobEdit"] = Object("What to change; what is absent stays.", [], new()
        {
            ["priority"] = Nullable(JsonSchemaType.Integer, "0 to 9; null: 5."),
            ["queue"] = Of(JsonSchemaType.String, "1 to 64 of a-z 0-9 . _ -"),
            ["runAt"] = Nullable(JsonSchemaType.String, "Not before this time; null: now."),
            ["tags"] = List(Of(JsonSchemaType.String, "1 to 100 characters; all of them, in place of the old ones.")),
        }),
        ["Rerun"] = Object("How to run it again.", [], new() { ["args"] = new OpenApiSchema { Description = "In place of the old arguments." } }),
        ["Batch"] = new OpenApiSchema { Description = "One submission a line (application/x-ndjson), or an array of at most 10,000." },
        ["BatchLine"] = Object("One line an item, {index, status, id} or {index, status, problem}; the last is {accepted, rejected, deduplicated, complete}.", [], new()
        {
            ["index"] = Of(JsonSchemaType.Integer, "Counted from 0."),
            ["status"] = Of(JsonSchemaType.Integer, "What the item alone would have been answered with."),
            ["id"] = Of(JsonSchemaType.String, "The job.", "uuid"),
            ["problem"] = Of(JsonSchemaType.Object, "Why it was refused."),
        }),
        ["Job"] = Object("A job.", ["id", "task", "state"], new()
        {
            ["id"] = Of(JsonSchemaType.String, "Its name.", "uuid"),
            ["task"] = Of(JsonSchemaType.String, "What it runs."),
            ["args"] = new OpenApiSchema { Description = "Exactly as submitted." },
            ["queue"] = Of(JsonSchemaType.String, "Where it waits."),
            ["priority"] = Of(JsonSchemaType.Integer, "0 to 9."),
            ["state"] = Of(JsonSchemaType.String, "held, scheduled, queued, running, retrying, cancelling; final: succeeded, failed, cancelled, expired."),
            ["reason"] = Nullable(JsonSchemaType.String, "Why a queued job does not start."),
            ["position"] = Nullable(JsonSchemaType.Integer, "A queued job's place in its queue's line, to 10000."),
            ["estimatedStart"] = Nullable(JsonSchemaType.String, "When it may start, by the pace of its queue over the last minute."),
            ["attempt"] = Of(JsonSchemaType.Integer, "Runs so far."),
            ["maxAttempts"] = Of(JsonSchemaType.Integer, "How many may be."),
            ["excused"] = Of(JsonSchemaType.Integer, "Runs that cost nothing."),
            ["crashes"] = Of(JsonSchemaType.Integer, "Runs whose node was lost."),
            ["progress"] = Nullable(JsonSchemaType.Object, "{percent, message, data, at}"),
            ["result"] = new OpenApiSchema { Description = "What the task returned." },
            ["error"] = Nullable(JsonSchemaType.Object, "{type, message} of the latest attempt that failed."),
            ["cached"] = Of(JsonSchemaType.Boolean, "Whether the result came from memory."),
            ["node"] = Nullable(JsonSchemaType.String, "Where the latest run was."),
            ["tags"] = List(Of(JsonSchemaType.String, "A tag.")),
            ["meta"] = Of(JsonSchemaType.Object, "Exactly as submitted."),
            ["namespace"] = Of(JsonSchemaType.String, "Whose it is."),
            ["rerunOf"] = Nullable(JsonSchemaType.String, "The job that it repeats."),
            ["workflow"] = Nullable(JsonSchemaType.String, "The graph that it is part of."),
            ["dependsOn"] = List(Of(JsonSchemaType.Object, "{job, on}; absent where it waited for none.")),
            ["parent"] = Of(JsonSchemaType.String, "The job that submitted it and waits for it; absent for none.", "uuid"),
            ["schedule"] = Nullable(JsonSchemaType.String, "The schedule that made it."),
            ["createdAt"] = Of(JsonSchemaType.String, "Submitted.", "date-time"),
            ["runAt"] = Of(JsonSchemaType.String, "May start.", "date-time"),
            ["startedAt"] = Nullable(JsonSchemaType.String, "Start of the latest run."),
            ["finishedAt"] = Nullable(JsonSchemaType.String, "Final since."),
            ["waited"] = Nullable(JsonSchemaType.Number, "Seconds from submission to the latest start."),
            ["ran"] = Nullable(JsonSchemaType.Number, "Seconds of the latest run."),
            ["version"] = Of(JsonSchemaType.Integer, "Rises at every change."),
            ["uniqueKey"] = Of(JsonSchemaType.String, "As submitted, with uniquePolicy and uniqueUntil; absent where there is none."),
            ["uniquePolicy"] = Of(JsonSchemaType.String, "return, reject or replace."),
            ["uniqueUntil"] = Of(JsonSchemaType.String, "finished or started."),
            ["limitKey"] = Of(JsonSchemaType.String, "As submitted; absent where there is none."),
            ["callback"] = Of(JsonSchemaType.String, "As submitted; absent where there is none.", "uri"),
        }),
        ["ScheduleDefinition"] = Object("When, and what. Only cron and task are required.", ["cron", "task"], ScheduleMembers()),
        ["Schedule"] = Object("A schedule as it is now; durations are numbers of seconds.", ["name", "cron", "task"], new(ScheduleMembers())
        {
            ["name"] = Of(JsonSchemaType.String, "1 to 64 of a-z 0-9 . _ -"),
            ["namespace"] = Of(JsonSchemaType.String, "Whose it is."),
            ["words"] = Of(JsonSchemaType.String, "When, in words."),
            ["source"] = Of(JsonSchemaType.String, "api or config."),
            ["next"] = Nullable(JsonSchemaType.String, "The next tick; null while paused."),
            ["last"] = Nullable(JsonSchemaType.Object, "{at, outcome, job, reason, handledAt}; outcome is submitted, skipped or refused."),
            ["error"] = Nullable(JsonSchemaType.String, "Why it does not do what it should."),
            ["createdAt"] = Of(JsonSchemaType.String, "Since when it is there.", "date-time"),
            ["updatedAt"] = Of(JsonSchemaType.String, "Since when it is as it is.", "date-time"),
            ["version"] = Of(JsonSchemaType.Integer, "Rises at every change."),
            ["history"] = List(Of(JsonSchemaType.Object, "The newest 50 ticks, newest first; of one schedule alone.")),
        }),
        ["Schedules"] = Page("Schedule", "In order of name."),
        ["SchedulePreview"] = Object("An expression to try.", ["cron"], new()
        {
            ["cron"] = Of(JsonSchemaType.String, "Five fields, or six with seconds first."),
            ["timeZone"] = Of(JsonSchemaType.String, "An IANA name; UTC unless given."),
            ["count"] = Of(JsonSchemaType.Integer, "1 to 100; 5 unless given."),
        }),
        ["SchedulePreviewed"] = Object("When it will fire.", ["words", "items"], new()
        {
            ["words"] = Of(JsonSchemaType.String, "In words."),
            ["items"] = List(Of(JsonSchemaType.Object, "{at, local}")),
        }),
        ["WebhookDefinition"] = Object("Who is told, of which jobs.", ["url"], WebhookMembers()),
        ["Webhook"] = Object("A webhook as it is now.", ["name", "q", "events"], new(WebhookMembers())
        {
            ["name"] = Of(JsonSchemaType.String, "1 to 64 of a-z 0-9 . _ -"),
            ["namespace"] = Of(JsonSchemaType.String, "Whose it is."),
            ["gone"] = Of(JsonSchemaType.Boolean, "The receiver answered 410; put it again to go on."),
            ["oldSecretUntil"] = Nullable(JsonSchemaType.String, "When the secret before this one ends; null when there is none."),
            ["createdAt"] = Of(JsonSchemaType.String, "Since when it is there.", "date-time"),
            ["updatedAt"] = Of(JsonSchemaType.String, "Since when it is as it is.", "date-time"),
            ["version"] = Of(JsonSchemaType.Integer, "Rises at every change."),
        }),
        ["Webhooks"] = Page("Webhook", "In order of name."),
        ["Delivery"] = Object("One event on its way to one receiver.", ["id", "webhook", "type", "state"], new()
        {
            ["id"] = Of(JsonSchemaType.String, "The header webhook-id.", "uuid"),
            ["webhook"] = Of(JsonSchemaType.String, "Which webhook; callback for the address that a job names."),
            ["type"] = Of(JsonSchemaType.String, "job.succeeded and the like, or webhook.test."),
            ["job"] = Nullable(JsonSchemaType.String, "Of which job; null for a test."),
            ["task"] = Nullable(JsonSchemaType.String, "Its task."),
            ["url"] = Of(JsonSchemaType.String, "Where to.", "uri"),
            ["state"] = Of(JsonSchemaType.String, "pending, delivered or failed."),
            ["attempts"] = Of(JsonSchemaType.Integer, "Requests so far; at most 15."),
            ["status"] = Nullable(JsonSchemaType.Integer, "HTTP status of the latest answer."),
            ["response"] = Nullable(JsonSchemaType.String, "Its first KiB."),
            ["error"] = Nullable(JsonSchemaType.String, "Why there was no answer, or there will be no other attempt."),
            ["at"] = Of(JsonSchemaType.String, "When it happened.", "date-time"),
            ["dueAt"] = Nullable(JsonSchemaType.String, "The next attempt, not before this time; null at its end."),
            ["endedAt"] = Nullable(JsonSchemaType.String, "When it was delivered or given up."),
        }),
        ["Deliveries"] = Page("Delivery", "Newest first; of one job, oldest first."),
        ["JobPage"] = Page("Job", "total counts all that match when count=true; null where a tag is asked for."),
        ["WorkflowSubmission"] = Object("A graph of jobs.", ["jobs"], new()
        {
            ["name"] = Of(JsonSchemaType.String, "For people; 1 to 200 characters."),
            ["jobs"] = Of(JsonSchemaType.Object, "By name, each as POST /jobs takes it; dependsOn names jobs of the graph, and arguments may hold {\"$result\": name}."),
            ["onFailure"] = Of(JsonSchemaType.String, "continue (unless given) or cancel."),
        }),
        ["Workflow"] = Object("A workflow.", ["id", "state"], new()
        {
            ["id"] = Of(JsonSchemaType.String, "Its name.", "uuid"),
            ["name"] = Nullable(JsonSchemaType.String, "As submitted."),
            ["namespace"] = Of(JsonSchemaType.String, "Whose it is."),
            ["state"] = Of(JsonSchemaType.String, "running; succeeded, failed or cancelled when all its jobs have ended."),
            ["onFailure"] = Of(JsonSchemaType.String, "continue or cancel."),
            ["done"] = Of(JsonSchemaType.Integer, "Jobs that have ended."),
            ["total"] = Of(JsonSchemaType.Integer, "Jobs."),
            ["counts"] = Of(JsonSchemaType.Object, "Jobs by state."),
            ["rerunOf"] = Nullable(JsonSchemaType.String, "The workflow that it repeats."),
            ["createdAt"] = Of(JsonSchemaType.String, "Submitted.", "date-time"),
            ["jobs"] = Of(JsonSchemaType.Object, "By name: {id, task, state, dependsOn, attempt, error, kept, startedAt, finishedAt}; absent in lists."),
        }),
        ["WorkflowPage"] = Page("Workflow", "Without their jobs."),
        ["History"] = Object("A job's story.", [], new()
        {
            ["items"] = List(Of(JsonSchemaType.Object, "{seq, at, from, to, attempt, node, detail}")),
            ["attempts"] = List(Of(JsonSchemaType.Object, "{attempt, error, lines, dropped}")),
            ["pruned"] = Of(JsonSchemaType.Boolean, "Whether older rows are gone."),
        }),
        ["Completions"] = Page(null, "Each item is {text, from, to, kind}: put text in place of the characters from from to (not including) to; kind is field or value."),
        ["OperationRequest"] = Object("What to do, to which jobs.", ["action", "q"], new()
        {
            ["action"] = Of(JsonSchemaType.String, "cancel, rerun, delete or run-now."),
            ["q"] = Of(JsonSchemaType.String, "A search that is not empty."),
            ["dryRun"] = Of(JsonSchemaType.Boolean, "Only count them."),
        }),
        ["OperationCount"] = Object("How many jobs match.", ["matched"], new()
        {
            ["action"] = Of(JsonSchemaType.String, "As asked."),
            ["q"] = Of(JsonSchemaType.String, "In canonical form."),
            ["matched"] = Of(JsonSchemaType.Integer, "Exact up to 100,000."),
            ["atLeast"] = Of(JsonSchemaType.Boolean, "true: there are more."),
        }),
        ["Operation"] = Object("An operation as it is now.", ["id", "action", "q", "state"], new()
        {
            ["id"] = Of(JsonSchemaType.String, "Of the job that does it.", "uuid"),
            ["action"] = Of(JsonSchemaType.String, "cancel, rerun, delete or run-now."),
            ["q"] = Of(JsonSchemaType.String, "In canonical form."),
            ["state"] = Of(JsonSchemaType.String, "As of a job."),
            ["matched"] = Nullable(JsonSchemaType.Integer, "Jobs that matched when it began."),
            ["atLeast"] = Of(JsonSchemaType.Boolean, "true: there were more."),
            ["done"] = Nullable(JsonSchemaType.Integer, "Jobs on which it took place."),
            ["skipped"] = Nullable(JsonSchemaType.Integer, "Jobs that had gone, or whose state did not allow it."),
            ["failed"] = Nullable(JsonSchemaType.Integer, "Jobs for which it was refused for another reason."),
            ["percent"] = Of(JsonSchemaType.Number, "0 before it starts, 100 at its end."),
            ["error"] = Nullable(JsonSchemaType.Object, "{type, message}"),
            ["createdAt"] = Of(JsonSchemaType.String, "Asked for.", "date-time"),
            ["startedAt"] = Nullable(JsonSchemaType.String, "Begun."),
            ["finishedAt"] = Nullable(JsonSchemaType.String, "Ended."),
        }),
        ["Operations"] = Page("Operation", "Newest first."),
        ["ViewDefinition"] = Object("A search to keep.", [], new()
        {
            ["q"] = Of(JsonSchemaType.String, "Empty: all jobs."),
            ["sort"] = Of(JsonSchemaType.String, "As of GET /jobs."),
            ["columns"] = List(Of(JsonSchemaType.String, "What a table shows.")),
        }),
        ["View"] = Of(JsonSchemaType.Object, "{name, q, sort, columns, updatedAt}"),
        ["Views"] = Page("View", "In order of name."),
        ["Audit"] = Page(null, "Each item is {seq, at, who, origin, action, target, before, after}."),
        ["Wait"] = Object("Which jobs, and how long.", ["ids"], new()
        {
            ["ids"] = List(Of(JsonSchemaType.String, "A job.", "uuid")),
            ["mode"] = Of(JsonSchemaType.String, "all (unless given) or any."),
            ["timeout"] = Of(JsonSchemaType.String, "At most 60s; 30s unless given."),
        }),
        ["Waited"] = Object("What has finished, and what has not.", [], new() { ["done"] = List(Of(JsonSchemaType.Object, "A job.")), ["pending"] = List(Of(JsonSchemaType.String, "A job's id.", "uuid")), ["unknown"] = List(Of(JsonSchemaType.String, "An id without a job; it is not waited for.", "uuid")) }),
        ["Counts"] = Page(null, "Each item is {state | queue | task, count}."),
        ["Computed"] = Object("A result and its life.", [], new()
        {
            ["result"] = new OpenApiSchema { Description = "What the task returned." },
            ["cached"] = Of(JsonSchemaType.Boolean, "Whether it came from memory."),
            ["stale"] = Of(JsonSchemaType.Boolean, "Whether it is past its life."),
            ["computedAt"] = Of(JsonSchemaType.String, "When it was computed.", "date-time"),
            ["age"] = Of(JsonSchemaType.Number, "Seconds since then."),
            ["expiresAt"] = Nullable(JsonSchemaType.String, "Null where it is not kept."),
            ["duration"] = Of(JsonSchemaType.Number, "Seconds that computing took."),
        }),
        ["Task"] = Object("A task.", [], new()
        {
            ["name"] = Of(JsonSchemaType.String, "Its name."),
            ["summary"] = Of(JsonSchemaType.String, "In a sentence."),
            ["version"] = Of(JsonSchemaType.Integer, "Part of the cache key."),
            ["argsSchema"] = Of(JsonSchemaType.Object, "JSON Schema of its arguments."),
            ["queue"] = Of(JsonSchemaType.String, "Where its jobs wait unless said otherwise."),
            ["memoize"] = Nullable(JsonSchemaType.Object, "{duration, staleWhileRevalidate, staleIfError, eager, tags}"),
            ["timeout"] = Nullable(JsonSchemaType.Number, "Seconds that an attempt may take."),
            ["maxAttempts"] = Nullable(JsonSchemaType.Integer, "Null: the node's setting."),
        }),
        ["Tasks"] = Page("Task", "All of them."),
        ["Cache"] = Of(JsonSchemaType.Object, "{entries, bytes, hits, misses, joined, stale, evictions, refreshes, failures, tooLarge, recalled, hitRatio, maxEntries, maxBytes, tasks}"),
        ["CacheEntries"] = Page(null, "Each item is {task, args, computedAt, expiresAt, bytes, hits, state, tags, lastError?}; state is fresh, stale or kept. A page may be short and go on all the same."),
        ["Invalidate"] = Object("What to forget: a task, one call of it, tags, or all.", [], new()
        {
            ["task"] = Of(JsonSchemaType.String, "Of this task."),
            ["args"] = new OpenApiSchema { Description = "Of this call; needs task." },
            ["tags"] = List(Of(JsonSchemaType.String, "Of this tag.")),
            ["all"] = Of(JsonSchemaType.Boolean, "Everything of the namespace."),
        }),
        ["Invalidated"] = Object("How many were forgotten.", [], new() { ["invalidated"] = Of(JsonSchemaType.Integer, "Entries.") }),
        ["Traces"] = Page("TraceLine", "Newest or slowest first."),
        ["TraceLine"] = Object("A request, or an attempt of a job.", ["id", "traceId", "route", "kind", "startedAt", "duration"], TraceMembers()),
        ["Trace"] = Object("One with its calls.", ["id", "traceId", "route", "kind", "startedAt", "duration", "spans"], new(TraceMembers())
        {
            ["findings"] = List(Of(JsonSchemaType.Object, "{sort, message, callSite, count, saving, spans}")),
            ["spans"] = List(Of(JsonSchemaType.Object, "{id, parent, depth, kind, name, start, duration, open, error, callSite, target, tags, batch, shared}; times in seconds from the start of the first; shared is null or {calls, others, keys, ownKeys}")),
            ["dropped"] = Of(JsonSchemaType.Integer, "Calls beyond the limit, which were counted and not kept."),
            ["ownCost"] = Of(JsonSchemaType.Number, "Seconds that recording it took."),
            ["kinds"] = List(Of(JsonSchemaType.Object, "Its calls by kind, as in TraceStats.")),
            ["links"] = List(Of(JsonSchemaType.Object, "{traceId, spanId} of traces it is linked to.")),
            ["related"] = List(new OpenApiSchemaReference("TraceLine")),
        }),
        ["TraceStats"] = Object("What was counted, from both sides; what is found; what tracing costs.", ["on", "routes", "kinds", "findings", "cost"], new()
        {
            ["on"] = Of(JsonSchemaType.Boolean, "Whether traces are kept."),
            ["since"] = Of(JsonSchemaType.String, "When counting began.", "date-time"),
            ["routes"] = List(Of(JsonSchemaType.Object, "{namespace, route, kind, requests, errors, traced, latency: {mean, max, p50, p90, p95, p99}, calls}; calls are its kinds of calls")),
            ["kinds"] = List(Of(JsonSchemaType.Object, "{kind, target, route, calls, errors, traces, total, latency, routes}")),
            ["findings"] = List(Of(JsonSchemaType.Object, "{sort, namespace, route, callSite, traces, saving, message, exampleTrace}, the costliest first")),
            ["cost"] = Of(JsonSchemaType.Object, "{requests, traced, spans, dropped, time, perSpan, shareOfProcessor, traces, bytes, maxBytes, evicted}"),
        }),
        ["Queues"] = Page("Queue", "All of them."),
        ["Queue"] = Object("A line of jobs.", ["name", "counts"], new()
        {
            ["name"] = Of(JsonSchemaType.String, "1 to 64 of a-z 0-9 . _ -"),
            ["counts"] = Of(JsonSchemaType.Object, "Jobs of the namespace by state."),
            ["oldestWaiting"] = Nullable(JsonSchemaType.Number, "Seconds that the oldest queued job waits."),
            ["running"] = Of(JsonSchemaType.Integer, "Jobs of the namespace that run."),
            ["routees"] = Of(JsonSchemaType.Integer, "Of this node's pool; 0 where it does not serve the queue."),
            ["busy"] = Of(JsonSchemaType.Integer, "Of them."),
            ["paused"] = Of(JsonSchemaType.Boolean, "Whether nothing starts."),
            ["concurrency"] = Of(JsonSchemaType.Integer, "Jobs that run at once, over all nodes; 0: no limit."),
            ["rate"] = Nullable(JsonSchemaType.Object, "{limit, per}: starts in any stretch of so many seconds."),
            ["keyConcurrency"] = Of(JsonSchemaType.Integer, "Jobs of one limit key that run at once; 0: no limit."),
            ["keyRate"] = Nullable(JsonSchemaType.Object, "{limit, per} of one limit key."),
            ["source"] = Of(JsonSchemaType.String, "config, or api where something was set at run time."),
        }),
        ["QueueSettings"] = Object("What is to change; null takes back what was set.", [], new()
        {
            ["paused"] = Nullable(JsonSchemaType.Boolean, "Whether nothing starts."),
            ["concurrency"] = Nullable(JsonSchemaType.Integer, "0 to 1000000; 0: no limit."),
            ["rate"] = Nullable(JsonSchemaType.Object, "{limit, per}, such as {\"limit\": 10, \"per\": \"1s\"}; a limit of 0: no rate."),
            ["keyConcurrency"] = Nullable(JsonSchemaType.Integer, "0 to 1000000; 0: no limit."),
            ["keyRate"] = Nullable(JsonSchemaType.Object, "{limit, per}; a limit of 0: no rate."),
        }),
        ["Limits"] = Page(null, "Each item is {key, running, queued, blocked, concurrency, rate}."),
        ["EntityData"] = Of(JsonSchemaType.Object, "The entity's own members, at most 1 MiB; of a patch, those that change (null removes)."),
        ["Entity"] = Object("An entity.", ["kind", "id", "version", "updatedAt"], new()
        {
            ["kind"] = Of(JsonSchemaType.String, "1 to 64 of A-Z a-z 0-9 . _ -, beginning with a letter."),
            ["id"] = Of(JsonSchemaType.String, "A number, a UUID in lower case, or another text of at most 450 bytes."),
            ["version"] = Of(JsonSchemaType.Integer, "Rises at every write; the ETag."),
            ["data"] = Of(JsonSchemaType.Object, "Exactly as it was written; absent where only keys were asked for."),
            ["updatedAt"] = Of(JsonSchemaType.String, "The latest write.", "date-time"),
        }),
        ["EntityIds"] = Object("Which.", ["ids"], new() { ["ids"] = List(Of(JsonSchemaType.String, "An id; at most 1,000.")) }),
        ["EntityItems"] = Object("In the order asked.", ["items"], new() { ["items"] = List(new OpenApiSchemaReference("Entity")) }),
        ["EntityPuts"] = Object("At most 1,000 entities.", ["entities"], new()
        {
            ["entities"] = List(Object("One to write.", ["data"], new()
            {
                ["id"] = Of(JsonSchemaType.String, "A number is allocated where it is absent."),
                ["data"] = Of(JsonSchemaType.Object, "At most 1 MiB."),
                ["version"] = Of(JsonSchemaType.Integer, "Only if it stands at this version; 0: only if there is none."),
            })),
        }),
        ["EntityOutcomes"] = Object("In the order sent.", ["items"], new() { ["items"] = List(Of(JsonSchemaType.Object, "{id, version} or {id, problem}")) }),
        ["EntityQuery"] = Object("Which entities, in which order. All members are optional.", [], new()
        {
            ["filter"] = Of(JsonSchemaType.Object, "{\"field\": {\"eq\": 1}}; eq ne lt le gt ge in exists startsWith; and, or, not."),
            ["order"] = List(Of(JsonSchemaType.String, "A path; - in front descends. The key is always the last order.")),
            ["limit"] = Of(JsonSchemaType.Integer, "1 to 500; 50 unless given. As lines: any number, and all unless given."),
            ["cursor"] = Of(JsonSchemaType.String, "The member next of the page before."),
            ["keysOnly"] = Of(JsonSchemaType.Boolean, "Leave the data out."),
            ["select"] = List(Of(JsonSchemaType.String, "Only these members of the data.")),
        }),
        ["EntityPage"] = Page("Entity", "A page, and whether an index served it."),
        ["EntityCount"] = Object("Which entities.", [], new() { ["filter"] = Of(JsonSchemaType.Object, "As in a query; all without one.") }),
        ["EntityCounted"] = Object("How many.", ["count"], new() { ["count"] = Of(JsonSchemaType.Integer, "Entities.") }),
        ["Allocation"] = Object("How many numbers.", [], new() { ["count"] = Of(JsonSchemaType.Integer, "1 to 100,000; 1 unless given.") }),
        ["Commit"] = Object("At most 500 reads and 500 mutations.", [], new()
        {
            ["reads"] = List(Of(JsonSchemaType.Object, "{kind, id, version}: must still stand so; 0 for none.")),
            ["mutations"] = List(Of(JsonSchemaType.Object, "{put | insert | update | delete: {kind, id, data, version}}")),
        }),
        ["Committed"] = Object("One item per mutation.", ["items"], new() { ["items"] = List(Of(JsonSchemaType.Object, "{kind, id, version}")) }),
        ["Kinds"] = Page(null, "Each item is {kind, entities, bytes}; reads, writes and, by their kinds, lookups tell of this node's pipelines."),
        ["Member"] = Of(JsonSchemaType.Object, "{name, address, roles, status, unreachable, version, incarnation, upSince, lastHeartbeat, cpu, memory, running, queues}"),
        ["Members"] = Page("Member", "Oldest first."),
        ["Leader"] = Object("Who runs the duties of only one.", ["name", "address", "incarnation", "epoch", "since"], new()
        {
            ["name"] = Of(JsonSchemaType.String, "The member's."), ["address"] = Of(JsonSchemaType.String, "Where it listens."), ["incarnation"] = Of(JsonSchemaType.String, "The member's."),
            ["epoch"] = Of(JsonSchemaType.Integer, "Rises each time the leadership goes to another."), ["since"] = Of(JsonSchemaType.String, "RFC 3339, by the store's clock."),
        }),
        ["Actor"] = Of(JsonSchemaType.Object, "{system, path, type, childCount, children, mailbox, processed, restarts, lastFailure}; children are of the same shape, without system."),
        ["LogLine"] = Object("A line of a node's log.", ["seq", "at", "level", "category", "eventId", "message"], new()
        {
            ["seq"] = Of(JsonSchemaType.Integer, "From 1 up since the node was started."), ["at"] = Of(JsonSchemaType.String, "RFC 3339."),
            ["level"] = Of(JsonSchemaType.String, LogLevelWords.Known + "."), ["category"] = Of(JsonSchemaType.String, "Who wrote it."),
            ["eventId"] = Of(JsonSchemaType.Integer, "The kind of line; 0 where it has none."), ["message"] = Of(JsonSchemaType.String, "At most 4,096 characters."),
            ["error"] = Nullable(JsonSchemaType.String, "The exception with its stack."), ["missed"] = Of(JsonSchemaType.Integer, "In a stream: lines before it that came too fast."),
        }),
        ["LogLines"] = Page("LogLine", "Oldest first."),
        ["LogLevel"] = Of(JsonSchemaType.Object, "{category, level, set}: the least serious level that it writes, and whether that was set while the node runs."),
        ["LogLevels"] = Page("LogLevel", "In order of category."),
        ["LogLevelSetting"] = Object("A level for a while.", ["category", "level"], new()
        {
            ["category"] = Of(JsonSchemaType.String, "What categories begin with."), ["level"] = Nullable(JsonSchemaType.String, LogLevelWords.Known + "; null: as the host has it."),
        }),
        ["Health"] = Object("Up or not.", ["status"], new() { ["status"] = Of(JsonSchemaType.String, "up or down.") }),
        ["Version"] = Object("Which version answers.", [], new() { ["name"] = Of(JsonSchemaType.String, "actorperf"), ["version"] = Of(JsonSchemaType.String, "Its version.") }),
        ["Problem"] = Object("A refusal (RFC 9457); docs/errors.md lists the codes.", ["type", "title", "status", "detail", "code", "requestId"], new()
        {
            ["type"] = Of(JsonSchemaType.String, "urn:actorperf:problem: and the code."),
            ["title"] = Of(JsonSchemaType.String, "The code in words."),
            ["status"] = Of(JsonSchemaType.Integer, "The status."),
            ["detail"] = Of(JsonSchemaType.String, "What happened, the values, and what to do next."),
            ["code"] = Of(JsonSchemaType.String, "For programs; one of: " + string.Join(", ", Problems.Table.Keys.Order(StringComparer.Ordinal))),
            ["requestId"] = Of(JsonSchemaType.String, "Quote it when you ask for help."),
            ["errors"] = List(Of(JsonSchemaType.Object, "{pointer, message}")),
            ["error"] = Of(JsonSchemaType.Object, "{type, message} of a task that failed."),
            ["allowed"] = List(Of(JsonSchemaType.String, "What the job's state allows: cancel, edit, run-now, rerun, delete.")),
        }),
    };

    private static Dictionary<string, IOpenApiSchema> WebhookMembers() => new()
    {
        ["url"] = Of(JsonSchemaType.String, "An http or https address; absent for callback.", "uri"),
        ["q"] = Of(JsonSchemaType.String, "Which jobs, as the q of a search; empty: all."),
        ["events"] = List(Of(JsonSchemaType.String, "retrying, cancelling, succeeded, failed, cancelled or expired; the last four unless given.")),
        ["paused"] = Of(JsonSchemaType.Boolean, "Deliveries are written and wait."),
        ["secret"] = Of(JsonSchemaType.String, "whsec_ and base64; made when absent. Answered once."),
    };

    private static Dictionary<string, IOpenApiSchema> ScheduleMembers() => new()
    {
        ["cron"] = Of(JsonSchemaType.String, "Minute, hour, day of the month, month, day of the week; or six fields with seconds first."),
        ["timeZone"] = Of(JsonSchemaType.String, "An IANA name such as Europe/Berlin; UTC unless given."),
        ["task"] = Of(JsonSchemaType.String, "What its jobs run."),
        ["args"] = new OpenApiSchema { Description = "Their arguments." },
        ["queue"] = Nullable(JsonSchemaType.String, "Their queue; the task's unless given."),
        ["priority"] = Of(JsonSchemaType.Integer, "0 to 9; 5 unless given."),
        ["expiresIn"] = Nullable(JsonSchemaType.String, "A job expires unless started within so long."),
        ["timeout"] = Nullable(JsonSchemaType.String, "Limit of one attempt."),
        ["maxAttempts"] = Nullable(JsonSchemaType.Integer, "1 to 1000."),
        ["tags"] = List(Of(JsonSchemaType.String, "A tag of every job.")),
        ["meta"] = Of(JsonSchemaType.Object, "Notes for every job."),
        ["overlap"] = Of(JsonSchemaType.String, "While the job of the tick before is not final: skip (unless given), queue or cancel."),
        ["misfire"] = Of(JsonSchemaType.String, "Of missed ticks: one (unless given), skip or all."),
        ["misfireLimit"] = Of(JsonSchemaType.Integer, "all: at most so many, 1 to 1000; 100 unless given."),
        ["jitter"] = Of(JsonSchemaType.String, "A job starts up to so much later; at most a day."),
        ["paused"] = Of(JsonSchemaType.Boolean, "Ticks pass without a job."),
    };

    private static Dictionary<string, IOpenApiSchema> TraceMembers() => new()
    {
        ["id"] = Of(JsonSchemaType.String, "16 hexadecimal digits; finds this one alone."),
        ["traceId"] = Of(JsonSchemaType.String, "32 hexadecimal digits: the W3C trace it belongs to."),
        ["namespace"] = Of(JsonSchemaType.String, "Empty where none owns it."),
        ["route"] = Of(JsonSchemaType.String, "Such as POST /api/v1/compute/{task}, or job report."),
        ["kind"] = Of(JsonSchemaType.String, "request, attempt or webhook."),
        ["title"] = Nullable(JsonSchemaType.String, "What else to call it by."),
        ["job"] = Nullable(JsonSchemaType.String, "The job of an attempt."),
        ["startedAt"] = Of(JsonSchemaType.String, "By the node's clock.", "date-time"),
        ["duration"] = Of(JsonSchemaType.Number, "Seconds."),
        ["status"] = Nullable(JsonSchemaType.Integer, "Of the HTTP answer."),
        ["error"] = Nullable(JsonSchemaType.String, "What went wrong, in a word or two."),
        ["calls"] = Of(JsonSchemaType.Integer, "Calls it made."),
        ["findings"] = Of(JsonSchemaType.Integer, "Findings it has."),
    };

    private static OpenApiSchema Of(JsonSchemaType type, string description, string? format = null) => new() { Type = type, Description = description, Format = format };

    private static OpenApiSchema Nullable(JsonSchemaType type, string description) => new() { Type = type | JsonSchemaType.Null, Description = description };

    private static OpenApiSchema List(IOpenApiSchema items) => new() { Type = JsonSchemaType.Array, Items = items };

    private static OpenApiSchema Object(string description, string[] required, Dictionary<string, IOpenApiSchema> members) => new()
    {
        Type = JsonSchemaType.Object,
        Description = description,
        Properties = members,
        Required = required.ToHashSet(StringComparer.Ordinal),
    };

    private static OpenApiSchema Page(string? item, string description) => Object(description, ["items", "next"], new()
    {
        ["items"] = List(item is null ? Of(JsonSchemaType.Object, description) : new OpenApiSchemaReference(item)),
        ["next"] = Nullable(JsonSchemaType.String, "The cursor of the next page; null at the end."),
    });
}
