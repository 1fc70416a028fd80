using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Storage.PostgreSql;

/// <summary>What the writes of a transaction are known to touch before anything was read.</summary>
internal sealed class JobWants
{
    /// <summary>Numbers of history rows that are taken for a claim beforehand; where it finds more jobs, the rest is fetched.</summary>
    private const int ClaimNumbers = 64;

    public JobWants(IReadOnlyList<JobWrite> writes, LaneMemory memory)
    {
        foreach (var write in writes) Add(write, memory);
    }

    /// <summary>Jobs as their writers know them, by number.</summary>
    public Dictionary<long, Job> Known { get; } = [];

    public HashSet<(Namespace Namespace, JobId Id)> Ids { get; } = [];

    public HashSet<(Namespace Namespace, string Key)> UniqueKeys { get; } = [];

    public HashSet<(Namespace Namespace, string Key)> IdempotencyKeys { get; } = [];

    /// <summary>How many jobs are asked of each queue's line.</summary>
    public Dictionary<string, int> Claims { get; } = new(StringComparer.Ordinal);

    /// <summary>Who asks for jobs to run.</summary>
    public HashSet<Incarnation> Owners { get; } = [];

    /// <summary>Queues whose limits matter.</summary>
    public HashSet<string> Queues { get; } = new(StringComparer.Ordinal);

    /// <summary>One of the writes decides about limits, or changes them.</summary>
    public bool Exclusive { get; private set; }

    public int Jobs { get; private set; }

    public int History { get; private set; }

    private void Add(JobWrite write, LaneMemory memory)
    {
        switch (write)
        {
            case JobWrite.Submit submit:
                foreach (var job in submit.Jobs) Add(job);
                if (submit.AtOnce is { } atOnce)
                {
                    Queues.Add(atOnce.Queue);
                    Owners.Add(atOnce.Owner);
                    History += Math.Min(atOnce.Count, submit.Jobs.Count);
                }
                if (submit.Workflow is { } workflow)
                    foreach (var member in workflow.Members) Ids.Add((workflow.Namespace, member.Job));
                break;
            case JobWrite.Claim claim:
                Queues.Add(claim.Queue);
                Owners.Add(claim.Owner);
                History += Math.Min(claim.Count, ClaimNumbers);
                if (IsExclusive(claim, memory)) Exclusive = true;
                else Claims[claim.Queue] = Math.Min(10_000, Claims.GetValueOrDefault(claim.Queue) + claim.Count);
                break;
            case JobWrite.Change change:
                if (change.Known is { } known) Known[known.Row.Seq] = known;
                else Ids.Add((change.Namespace, change.Id));
                History++;
                foreach (var child in change.Children) Add(child);
                break;
            case JobWrite.Save save:
                Known.TryAdd(save.Job.Row.Seq, save.Job);
                break;
            case JobWrite.Note note:
                Known.TryAdd(note.Job.Row.Seq, note.Job);
                break;
            case JobWrite.Delete delete:
                Ids.Add((delete.Namespace, delete.Id));
                break;
            case JobWrite.SetQueue set:
                Queues.Add(set.Queue);
                Exclusive = true;
                History++;
                break;
            default:
                break;
        }
    }

    /// <summary>Whether a claim decides about limits, and so has a transaction of its own.</summary>
    public static bool IsExclusive(JobWrite.Claim claim, LaneMemory memory) => claim.Limits is not null || memory.Signals.IsLimited(claim.Queue);

    private void Add(NewJob job)
    {
        var ns = job.Row.Namespace;
        Ids.Add((ns, job.Row.Id));
        foreach (var parent in job.DependsOn) Ids.Add((ns, parent.Job));
        if (job.Row.UniqueKey is { } unique) UniqueKeys.Add((ns, unique));
        if (job.IdempotencyKey is { } key) IdempotencyKeys.Add((ns, key));
        Jobs++;
        History++;
    }
}
