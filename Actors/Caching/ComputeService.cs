using System.Diagnostics;
using System.Runtime.CompilerServices;
using ActorPerf.Tasks;
using ActorPerf.Tracing;

namespace ActorPerf.Caching;

/// <summary>The front door to computed results. A hit is answered here; everything else by the shard that owns the key.</summary>
public sealed partial class ComputeService(ITaskCatalog tasks, CachingShards shards, CacheOptions options, TimeProvider time, ILogger<ComputeService> log) : ICompute
{
    /// <summary>A refresh that nobody heard of for so long counts as lost, and the next call starts another.</summary>
    internal static readonly TimeSpan LongestRefresh = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan MostPatience = TimeSpan.FromHours(1);

    private readonly MemoTable _table = shards.Table;
    private readonly CacheBooks _books = shards.Books;
    private readonly KnownCalls _known = new();
    private uint _next; // spreads what has no key over the shards

    public ComputeOutcome.Found? TryHit(Namespace ns, string task, ReadOnlySpan<byte> args)
    {
        if (_known.Find(ns, task, args) is not { } key || _table.Kept(key) is not { } hit) return null;
        if (Spans.IsRecorded) CacheSpans.End(Spans.Begin(CallKind.Cache, key.Task), hit);
        return hit;
    }

    public ValueTask<ComputeOutcome> ComputeAsync(ComputeRequest request, CancellationToken ct) =>
        Spans.IsRecorded ? AnswerTracedAsync(request, ct) : AnswerAsync(request, ct);

    // A method of its own: what a lambda captures is allocated where the method begins.
    private ValueTask<ComputeOutcome> AnswerTracedAsync(ComputeRequest request, CancellationToken ct) => CacheSpans.AroundAsync(request.Task, () => AnswerAsync(request, ct));

    private ValueTask<ComputeOutcome> AnswerAsync(ComputeRequest request, CancellationToken ct)
    {
        if (!tasks.TryGet(request.Task, out var task) || task.Internal) return new(new ComputeOutcome.Refused(tasks.Unknown(request.Task)));
        task = task.For(request.Args);
        if (task.Memoize is null || request.Directive.NoStore) return Bypass(request, task, ct);
        if (!task.TryCanonicalize(request.Args, out var canonical, out var refusal)) return new(new ComputeOutcome.Refused(refusal));
        var key = new CacheKey(request.Namespace, task.Name, task.Version, canonical);
        if (_table.Get(key) is not { } entry) return Missed(request, task, key, null, ct);
        var answer = _table.Read(entry, request.Directive);
        if (answer == EntryAnswer.Hit)
        {
            if (request.Directive.IsPlain && _known.Find(request.Namespace, task.Name, request.Args.Span) != entry.Key) _known.Keep(task.Name, request.Args.Span, entry.Key);
            return new(entry.AnswerHit());
        }
        if (answer is EntryAnswer.Compute or EntryAnswer.ComputeOrStale) return Missed(request, task, key, answer == EntryAnswer.Compute ? null : entry, ct);
        if (answer is EntryAnswer.HitAndRefresh or EntryAnswer.StaleAndRefresh && BeginsRefresh(entry))
            Refresh(new Launch(key, request.Namespace, task, request.Args.ToArray(), null) { Choice = request.Directive.Choice });
        return new(Answered(entry, answer));
    }

    public ValueTask<ComputeOutcome> GetOrComputeAsync(
        CacheKey key, Func<TaskContext, CancellationToken, ValueTask<ReadOnlyMemory<byte>>> factory, CacheCallOptions? options, CancellationToken ct)
    {
        options ??= CacheCallOptions.Default;
        // Few instructions: the fewer there are, the more hits the processor has under way at once while it waits for their entries' memory.
        if (options.IsPlain && !Spans.IsRecorded && _table.Kept(key) is { } hit) return new(hit);
        return Spans.IsRecorded ? GetTracedAsync(key, factory, options, ct) : GetAsync(key, factory, options, ct);
    }

    private ValueTask<ComputeOutcome> GetTracedAsync(
        CacheKey key, Func<TaskContext, CancellationToken, ValueTask<ReadOnlyMemory<byte>>> factory, CacheCallOptions options, CancellationToken ct) =>
        CacheSpans.AroundAsync(key.Task, () => GetAsync(key, factory, options, ct));

    [MethodImpl(MethodImplOptions.NoInlining)]      // what it keeps at hand would be kept by every hit
    private ValueTask<ComputeOutcome> GetAsync(
        CacheKey key, Func<TaskContext, CancellationToken, ValueTask<ReadOnlyMemory<byte>>> factory, CacheCallOptions options, CancellationToken ct)
    {
        var entry = options.Allowed.NoStore ? null : _table.Get(key);
        // By the entry's own key, which was compared just now: the rest of the entry is memory to wait for.
        if (entry is not null && options.IsPlain && _table.Kept(entry.Key) is { } hit) return new(hit);
        var answer = entry is null ? EntryAnswer.Compute : _table.Read(entry, in options.Allowed);
        if (entry is not null && answer == EntryAnswer.Hit) return new(entry.AnswerHit());
        return OwnAsync(key, factory, options, entry, answer, ct);
    }

    private ValueTask<ComputeOutcome> OwnAsync(
        CacheKey key, Func<TaskContext, CancellationToken, ValueTask<ReadOnlyMemory<byte>>> factory, CacheCallOptions options, MemoEntry? entry, EntryAnswer answer, CancellationToken ct)
    {
        var task = FactoryRunner.Describe(key, factory, options);
        var request = new ComputeRequest(key.Namespace, key.Task, key.Args, options.Directive, options.Patience);
        if (options.Directive.NoStore) return options.Directive.OnlyIfCached ? new(NotCached(task)) : new(MissAsync(request, task, key: null, null, ct));
        if (entry is null || answer is EntryAnswer.Compute or EntryAnswer.ComputeOrStale)
            return Missed(request, task, key, answer == EntryAnswer.ComputeOrStale ? entry : null, ct);
        if (answer is EntryAnswer.HitAndRefresh or EntryAnswer.StaleAndRefresh && BeginsRefresh(entry))
            Refresh(new Launch(key, key.Namespace, task, key.Args, null) { Choice = options.Directive.Choice });
        return new(Answered(entry, answer));
    }

    private bool BeginsRefresh(MemoEntry entry) => entry.TryBeginRefresh(_table.Now, _table.ToTicks(LongestRefresh));

    private void Refresh(Launch launch) => shards.ActorOf(launch.Key!).Tell(new FlightCommand.Refresh(launch), ActorRefs.NoSender);

    private static ComputeOutcome.Found Answered(MemoEntry entry, EntryAnswer answer) =>
        answer is EntryAnswer.Hit or EntryAnswer.HitAndRefresh ? entry.AnswerHit() : Stale(entry);

    private static ComputeOutcome.Found Stale(MemoEntry entry)
    {
        entry.Home?.Touch(entry, Environment.CurrentManagedThreadId);
        entry.Book.CountStale();
        return new ComputeOutcome.Found(entry.Result, CacheSource.Stale) { LastError = entry.LastError };
    }

    private ValueTask<ComputeOutcome> Bypass(ComputeRequest request, TaskDescriptor task, CancellationToken ct)
    {
        if (task.Check(request.Args) is { } refusal) return new(new ComputeOutcome.Refused(refusal));
        return request.Directive.OnlyIfCached ? new(NotCached(task)) : new(MissAsync(request, task, key: null, null, ct));
    }

    private ValueTask<ComputeOutcome> Missed(ComputeRequest request, TaskDescriptor task, CacheKey key, MemoEntry? fallback, CancellationToken ct) =>
        request.Directive.OnlyIfCached ? new(NotCached(task)) : new(MissAsync(request, task, key, fallback, ct));

    /// <param name="fallback">Answered where the computation is late; null: nothing is.</param>
    private async Task<ComputeOutcome> MissAsync(ComputeRequest request, TaskDescriptor task, CacheKey? key, MemoEntry? fallback, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var chain = FlightChain.Current;
        if (key is not null && FlightChain.Cycle(chain, key) is { } cycle) return new ComputeOutcome.Failed(cycle);
        var shard = key is null ? shards.Actors[(int)(Interlocked.Increment(ref _next) % (uint)shards.Actors.Count)] : shards.ActorOf(key);
        var span = Spans.IsTraced ? Activity.Current : null;
        var caller = new Caller(request.Directive, span);
        // The computation may outlive this call and the buffer that its arguments came in.
        var launch = new Launch(key, request.Namespace, task, request.Args.ToArray(), chain) 
        {
            Choice = request.Directive.Choice, Quiet = request.Directive.Quiet, Span = span, TraceParent = Spans.TraceParent(span, request.TraceParent),
        };
        shard.Tell(new FlightCommand.Join(launch, request.Directive, caller), ActorRefs.NoSender);
        var patience = request.Patience < TimeSpan.Zero ? TimeSpan.Zero : request.Patience > MostPatience ? MostPatience : request.Patience;
        var policy = key is null ? null : task.Memoize?.With(request.Directive.Choice);
        var wait = policy?.HardTimeout is { } hard && hard < patience ? hard : patience;
        var soft = fallback is not null && policy?.SoftTimeout is { } early && early < wait ? early : (TimeSpan?)null;
        try
        {
            if (soft is { } first && !await EndsWithinAsync(caller.Answer, first, ct) && KeptOf(fallback, request.Directive) is { } kept)
            {
                shard.Tell(new FlightCommand.Detach(caller), ActorRefs.NoSender);
                return Stale(kept);
            }
            return await caller.Answer.WaitAsync(wait - (soft ?? TimeSpan.Zero), time, ct);
        }
        catch (TimeoutException)
        {
            // Whom the task lets go, or who has something else, does not end the computation.
            var goesOn = wait < patience || fallback is not null;
            shard.Tell(goesOn ? new FlightCommand.Detach(caller) : new FlightCommand.Leave(caller), ActorRefs.NoSender);
            return KeptOf(fallback, request.Directive) is { } kept ? Stale(kept) : new ComputeOutcome.Refused(OutOfPatience(task, wait, isNested: chain is not null));
        }
        catch (OperationCanceledException)
        {
            shard.Tell(new FlightCommand.Leave(caller), ActorRefs.NoSender);
            throw;
        }
    }

    private async Task<bool> EndsWithinAsync(Task<ComputeOutcome> answer, TimeSpan wait, CancellationToken ct)
    {
        try
        {
            await answer.WaitAsync(wait, time, ct);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>What may be answered for the key now; an invalidation may have come since it was found. Null: nothing.</summary>
    /// <param name="found">What was there when the call came; null: nothing that may be answered.</param>
    private MemoEntry? KeptOf(MemoEntry? found, CacheDirective call) => found is not null && _table.Get(found.Key) is { } entry && _table.MayFallBack(entry, call) ? entry : null;

    private static ComputeOutcome.Refused NotCached(TaskDescriptor task) => new(new Refusal(
        "not-cached", $"No fresh result of task '{task.Name}' for these arguments is remembered, and the call said only-if-cached. Ask without it to compute one."));

    private static Refusal OutOfPatience(TaskDescriptor task, TimeSpan patience, bool isNested) => new(
        "compute-timeout", $"Task '{task.Name}' was not done within {Durations.Format(patience)}. " + (isNested
            ? $"What asked for it is a computation that held a routee meanwhile: if that is one of queue '{task.Queue}' too, run one of the two on another queue, or give it more routees."
            : "Wait longer (Prefer: wait=N), or let it run as a job (Prefer: respond-async)."));
}
