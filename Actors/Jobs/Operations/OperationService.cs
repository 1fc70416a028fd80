using System.Text.Json;
using ActorPerf.Jobs.Search;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs.Operations;

/// <summary><see cref="IOperations"/> over jobs: an operation is a job of the internal task <see cref="OperationTask"/>.</summary>
internal sealed class OperationService(JobService jobs, IJobSearch search) : IOperations
{
    public async ValueTask<OperationReply> CountAsync(Namespace ns, string q, CancellationToken ct)
    {
        if (Read(q, out var filter) is { } refusal) return new OperationReply.Refused(refusal);
        return new OperationReply.Counted(filter!.ToString(), await search.CountAsync(new JobQuery { Namespace = ns, Filter = filter }, ct));
    }

    public async ValueTask<OperationReply> StartAsync(Namespace ns, OperationAction action, string q, CancellationToken ct)
    {
        if (Read(q, out var filter) is { } refusal) return new OperationReply.Refused(refusal);
        var args = new OperationArgs(action.Word, filter!.ToString());
        var outcome = await jobs.SubmitAsync(
            new Submission
            {
                Namespace = ns,
                Task = OperationTask.Name,
                Args = JsonSerializer.SerializeToUtf8Bytes(args, OperationJson.Default.OperationArgs),
                Priority = 9,
                Tags = [OperationTask.Name],        // the index by which they are listed
                Digest = Guid.NewGuid(),
                ByNode = true,
            },
            ct);
        return outcome switch
        {
            SubmitOutcome.Accepted accepted => new OperationReply.Started(Of(accepted.Job)!),
            SubmitOutcome.Refused refused => new OperationReply.Refused(refused.Refusal),
            _ => throw new InvalidOperationException($"A new operation cannot be {outcome.GetType().Name}."),
        };
    }

    public async ValueTask<Operation?> GetAsync(Namespace ns, JobId id, CancellationToken ct) => await jobs.GetAsync(ns, id, ct) is { } job ? Of(job) : null;

    public async ValueTask<OperationPage> ListAsync(Namespace ns, long? before, int limit, CancellationToken ct)
    {
        var page = await jobs.ListAsync(new JobQuery { Namespace = ns, Task = OperationTask.Name, Tag = OperationTask.Name, Before = before, Limit = limit }, ct);
        if (page.Rows.Count == 0) return new OperationPage([], page.Next);
        var whole = await jobs.GetManyAsync(ns, [.. page.Rows.Select(job => job.Row.Id)], ct);
        return new OperationPage([.. whole.OfType<Job>().Select(Of).OfType<Operation>()], page.Next);
    }

    public async ValueTask<OperationReply?> CancelAsync(Namespace ns, JobId id, CancellationToken ct)
    {
        if (await GetAsync(ns, id, ct) is null) return null;
        if (await jobs.CancelAsync(ns, id, ct) is JobOutcome.Refused refused) return new OperationReply.Refused(refused.Refusal);
        return await GetAsync(ns, id, ct) is { } operation ? new OperationReply.Stopping(operation) : null;
    }

    private static Refusal? Read(string q, out JobFilter? filter)
    {
        if (!FilterText.TryParse(q, out filter, out var fault)) return SearchRefusals.Unreadable(fault!);
        return filter == JobFilter.Everything ? SearchRefusals.Empty : null;
    }

    private static Operation? Of(Job job)
    {
        if (job.Row.Task != OperationTask.Name || Parse<OperationArgs>(job.Args, OperationJson.Default.OperationArgs) is not { } args) return null;
        if (!OperationActions.TryParse(args.Action, out var action)) return null;
        var counts = Parse<OperationCounts>(job.Result ?? job.Progress?.Data ?? default, OperationJson.Default.OperationCounts);
        return new Operation(job, action, args.Q, counts);
    }

    private static T? Parse<T>(ReadOnlyMemory<byte> json, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return json.IsEmpty ? null : JsonSerializer.Deserialize(json.Span, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
