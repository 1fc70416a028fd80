namespace ActorPerf.Streams;

/// <summary>Natural batching: elements gather while downstream is busy, and go together when it is not.</summary>
/// <remarks>
/// Akka.Streams' <c>Batch</c> hands the first element of a burst on alone, because downstream is idle just then. <c>settle</c> is the courtesy that avoids it:
/// a consumer that had been idle waits until so many hops of the scheduler in a row (<see cref="Hop"/>) saw no new element, or the batch is full. A consumer that comes from
/// being busy takes at once what gathered meanwhile. No timers: nothing waits that has company or no hope of it.
/// </remarks>
internal sealed class BatchStage<TBatch>(IBatchLine<TBatch> line, int max, int settle) : IAsyncEnumerable<TBatch>
{
    public IAsyncEnumerator<TBatch> GetAsyncEnumerator(CancellationToken cancellationToken = default) => new Enumerator(line, max, settle, cancellationToken);

    private sealed class Enumerator(IBatchLine<TBatch> line, int max, int settle, CancellationToken ct) : IAsyncEnumerator<TBatch>, IDemand
    {
        private readonly CancellationTokenRegistration _stop =
            ct.UnsafeRegister(static (state, ct) => ((IBatchLine<TBatch>)state!).Abandon(new OperationCanceledException(ct)), line);

        public TBatch Current { get; private set; } = default!;

        public bool WasBusy { get; set; } = true;

        public async ValueTask<bool> MoveNextAsync()
        {
            var atOnce = WasBusy || settle == 0;
            WasBusy = true;                // for consumers that do not tell: one that asks again was busy with what it got
            while (true)
            {
                if (!line.HasWork)
                {
                    var arrived = await line.WaitAsync();
                    if (arrived < 0) return false;
                    if (settle > 0) await SettleAsync(arrived);
                }
                else if (!atOnce)
                {
                    await SettleAsync(-1);
                }
                if (!line.TryTake(max, out var batch)) continue;      // all of it was withdrawn meanwhile
                Current = batch;
                return true;
            }
        }

        public ValueTask DisposeAsync()
        {
            line.Abandon(null);
            return _stop.DisposeAsync();
        }

        /// <param name="seen">Arrivals when the wait ended: being woken was a hop too. -1: nobody was woken.</param>
        private async ValueTask SettleAsync(long seen)
        {
            for (var quiet = seen == line.Arrived ? 1 : 0; quiet < settle && !line.IsFull(max);)
            {
                seen = line.Arrived;
                await Hop.Once;
                quiet = seen == line.Arrived ? quiet + 1 : 0;
            }
        }
    }
}

/// <summary>What a stage that gathers may be told by the one below it, before it is asked for the next element.</summary>
internal interface IDemand
{
    /// <summary>Whether the one who asks could not have asked earlier: what gathered meanwhile then goes at once.</summary>
    bool WasBusy { set; }
}
