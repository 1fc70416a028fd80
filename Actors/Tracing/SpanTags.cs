namespace ActorPerf.Tracing;

/// <summary>Names of tags. Those without <c>actorperf</c> are OpenTelemetry's.</summary>
public static class SpanTags
{
    public const string Error = "error.type";
    public const string File = "code.file.path";
    public const string Line = "code.line.number";
    public const string Function = "code.function.name";
    public const string Method = "http.request.method";
    public const string Route = "http.route";
    public const string Status = "http.response.status_code";
    public const string Path = "url.path";
    public const string Collection = "db.collection.name";
    public const string Operation = "db.operation.name";
    public const string Host = "server.address";

    public const string Namespace = "actorperf.namespace";
    public const string Task = "actorperf.task";

    /// <summary>Of a call of the cache: hit, stale, miss, joined, bypass, failed or refused.</summary>
    public const string Outcome = "actorperf.cache.outcome";

    /// <summary>Number of the batch that a call's keys went to the store in.</summary>
    public const string Batch = "actorperf.batch.id";

    /// <summary>Keys in the statement.</summary>
    public const string Keys = "actorperf.batch.keys";

    /// <summary>Seconds that the oldest key of the statement had waited.</summary>
    public const string BatchWait = "actorperf.batch.wait";

    /// <summary>Of a call: its own keys.</summary>
    public const string OwnKeys = "actorperf.batch.own_keys";

    /// <summary>Calls that shared the statement or the computation.</summary>
    public const string Calls = "actorperf.shared.calls";

    /// <summary>Links beyond those that the span has.</summary>
    public const string MoreLinks = "actorperf.shared.more_links";

    /// <summary>The index that a query lacks.</summary>
    public const string MissingIndex = "actorperf.query.missing_index";

    /// <summary>Rows of a page, entities of an answer.</summary>
    public const string Rows = "actorperf.rows";

    /// <summary>Which try of a transaction, or how many there were.</summary>
    public const string Tries = "actorperf.transaction.tries";

    /// <summary>A write that leaving the scope had to wait for.</summary>
    public const string Unawaited = "actorperf.write.unawaited";

    public const string Job = "actorperf.job.id";
    public const string Attempt = "actorperf.job.attempt";

    /// <summary>Of an attempt: the command that ended it, such as Finish, Fail or HandBack.</summary>
    public const string State = "actorperf.job.ended_by";
    public const string Jobs = "actorperf.jobs";

    internal static string Target(CallKind kind) => kind switch
    {
        CallKind.Get or CallKind.GetMany or CallKind.Write or CallKind.Statement or CallKind.Query or CallKind.Count => Collection,
        CallKind.Fetch or CallKind.Webhook => Host,
        _ => Task,
    };
}
