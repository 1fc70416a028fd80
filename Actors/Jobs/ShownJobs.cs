using System.Collections.Frozen;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>Jobs as anybody outside may see them: with dots for secret arguments. Every way out of <see cref="IJobs"/> leads through here; what runs a
/// job, or runs it again, reads the store.</summary>
public sealed class ShownJobs
{
    private readonly FrozenDictionary<string, SecretMask>? _masks;       // null: no task of the node has secrets

    public ShownJobs(ITaskCatalog tasks)
    {
        var masks = new Dictionary<string, SecretMask>(StringComparer.Ordinal);
        foreach (var task in tasks.All)
            if (SecretMask.Of(task) is { } mask) masks.Add(task.Name, mask);
        if (masks.Count > 0) _masks = masks.ToFrozenDictionary(StringComparer.Ordinal);
    }

    public Job Of(Job job) =>
        _masks is null || job.Args.IsEmpty || !_masks.TryGetValue(job.Row.Task, out var mask) ? job : job with { Args = mask.Hide(job.Args) };

    public SubmitOutcome Of(SubmitOutcome outcome) => _masks is null ? outcome : outcome switch
    {
        SubmitOutcome.Accepted accepted => accepted with { Job = Of(accepted.Job) },
        SubmitOutcome.Deduplicated deduplicated => deduplicated with { Job = Of(deduplicated.Job) },
        SubmitOutcome.Replayed replayed => replayed with { Job = Of(replayed.Job) },
        _ => outcome,
    };

    public SubmitOutcome[] Of(SubmitOutcome[] outcomes) => _masks is null ? outcomes : Array.ConvertAll(outcomes, Of);

    public JobEvent Of(JobEvent happened) => _masks is null ? happened : happened switch
    {
        JobEvent.State state => state with { Now = Of(state.Now) },
        JobEvent.Done done => done with { Now = Of(done.Now) },
        _ => happened,
    };
}
