using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Storage;

/// <summary>The jobs that go with a caller's own SQL: looked at before, and told of after.</summary>
internal static class OwnJobs
{
    public const int Most = 10_000;

    /// <summary>Checks them, and asks whether the node takes them now.</summary>
    /// <returns>Their write; or which was refused (-1: it is the node that takes none), and why.</returns>
    public static async ValueTask<Checked> CheckAsync(IJobAdmission admission, IReadOnlyList<Submission> submissions, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(submissions);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(submissions.Count, Most, nameof(submissions));
        ct.ThrowIfCancellationRequested();
        var jobs = new NewJob[submissions.Count];
        for (var i = 0; i < jobs.Length; i++)
        {
            if (admission.Check(submissions[i], out var job) is { } refusal) return new Checked.Refused(i, refusal);
            jobs[i] = job!;
        }
        if (jobs.Length > 0 && await admission.AdmitAsync(jobs, ct) is { } full) return new Checked.Refused(-1, full);
        return new Checked.Fit(new JobWrite.Submit(jobs, atomic: true));
    }

    /// <summary>The job for whose sake the others were refused by the store; null where none was.</summary>
    public static Checked.Refused? RefusedAt(JobWrite.Submit submit)
    {
        var place = Array.FindIndex(submit.Outcomes, static outcome => outcome is SubmitOutcome.Refused refused && refused.Refusal.Code != JobRefusals.BatchRefused.Code);
        return place < 0 ? null : new Checked.Refused(place, ((SubmitOutcome.Refused)submit.Outcomes[place]).Refusal);
    }

    internal abstract record Checked
    {
        private Checked()
        {
        }

        public sealed record Fit(JobWrite.Submit Submit) : Checked;

        public sealed record Refused(int Job, Refusal Refusal) : Checked;
    }
}
