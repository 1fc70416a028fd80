using System.Globalization;
using System.Net;
using System.Text.Json;
using ActorPerf.Client.Wire;
using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Client;

/// <summary><see cref="IJobs"/> of a node in another process, over its HTTP API.</summary>
/// <remarks>
/// Answers as the in-process front door does: refusals are outcomes, and <see cref="StoreUnavailableException"/> means that the node or its store is away.
/// A request that can be sent twice is, after a broken connection or a node that restarts: submissions carry ids that are chosen here, reruns a key.
/// A refusal where the interface has no place for one (a missing key, a namespace that the key is not bound to) is a <see cref="JobRefusedException"/>.
/// A job's members that the API does not show are left at their defaults: <see cref="JobRow.Seq"/>, <see cref="JobRow.HistorySeq"/>, <see cref="JobRow.Run"/>,
/// <see cref="JobRow.Digest"/>, <see cref="JobRow.TraceParent"/>, <see cref="JobRow.WhenLost"/>, <see cref="Job.Checkpoint"/>, <see cref="Job.Children"/>. Thread-safe.
/// </remarks>
public sealed partial class HttpJobs : IJobs, IDisposable
{
    private const int MaxIds = 10_000;
    private const int AtOnce = 8;                 // requests of one call under way
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    private readonly Caller _caller;
    private readonly TimeProvider _time;
    private readonly PageCursors _cursors = new();

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public HttpJobs(ClientOptions options, TimeProvider? time = null)
        : this(options, new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) }, time)
    {
    }

    /// <param name="options">Where the node is.</param>
    /// <param name="handler">Sends the requests; disposed with this.</param>
    /// <param name="time">For pauses and patience; null: the system's.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public HttpJobs(ClientOptions options, HttpMessageHandler handler, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        _time = time ?? TimeProvider.System;
        // Each call has a time of its own.
        _caller = new Caller(new HttpClient(handler, disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan }, options, _time);
    }

    public async ValueTask<Job?> GetAsync(Namespace ns, JobId id, CancellationToken ct) => await FindAsync(new Call(HttpMethod.Get, $"/jobs/{id}", ns), ct);

    /// <remarks>Final jobs come in one answer, the others one by one.</remarks>
    public async ValueTask<IReadOnlyList<Job?>> GetManyAsync(Namespace ns, IReadOnlyList<JobId> ids, CancellationToken ct)
    {
        CheckIds(ids);
        var waited = await WaitAsync(ns, [.. ids.Distinct()], all: true, TimeSpan.Zero, ct);
        var found = waited.Done.ToDictionary(job => job.Row.Id);
        await EachAsync(waited.Pending, async id => await GetAsync(ns, id, ct), (_, job) =>
        {
            if (job is not null) found[job.Row.Id] = job;
        }, ct);
        return [.. ids.Select(id => found.GetValueOrDefault(id))];
    }

    public async ValueTask<JobHistory?> HistoryAsync(Namespace ns, JobId id, CancellationToken ct)
    {
        var reply = await _caller.SendAsync(new Call(HttpMethod.Get, $"/jobs/{id}/history", ns), ct);
        return IsUnknown(reply) ? null : HistoryReader.Read(Successful(reply).Body);
    }

    /// <remarks><see cref="JobPage.Next"/> is a number of this object for the node's cursor: a page is asked for with the object that gave the page
    /// before, and the newest 10,000 numbers are known.</remarks>
    /// <exception cref="ArgumentException"><see cref="JobQuery.Before"/> is no number of this object.</exception>
    public async ValueTask<JobPage> ListAsync(JobQuery query, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(query);
        var path = $"/jobs?limit={query.Limit.ToString(CultureInfo.InvariantCulture)}{Filter(query)}";
        if (query.Before is { } before) path += $"&cursor={Uri.EscapeDataString(_cursors.Of(before))}";
        using var document = JsonDocument.Parse(Successful(await _caller.SendAsync(new Call(HttpMethod.Get, path, query.Namespace), ct)).Body);
        var json = document.RootElement;
        return new JobPage(
            [.. json.Items("items").Select(JobReader.Read)], json.Text("next") is { } next ? _cursors.Keep(next) : null,
            json.Member("exhausted") is not { ValueKind: JsonValueKind.False });
    }

    public async ValueTask<IReadOnlyList<JobCount>> CountsAsync(Namespace ns, CancellationToken ct)
    {
        using var document = JsonDocument.Parse(Successful(await _caller.SendAsync(new Call(HttpMethod.Get, "/jobs/counts?by=all", ns), ct)).Body);
        return [.. document.RootElement.Items("items").Select(count =>
            new JobCount(count.Needed("queue"), count.Needed("task"), Members.State(count.Text("state")), count.Long("count") ?? 0))];
    }

    /// <exception cref="NotSupportedException">Always: a node's own rates are not part of the API. <c>GET /metrics</c> has them for monitoring.</exception>
    public JobStatistics Statistics(Namespace ns) =>
        throw new NotSupportedException("The statistics of a node are not told over HTTP. Read GET /metrics of the node, or CountsAsync.");

    public void Dispose() => _caller.Dispose();

    /// <summary>The job of an answer; null where the node knows none.</summary>
    private async Task<Job?> FindAsync(Call call, CancellationToken ct)
    {
        var reply = await _caller.SendAsync(call, ct);
        return IsUnknown(reply) ? null : JobReader.Read(Successful(reply).Body);
    }

    private static bool IsUnknown(Reply reply) => reply.Refusal?.Code == "unknown-job";

    private static Reply Successful(Reply reply) => reply.Refusal is null ? reply : throw Caller.Unexpected(reply);

    private static string Filter(JobQuery query)
    {
        var filter = query.States.Count == 0 ? "" : $"&state={string.Join(',', query.States.Select(state => state.Word))}";
        if (query.Task is { } task) filter += $"&task={Uri.EscapeDataString(task)}";
        if (query.Queue is { } queue) filter += $"&queue={Uri.EscapeDataString(queue)}";
        return query.Tag is { } tag ? filter + $"&tag={Uri.EscapeDataString(tag)}" : filter;
    }

    private static void CheckIds(IReadOnlyList<JobId> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentOutOfRangeException.ThrowIfZero(ids.Count, nameof(ids));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ids.Count, MaxIds, nameof(ids));
    }

    /// <summary>Asks for each, a few at a time; results are told one after the other.</summary>
    private static async Task EachAsync<T, TResult>(IReadOnlyList<T> items, Func<T, Task<TResult>> ask, Action<int, TResult> tell, CancellationToken ct)
    {
        var gate = new Lock();
        await Parallel.ForAsync(0, items.Count, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (place, _) =>
        {
            var result = await ask(items[place]);
            lock (gate) tell(place, result);
        });
    }
}
