using System.Collections.Concurrent;
using System.Diagnostics;

namespace ActorPerf.Tracing;

/// <summary>One route, or one task's attempts: counts all of them, and says of which the calls are recorded. Any thread.</summary>
/// <remarks>What is not recorded costs two looks at the clock and one count in a histogram.</remarks>
public sealed class RouteMeter
{
    private const int MaxNamespaces = 200;
    private const int CostEvery = 64;

    private readonly TraceCollector _owner;
    private readonly ConcurrentDictionary<string, RouteLine> _others = new(StringComparer.Ordinal);
    private readonly long _share;                                 // every so many beyond the first of a second; 0: none
    private RouteLine? _last;                                     // most routes are one namespace's
    private long _second;
    private int _taken;
    private long _beyond;
    private int _since;

    internal RouteMeter(TraceCollector owner, CallKind kind, string name)
    {
        (_owner, Kind, Name) = (owner, kind, name);
        _share = owner.Options.ShareBeyond > 0 ? Math.Max(1, (long)Math.Round(1 / owner.Options.ShareBeyond)) : 0;
    }

    public CallKind Kind { get; }

    /// <summary>Such as <c>POST /api/v1/compute/{task}</c>, or <c>job report</c>.</summary>
    public string Name { get; }

    /// <summary>Now, for <see cref="Count"/>.</summary>
    public long Timestamp => _owner.Timestamp;

    /// <summary>Begins the root span of a request or attempt, where somebody wants it: this node's collector, or an exporter's sampler. It becomes the current one.</summary>
    /// <param name="sent">The caller's <c>traceparent</c>; null for none.</param>
    /// <param name="asLink">The trace begins here, and is linked to what was sent.</param>
    /// <param name="now">A <see cref="Timestamp"/> just taken; 0: none was.</param>
    /// <returns>Null where nobody does: count it with <see cref="Count"/> at its end.</returns>
    public Activity? Start(string? sent = null, bool asLink = false, long now = 0)
    {
        var context = default(ActivityContext);
        var known = sent is not null && ActivityContext.TryParse(sent, null, isRemote: true, out context);
        var takes = Takes(known && (context.TraceFlags & ActivityTraceFlags.Recorded) != 0, now == 0 ? Timestamp : now);
        if (!takes && !TraceSampling.OthersListen) return null;
        var began = takes ? Timestamp : 0;
        // What the host makes for its log lines is nobody's parent: no exporter has it.
        var around = Activity.Current;
        if (around is { Source.Name.Length: 0 } || asLink) Activity.Current = null;
        var root = TraceSampling.Begin(takes ? _owner : null, Kind, known ? context : default, asLink, _owner);
        if (root is null)
        {
            Activity.Current = around;
            return null;
        }
        root.DisplayName = Name;
        if (!takes) return root;
        var record = new TraceRecord(_owner, this, root, known ? sent : null);
        record.Attach();
        record.Spent(began);
        return root;
    }

    /// <summary>Counts one that was not recorded.</summary>
    /// <param name="ns">Empty where none owns it.</param>
    /// <param name="started">The <see cref="Timestamp"/> at its start.</param>
    public void Count(string ns, long started, bool failed)
    {
        var now = Timestamp;
        LineOf(ns).Count(_owner.Time.GetElapsedTime(started, now), failed);
        // One in so many is measured and stands for them: the clock costs as much as what it would measure.
        if (Interlocked.Increment(ref _since) % CostEvery == 0) _owner.Costs.Beside(CostEvery * (Timestamp - now));
    }

    /// <summary>Ends a root and keeps it, and counts it.</summary>
    /// <param name="title">What else to call it by; null: nothing.</param>
    /// <param name="job">The id of the job, of an attempt.</param>
    public void End(Activity root, string ns, int? status, string? error, string? title = null, string? job = null)
    {
        ArgumentNullException.ThrowIfNull(root);
        var record = TraceRecord.Of(root);
        if (record?.Root != root) record = null;
        var began = Timestamp;
        Tag(root, ns, status, error, title, job);
        if (record is { IsVirtual: true }) root.SetEndTime(_owner.Time.GetUtcNow().UtcDateTime);
        var current = Activity.Current;
        root.Stop();
        if (current != root) Activity.Current = current;
        var line = LineOf(ns);
        line.Count(root.Duration, error is not null);
        if (record is null) return;
        record.Spent(began);
        var kept = Timestamp;
        _owner.Keep(line, record.End(ns, status, error, title, job));
        _owner.Costs.Beside(Timestamp - kept);
    }

    internal IEnumerable<RouteLine> Lines => _others.Values;

    /// <summary>Begins to count anew.</summary>
    /// <returns>What was counted; what is counted at this very moment may go into either.</returns>
    internal IReadOnlyList<RouteLine> Reset()
    {
        var lines = _others.Values.ToList();
        _others.Clear();
        Volatile.Write(ref _last, null);
        return lines;
    }

    private static void Tag(Activity root, string ns, int? status, string? error, string? title, string? job)
    {
        if (ns.Length > 0) root.SetTag(SpanTags.Namespace, ns);
        if (status is { } code) root.SetTag(SpanTags.Status, code);
        if (title is not null) root.SetTag(job is null ? SpanTags.Path : SpanTags.Task, title);
        if (job is not null) root.SetTag(SpanTags.Job, job);
        if (error is null) return;
        root.SetStatus(ActivityStatusCode.Error);
        root.SetTag(SpanTags.Error, error);
    }

    /// <summary>The first of each second, a share of those beyond, and whatever a caller samples.</summary>
    private bool Takes(bool sampled, long now)
    {
        if (!_owner.IsOn) return false;
        if (sampled) return true;
        var second = now / _owner.Time.TimestampFrequency;
        if (Volatile.Read(ref _second) != second)
        {
            Volatile.Write(ref _second, second);
            Volatile.Write(ref _taken, 0);
        }
        if (Volatile.Read(ref _taken) < _owner.Options.RequestsPerSecond && Interlocked.Increment(ref _taken) <= _owner.Options.RequestsPerSecond) return true;
        return _share > 0 && Interlocked.Increment(ref _beyond) % _share == 0;
    }

    private RouteLine LineOf(string ns)
    {
        if (Volatile.Read(ref _last) is { } last && last.Namespace == ns) return last;
        if (!_others.TryGetValue(ns, out var line))
        {
            if (_others.Count >= MaxNamespaces) return _owner.Overflow;
            line = _others.GetOrAdd(ns, static (name, self) => self._owner.NewLine(self, name), this);
        }
        Volatile.Write(ref _last, line);
        return line;
    }
}
