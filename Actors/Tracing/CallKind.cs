namespace ActorPerf.Tracing;

/// <summary>What a span stands for. On the wire and as the name of its activity: the word in lower case, with hyphens (<see cref="CallKinds.Word"/>).</summary>
public enum CallKind
{
    /// <summary>One HTTP request from the check of its route to the end of its answer; the root of a trace.</summary>
    Request,

    /// <summary>One attempt of a job; the root of a trace, linked to the request that submitted the job.</summary>
    Attempt,

    /// <summary>A call of the memoising cache. Tag <c>actorperf.cache.outcome</c>: hit, stale, miss, joined or bypass.</summary>
    Cache,

    /// <summary>A task that runs on a routee; shared by all who joined its flight.</summary>
    Compute,

    /// <summary>What a computation waited for before it ran: the line of its queue's gate and the mailboxes on the way.</summary>
    Wait,

    /// <summary>A read of one entity.</summary>
    Get,

    /// <summary>A read of several entities in one call.</summary>
    GetMany,

    /// <summary>A write of one entity, or of several in one call.</summary>
    Write,

    /// <summary>One statement that a pipeline sent to the store; shared by all whose keys were in it.</summary>
    Statement,

    /// <summary>One page of a query.</summary>
    Query,

    /// <summary>A count by the store.</summary>
    Count,

    /// <summary>A transaction with all its tries.</summary>
    Transaction,

    /// <summary>One try of a transaction.</summary>
    Try,

    /// <summary>A commit: of a transaction's try, of submitted jobs, of an attempt's end.</summary>
    Commit,

    /// <summary>Jobs that are submitted, until they are durable.</summary>
    Submit,

    /// <summary>An HTTP fetch.</summary>
    Fetch,

    /// <summary>A task that runs as a command outside the node.</summary>
    Command,

    /// <summary>A webhook that is sent; the root of a trace.</summary>
    Webhook,

    /// <summary>What a task or the host measured with an activity of its own.</summary>
    Own,
}

/// <summary>The words of the kinds.</summary>
public static class CallKinds
{
    private static readonly string[] Words =
        [.. Enum.GetNames<CallKind>().Select(static name => string.Concat(name.Select(static (letter, i) => char.IsUpper(letter) && i > 0 ? $"-{char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}")))];

    private static readonly Dictionary<string, CallKind> Kinds = Words.Select(static (word, i) => (word, (CallKind)i)).ToDictionary(static pair => pair.word, static pair => pair.Item2, StringComparer.Ordinal);

    public static string Word(this CallKind kind) => Words[(int)kind];

    public static bool TryParse(string word, out CallKind kind) => Kinds.TryGetValue(word, out kind);

    /// <summary>Whether a trace begins with it.</summary>
    public static bool IsRoot(this CallKind kind) => kind is CallKind.Request or CallKind.Attempt or CallKind.Webhook;
}
