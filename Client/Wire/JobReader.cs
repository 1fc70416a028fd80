using System.Text.Json;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Client.Wire;

/// <summary>Reads a job as the API shows it.</summary>
/// <remarks>What the wire does not show stays as it is by default: <see cref="JobRow.Seq"/>, <see cref="JobRow.HistorySeq"/>, <see cref="JobRow.Run"/>,
/// <see cref="JobRow.Digest"/>, <see cref="JobRow.TraceParent"/>, <see cref="JobRow.WhenLost"/>, <see cref="Job.Checkpoint"/>, <see cref="Job.Children"/>,
/// <see cref="TaskError.Retryable"/>. Times are to the millisecond.</remarks>
internal static class JobReader
{
    private static readonly byte[] Null = "null"u8.ToArray();

    public static Job Read(byte[] body)
    {
        using var document = JsonDocument.Parse(body);
        return Read(document.RootElement);
    }

    public static Job Read(JsonElement json)
    {
        var row = Row(json);
        var args = json.Raw("args") ?? default;
        return new Job(row, args, Result(json, row, whole: !args.IsEmpty), json.Member("progress") is { } progress ? Progress(progress) : null)
        {
            Reason = json.Text("reason"),
            DependsOn = [.. json.Items("dependsOn").Select(Dependency)],
            Position = (int?)json.Long("position"),
            EstimatedStart = json.Time("estimatedStart"),
        };
    }

    public static ProgressReport Progress(JsonElement json) =>
        new(json.Member("percent")?.GetDouble() ?? 0, json.Text("message"), json.Time("at") ?? default) { Data = json.Raw("data") ?? default };

    public static TaskError? Error(JsonElement json) => json.Member("error") is { } error ? new TaskError(error.Needed("type"), error.Text("message") ?? "") : null;

    private static JobRow Row(JsonElement json) => new()
    {
        Id = json.Id("id") ?? throw new JsonException("The node's answer has no 'id'. Use a client of the node's version."),
        Namespace = Namespace.TryParse(json.Text("namespace"), out var ns) ? ns : Namespace.Default,
        Task = json.Needed("task"),
        Queue = json.Needed("queue"),
        Priority = json.Int("priority"),
        State = Members.State(json.Text("state")),
        RunAt = json.Time("runAt") ?? default,
        ExpiresAt = json.Time("expiresAt"),
        Timeout = json.Seconds("timeout"),
        MaxAttempts = json.Int("maxAttempts"),
        Backoff = json.Member("backoff") is { } backoff
            ? new BackoffPolicy(backoff.Seconds("initial") ?? default, backoff.Member("factor")?.GetDouble() ?? 1, backoff.Seconds("max") ?? default)
            : BackoffPolicy.Default,
        UniqueKey = json.Text("uniqueKey"),
        UniquePolicy = (UniquePolicy)Math.Max(0, Array.IndexOf(SubmissionWriter.Policies, json.Text("uniquePolicy"))),
        UniqueUntil = (UniqueUntil)Math.Max(0, Array.IndexOf(SubmissionWriter.Untils, json.Text("uniqueUntil"))),
        LimitKey = json.Text("limitKey"),
        Tags = [.. json.Items("tags").Select(static tag => tag.GetString() ?? "")],
        Meta = json.Raw("meta") is { } meta && !meta.Span.SequenceEqual("{}"u8) ? meta : default,
        Callback = json.Text("callback"),
        RerunOf = json.Id("rerunOf"),
        Workflow = json.Text("workflow"),
        Schedule = json.Text("schedule"),
        Attempt = json.Int("attempt"),
        Excused = json.Int("excused"),
        Crashes = json.Int("crashes"),
        Node = json.Text("node"),
        Cached = json.Flag("cached"),
        Error = Error(json),
        CreatedAt = json.Time("createdAt") ?? default,
        StartedAt = json.Time("startedAt"),
        FinishedAt = json.Time("finishedAt"),
        Version = json.Long("version") ?? 0,
        Parents = json.Items("dependsOn").Count(),
        Parent = json.Id("parent"),
    };

    /// <summary>A job that succeeded has a result, so null is that result there, and none elsewhere.</summary>
    private static ReadOnlyMemory<byte>? Result(JsonElement json, JobRow row, bool whole) =>
        json.Raw("result") ?? (whole && row.State == JobState.Succeeded ? new ReadOnlyMemory<byte>(Null) : default(ReadOnlyMemory<byte>?));

    private static JobDependency Dependency(JsonElement json) => json.ValueKind == JsonValueKind.String
        ? new JobDependency(new JobId(json.GetGuid()), DependsOn.Succeeded)
        : new JobDependency(json.Id("job") ?? default, json.Text("on") == "finished" ? DependsOn.Finished : DependsOn.Succeeded);
}
