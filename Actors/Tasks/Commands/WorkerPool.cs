namespace ActorPerf.Tasks.Commands;

/// <summary>The workers of one task, started when they are first needed. A call waits for a free one in order of arrival.</summary>
/// <remarks>After a worker that ended badly the next one waits: 100 ms, doubled each time in a row up to 30 s, so that a command that cannot
/// stay up does not eat the machine. A worker that answered ends the row.</remarks>
internal sealed class WorkerPool(CommandDefinition definition, CommandHost host, ILogger log) : IAsyncDisposable
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _free = new(definition.Persistent);
    private readonly Lock _gate = new();
    private readonly Stack<Worker> _idle = [];
    private readonly HashSet<Worker> _all = [];
    private bool _ended;
    private int _failures; // in a row
    private long _failedAt;

    public async Task<ReadOnlyMemory<byte>> RunAsync(ReadOnlyMemory<byte> args, TaskContext context, CancellationToken ct)
    {
        await _free.WaitAsync(ct);
        try
        {
            var worker = await TakeAsync(ct);
            try
            {
                return await worker.CallAsync(args, context, ct);
            }
            finally
            {
                await GiveBackAsync(worker);
            }
        }
        finally
        {
            _free.Release();
        }
    }

    /// <summary>Ends all workers: their input ends, then come the signals. Calls under way fail.</summary>
    public async ValueTask DisposeAsync()
    {
        Worker[] all;
        lock (_gate)
        {
            if (_ended) return;
            _ended = true;
            all = [.. _all];
        }
        await Task.WhenAll(all.Select(worker => RetireAsync(worker, politely: true)));
    }

    private async Task<Worker> TakeAsync(CancellationToken ct)
    {
        while (true)
        {
            Worker? idle;
            lock (_gate)
            {
                if (_ended) throw Ended();
                if (!_idle.TryPop(out idle)) break;
            }
            if (idle.Broken is not { } reason) return idle;
            log.WorkerEnded(definition.Task, idle.Pid, reason);
            await RetireAsync(idle, politely: false);
        }
        await BackOffAsync(ct);
        return Start();
    }

    private Worker Start()
    {
        lock (_gate)
        {
            if (_ended) throw Ended();
            var worker = Worker.Start(definition, host);
            _all.Add(worker);
            log.WorkerStarted(definition.Task, worker.Pid);
            return worker;
        }
    }

    private async Task BackOffAsync(CancellationToken ct)
    {
        TimeSpan wait;
        lock (_gate)
        {
            if (_failures == 0) return;
            var pause = TimeSpan.FromTicks(Math.Min(LongestWait.Ticks, FirstWait.Ticks << Math.Min(_failures - 1, 16)));
            wait = pause - host.Time.GetElapsedTime(_failedAt);
        }
        if (wait > TimeSpan.Zero) await Task.Delay(wait, host.Time, ct);
    }

    private async Task GiveBackAsync(Worker worker)
    {
        if (worker.Broken is not { } reason)
        {
            lock (_gate)
            {
                _failures = 0;
                if (!_ended)
                {
                    _idle.Push(worker);
                    return;
                }
            }
            await RetireAsync(worker, politely: true);
            return;
        }
        lock (_gate) (_failures, _failedAt) = (_failures + 1, host.Time.GetTimestamp());
        log.WorkerEnded(definition.Task, worker.Pid, reason);
        await RetireAsync(worker, politely: false);
    }

    /// <summary>Whoever takes it off the list ends it.</summary>
    private async Task RetireAsync(Worker worker, bool politely)
    {
        lock (_gate)
            if (!_all.Remove(worker)) return;
        await worker.EndAsync(politely);
        await worker.DisposeAsync();
    }

    private TaskFailedException Ended() =>
        new(new TaskError("worker-ended", $"The workers of task '{definition.Task}' have ended with their node. Another attempt runs when it is up again."));
}
