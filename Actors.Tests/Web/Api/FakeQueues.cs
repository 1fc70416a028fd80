using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Web.Api;

/// <summary>One queue, and settings as they were last given.</summary>
internal sealed class FakeQueues : IQueues
{
    private QueueOverrides _stored = QueueOverrides.None;

    public ValueTask<IReadOnlyList<QueueView>> ListAsync(Namespace ns, CancellationToken ct) => ValueTask.FromResult<IReadOnlyList<QueueView>>([View("default")]);

    public ValueTask<QueueView> GetAsync(Namespace ns, string name, CancellationToken ct) => ValueTask.FromResult(View(name));

    public ValueTask<QueueOutcome> SetAsync(Namespace ns, string name, QueueChange change, CancellationToken ct)
    {
        if (change.Check() is { } refusal) return ValueTask.FromResult<QueueOutcome>(new QueueOutcome.Refused(refusal));
        _stored = change.Apply(_stored);
        return ValueTask.FromResult<QueueOutcome>(new QueueOutcome.Done(View(name)));
    }

    public ValueTask<QueueOutcome> ResetAsync(Namespace ns, string name, CancellationToken ct)
    {
        _stored = QueueOverrides.None;
        return ValueTask.FromResult<QueueOutcome>(new QueueOutcome.Done(View(name)));
    }

    /// <summary>250 keys, <c>k000</c> and so on.</summary>
    public ValueTask<LimitPage> LimitsAsync(Namespace ns, string? after, int limit, CancellationToken ct)
    {
        var page = Enumerable.Range(0, 250).Select(i => $"k{i:000}").Where(key => string.CompareOrdinal(key, after ?? "") > 0).Take(limit)
            .Select(key => new LimitView(key, 4, 9, 9, new KeyLimit(4, new Rate(10, TimeSpan.FromSeconds(1))))).ToArray();
        return ValueTask.FromResult(new LimitPage(page, page.Length == limit ? page[^1].Key : null));
    }

    private QueueView View(string name) => new(name, new Dictionary<JobState, long> { [JobState.Queued] = 3, [JobState.Running] = 2 }, TimeSpan.FromSeconds(4.5), 16, 2)
    {
        Limits = _stored.Over(QueueLimits.None), IsOverridden = !_stored.IsNone,
    };
}
