using ActorPerf.Cluster;
using ActorPerf.Jobs;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>Lanes for callers' own work, made when there is some: work may be slow and holds up no other write, and other work only by taking one of the few places.</summary>
/// <param name="make">A lane, given its number, whose connections are given back after each transaction.</param>
internal sealed class PostgresOwnLanes(Func<int, JobLane> make) : IDisposable
{
    private const int MaxWaiting = 1_000;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    // Neither is disposed of: who was broken off still gives back its place and asks why.
    private readonly SemaphoreSlim _places = new(IPostgresTransactions.Most);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly Stack<JobLane> _idle = [];
    private readonly List<JobLane> _all = [];
    private int _waiting;

    /// <summary>Ends with the node.</summary>
    public CancellationToken Stopping => _stop.Token;

    /// <summary>Has a lane carry out the work with its jobs; a lane has one work at a time.</summary>
    /// <param name="ct">Leaves the wait for a lane.</param>
    /// <exception cref="StoreUnavailableException">No lane came free in time, or the node stops.</exception>
    public async Task RunAsync(JobWrite.Submit submit, JoinedWork work, CancellationToken ct)
    {
        await EnterAsync(ct);
        try
        {
            var lane = Take();
            submit.Joined = work;
            if (!lane.TryPost(submit)) throw Stops();
            try
            {
                await work.Done;
            }
            finally
            {
                lock (_gate) _idle.Push(lane);
            }
        }
        finally
        {
            _places.Release();
        }
    }

    /// <summary>Breaks off what goes on, and ends the lanes.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_stop.IsCancellationRequested) return;
            _stop.Cancel();
        }
        // Nobody adds to them any more.
        foreach (var lane in _all) lane.Dispose();
    }

    internal static StoreUnavailableException Stops() => new("The node stops. Nothing took place.");

    private async Task EnterAsync(CancellationToken ct)
    {
        try
        {
            if (Interlocked.Increment(ref _waiting) > MaxWaiting)
                throw new StoreUnavailableException($"{MaxWaiting} transactions with SQL of their own wait for one of {IPostgresTransactions.Most} places. Nothing took place; try again later, or do less in each.");
            using var left = CancellationTokenSource.CreateLinkedTokenSource(ct, Stopping);
            if (!await _places.WaitAsync(LongestWait, left.Token))
                throw new StoreUnavailableException($"None of {IPostgresTransactions.Most} transactions with SQL of their own ended within {LongestWait.TotalSeconds:0} s. Nothing took place; try again later, or do less in each.");
        }
        catch (OperationCanceledException) when (Stopping.IsCancellationRequested)
        {
            throw Stops();
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private JobLane Take()
    {
        lock (_gate)
        {
            if (_stop.IsCancellationRequested) throw Stops();
            if (_idle.TryPop(out var idle)) return idle;
            _all.Add(make(_all.Count + 1));
            return _all[^1];
        }
    }
}
