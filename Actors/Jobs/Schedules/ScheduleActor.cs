using ActorPerf.Cluster;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs.Schedules;

/// <summary>Fires every schedule of the node: knows the next tick of each, and submits what is due through the ordinary front door of jobs.</summary>
/// <remarks>
/// Sole owner of what is due and when, so there is no lock; one batch of ticks is under way at a time. At most one job per tick: the job's id is
/// made of the tick (<see cref="ScheduleIds"/>), and the stored cursor moves only when the submit is durable. State is the rows; a restart reads them again,
/// and a batch that was under way is repeated without effect; so does a node that comes to lead, and if the one before still fires for a moment the tick's id is one. It looks at the clock at least every <see cref="LongestWait"/>, because timers do not hear of a clock that is set.
/// </remarks>
internal sealed class ScheduleActor : ReceiveActor, IWithTimers, IWithStash
{
    /// <summary>Schedules that are handled together.</summary>
    public const int MaxBatch = 1_000;

    /// <summary>A clock that was set ahead is noticed within so long.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);

    private readonly ScheduleParts _parts;
    private readonly ScheduleFiring _firing;
    private readonly Dictionary<(Namespace Namespace, string Name), ConfiguredSchedule> _configured;
    private readonly Dictionary<Namespace, SortedDictionary<string, ScheduleEntry>> _entries = [];
    private readonly PriorityQueue<ScheduleEntry, DateTimeOffset> _line = new();       // entries that were replaced stay until they come up
    private long? _loadedAt;      // timestamp
    private bool _busy;           // ticks are being handled
    private bool _changing;       // a change is on its way to the store
    private bool _stale;          // rows changed after they were read, or while they were
    private ScheduleCommand.Pause? _readFor;          // the rows were read for it
    private StoreUnavailableException? _away;         // why they cannot be

    public ScheduleActor(ScheduleParts parts)
    {
        _parts = parts;
        _firing = new ScheduleFiring(parts.Jobs, parts.Store, parts.Time);
        _configured = parts.Configured.ToDictionary(configured => (configured.Namespace, configured.Name));
        Become(Loading);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public IStash Stash { get; set; } = null!;

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(NodeNews.Leads));
        Context.System.EventStream.Subscribe(Self, typeof(FeedNews.Rows));
        Context.System.EventStream.Subscribe(Self, typeof(FeedNews.Gap));
        Load();
    }

    private void Loading()
    {
        Receive<ScheduleCommand.Loaded>(Loaded);
        Receive<ScheduleCommand.LoadFailed>(failed =>
        {
            _parts.Log.LoadFailed(failed.Cause, (long)Retry.TotalMilliseconds);
            _away = failed.Cause as StoreUnavailableException ?? new StoreUnavailableException("The schedules could not be read. Nothing changed; try again.", failed.Cause);
            Stash.UnstashAll();
            Timers.StartSingleTimer(ScheduleCommand.Load.Instance, ScheduleCommand.Load.Instance, Retry);
        });
        Receive<ScheduleCommand.Load>(_ => Load());
        // What is being read may be of before: one more look afterwards, however much is heard meanwhile.
        Receive<NodeNews.Leads>(_ => _stale = true);
        Receive<FeedNews>(news => _stale |= Concerns(news));
        Receive<ScheduleCommand.Stale>(_ => { });          // what is being read was begun after it
        Receive<ScheduleCommand>(command =>
        {
            // While the store is away nobody waits: who asks is told, as by every other read.
            if (_away is null || !command.TryFail(_away)) Stash.Stash();
        });
    }

    private void Ready()
    {
        Receive<ScheduleCommand.Look>(_ => Look());
        Receive<ScheduleCommand.Fired>(fired => TicksHandled(fired.Due, fired.Steps));
        Receive<ScheduleCommand.FiringFailed>(failed =>
        {
            _parts.Log.FiringFailed(failed.Cause, failed.Due.Count, (long)Retry.TotalMilliseconds);
            TicksHandled(failed.Due, []);
        });
        Receive<ScheduleCommand.List>(List);
        Receive<ScheduleCommand.Get>(Get);
        Receive<ScheduleCommand.Put>(Put);
        Receive<ScheduleCommand.Pause>(Pause);
        Receive<ScheduleCommand.Delete>(Delete);
        Receive<ScheduleCommand.Stored>(Stored);
        Receive<ScheduleCommand.Removed>(Removed);
        Receive<ScheduleCommand.ChangeFailed>(ChangeFailed);
        Receive<ScheduleCommand.Stale>(_ => ReadAgain());
        Receive<NodeNews.Leads>(_ => BecomeStale());
        Receive<FeedNews>(news =>
        {
            if (Concerns(news)) BecomeStale();
        });
    }

    private static bool Concerns(FeedNews news) => news is FeedNews.Gap || (news is FeedNews.Rows rows && rows.All.Any(row => row.Kind == FeedKind.Schedule));

    /// <summary>Reads the rows again after what is in the mailbox already, once for all news there.</summary>
    private void BecomeStale()
    {
        if (_stale) return;
        _stale = true;
        Self.Tell(ScheduleCommand.Stale.Instance);
    }

    /// <summary>Who does not lead is told of no tick: what is shown or built upon is read first, at most once a second.</summary>
    private bool IsFresh()
    {
        if (_parts.Leadership.Leads || (_loadedAt is { } at && _parts.Time.GetElapsedTime(at) < Freshness)) return true;
        Stash.Stash();
        ReadAgain();
        return false;
    }

    /// <summary>Who led before came further than the rows say that were read here.</summary>
    private void ReadAgain()
    {
        Become(Loading);
        Load();
    }

    private void Load()
    {
        _stale = false;
        _ = ScheduleLoading.ReadAsync(_parts.Store, _parts.Configured, _parts.Leadership.Leads, _parts.Time)
            .PipeTo(Self, success: rows => new ScheduleCommand.Loaded(rows), failure: cause => new ScheduleCommand.LoadFailed(cause));
    }

    private void Loaded(ScheduleCommand.Loaded loaded)
    {
        var first = _loadedAt is null;
        _loadedAt = _parts.Time.GetTimestamp();
        _away = null;
        var (count, paused) = (0, 0);
        _entries.Clear();
        _line.Clear();
        foreach (var row in loaded.Rows)
        {
            var entry = Enter(row);
            count++;
            if (entry.Definition.Paused) paused++;
            if (!first) continue;
            if (entry.Fault is { } fault) _parts.Log.CannotFire(row.Namespace.Name, row.Name, fault);
            else if (!_parts.Tasks.TryGet(entry.Definition.Task, out _)) _parts.Log.CannotFire(row.Namespace.Name, row.Name, _parts.Tasks.Unknown(entry.Definition.Task).Detail);
        }
        if (first && count > 0) _parts.Log.Loaded(count, paused);
        Become(Ready);
        Stash.UnstashAll();
        Look();
        if (_stale) Self.Tell(ScheduleCommand.Stale.Instance);
    }

    private void Look()
    {
        if (_busy || !_parts.Leadership.Leads) return;
        var now = _parts.Time.GetUtcNow();
        var due = new List<DueSchedule>();
        while (due.Count < MaxBatch && _line.TryPeek(out var entry, out var at) && at <= now)
        {
            _line.Dequeue();
            // Replaced, deleted, or in the line a second time.
            if (entry.LinedAt != at || Find(entry.Row.Namespace, entry.Row.Name) != entry) continue;
            entry.LinedAt = null;
            if (entry.Due(now) is { } ticks) due.Add(ticks);
        }
        if (due.Count == 0)
        {
            Arm(LongestWait);
            return;
        }
        _busy = true;
        _ = _firing.RunAsync(due).PipeTo(
            Self, success: steps => new ScheduleCommand.Fired(due, steps), failure: cause => new ScheduleCommand.FiringFailed(due, cause));
    }

    private void TicksHandled(IReadOnlyList<DueSchedule> due, IReadOnlyList<ScheduleStep> steps)
    {
        _busy = false;
        foreach (var step in steps)
        {
            Find(step.Namespace, step.Name)?.Advance(step);
            foreach (var tick in step.Ticks) Tell(step, tick);
        }
        var (now, waits) = (_parts.Time.GetUtcNow(), false);
        foreach (var ticks in due)
        {
            if (Find(ticks.Namespace, ticks.Name) is not { } entry) continue;
            waits |= entry.Next <= now && entry.Row.Cursor == ticks.Cursor;
            Line(entry);
        }
        // What did not come further is tried again in a while, and nothing before it: its trouble is the store's or a full queue.
        if (waits) Arm(Retry);
        else Look();
    }

    private void Tell(ScheduleStep step, ScheduleTick tick)
    {
        if (tick.Outcome == ScheduleOutcome.Refused) _parts.Log.TickRefused(step.Namespace.Name, step.Name, tick.At, tick.Reason);
        else if (tick.Outcome == ScheduleOutcome.Skipped) _parts.Log.TickSkipped(step.Namespace.Name, step.Name, tick.At, tick.Reason);
    }

    private void Arm(TimeSpan most)
    {
        var wait = most;
        if (most == LongestWait && _line.TryPeek(out _, out var next))
        {
            wait = next - _parts.Time.GetUtcNow();
            wait = wait < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : wait > most ? most : wait;
        }
        Timers.StartSingleTimer(ScheduleCommand.Look.Instance, ScheduleCommand.Look.Instance, wait);
    }

    private void List(ScheduleCommand.List list)
    {
        if (!IsFresh()) return;
        var page = new List<Schedule>();
        if (_entries.TryGetValue(list.Namespace, out var entries))
        {
            foreach (var (name, entry) in entries)
            {
                if (list.After is { } after && string.CompareOrdinal(name, after) <= 0) continue;
                if (page.Count == list.Limit) break;
                page.Add(View(entry)!);
            }
        }
        list.Reply.TrySetResult(page);
    }

    private void Get(ScheduleCommand.Get get)
    {
        if (IsFresh()) get.Reply.TrySetResult(View(Find(get.Namespace, get.Name)));
    }

    private void Put(ScheduleCommand.Put put)
    {
        if (MayChange()) Store(put.Namespace, put.Name, put.Definition, put.Reply);
    }

    private void Pause(ScheduleCommand.Pause pause)
    {
        if (!_changing && _readFor != pause)
        {
            // It keeps all else of the definition, which another node may have put a moment ago.
            _readFor = pause;
            Stash.Stash();
            ReadAgain();
            return;
        }
        if (!MayChange()) return;
        _readFor = null;
        if (Find(pause.Namespace, pause.Name) is not { } entry) pause.Reply.TrySetResult(null);
        else if (entry.Definition.Paused == pause.Paused) pause.Reply.TrySetResult(new ScheduleReply.Done(View(entry)!, IsNew: false));
        else Store(pause.Namespace, pause.Name, entry.Definition with { Paused = pause.Paused }, pause.Reply);
    }

    private void Store(Namespace ns, string name, ScheduleDefinition definition, TaskCompletionSource<ScheduleReply?> reply)
    {
        var before = Find(ns, name)?.Row;
        if (before is null && _entries.Values.Sum(entries => entries.Count) >= ScheduleParts.MaxSchedules)
        {
            reply.TrySetResult(new ScheduleReply.Refused(new Refusal("state-conflict", $"This node has {ScheduleParts.MaxSchedules} schedules, the most it keeps. Delete one first.")));
            return;
        }
        var row = ScheduleRules.Changed(before, ns, name, definition, _parts.Time.GetUtcNow());
        _changing = true;
        _ = _parts.Store.PutAsync(row, CancellationToken.None).PipeTo(
            Self, success: () => new ScheduleCommand.Stored(row, before is null, reply), failure: cause => new ScheduleCommand.ChangeFailed(reply, cause));
    }

    private void Stored(ScheduleCommand.Stored stored)
    {
        var row = stored.Row;
        // Ticks of the definition before may have been handled meanwhile.
        if (Find(row.Namespace, row.Name)?.Row is { } now)
            row = row with { LastJob = now.LastJob, Ticks = now.Ticks, Last = now.Last, Cursor = now.Shape == row.Shape && now.Cursor > row.Cursor ? now.Cursor : row.Cursor };
        stored.Reply.TrySetResult(new ScheduleReply.Done(View(Enter(row))!, stored.IsNew));
        ChangeEnded();
        Look();
    }

    private void Delete(ScheduleCommand.Delete delete)
    {
        if (!MayChange()) return;
        if (Find(delete.Namespace, delete.Name) is not { } entry)
        {
            delete.Reply.TrySetResult(null);
            return;
        }
        if (entry.Row.Definition is null)
        {
            delete.Reply.TrySetResult(new ScheduleReply.Refused(new Refusal("state-conflict",
                $"Schedule '{delete.Name}' stands in the configuration (actorperf.schedules.{delete.Name}) and can only be removed there. Put it with \"paused\": true to stop it here.")));
            return;
        }
        _changing = true;
        var again = _configured.TryGetValue((delete.Namespace, delete.Name), out var configured) ? ScheduleRules.Configured(configured, _parts.Time.GetUtcNow()) : null;
        _ = RemoveAsync(delete.Namespace, delete.Name, again).PipeTo(
            Self, success: () => new ScheduleCommand.Removed(View(entry)!, again, delete.Reply), failure: cause => new ScheduleCommand.ChangeFailed(delete.Reply, cause));
    }

    private async Task RemoveAsync(Namespace ns, string name, ScheduleRow? again)
    {
        await _parts.Store.DeleteAsync(ns, name, CancellationToken.None);
        if (again is not null) await _parts.Store.PutAsync(again, CancellationToken.None);
    }

    private void Removed(ScheduleCommand.Removed removed)
    {
        if (_entries.TryGetValue(removed.Was.Namespace, out var entries)) entries.Remove(removed.Was.Name);
        if (removed.Again is { } again) Enter(again);
        removed.Reply.TrySetResult(new ScheduleReply.Done(removed.Was, IsNew: false));
        ChangeEnded();
    }

    /// <summary>Whether it became durable is not known: the caller is told to repeat it, and the rows are read again.</summary>
    private void ChangeFailed(ScheduleCommand.ChangeFailed failed)
    {
        failed.Reply.TrySetException(failed.Cause);
        ChangeEnded();
        ReadAgain();
    }

    /// <summary>One change at a time, so that each builds on the one before: others wait in the stash.</summary>
    private bool MayChange()
    {
        if (!_changing) return IsFresh();
        Stash.Stash();
        return false;
    }

    private void ChangeEnded()
    {
        _changing = false;
        Stash.UnstashAll();
    }

    private ScheduleEntry Enter(ScheduleRow row)
    {
        var entry = new ScheduleEntry(row, row.Definition ?? _configured[(row.Namespace, row.Name)].Definition);
        if (!_entries.TryGetValue(row.Namespace, out var entries)) _entries.Add(row.Namespace, entries = new(StringComparer.Ordinal));
        entries[row.Name] = entry;
        Line(entry);
        return entry;
    }

    private void Line(ScheduleEntry entry)
    {
        if (entry.Next is not { } next || entry.LinedAt == next) return;
        entry.LinedAt = next;
        _line.Enqueue(entry, next);
    }

    private ScheduleEntry? Find(Namespace ns, string name) => _entries.TryGetValue(ns, out var entries) ? entries.GetValueOrDefault(name) : null;

    private Schedule? View(ScheduleEntry? entry) => entry?.View(_parts.Time.GetUtcNow(), _parts.Tasks);
}
