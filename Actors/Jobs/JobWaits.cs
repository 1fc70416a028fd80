using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>Waiting for several jobs in code, for as long as it takes.</summary>
public static class JobWaits
{
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(60);

    extension(IJobs jobs)
    {
        /// <summary>Waits until all of the jobs are final.</summary>
        /// <param name="ids">1 to 10,000 distinct ids.</param>
        /// <returns>The jobs, in the order of <paramref name="ids"/>.</returns>
        /// <exception cref="ArgumentException">No ids, too many, or one without a job: that wait would never end.</exception>
        public async Task<IReadOnlyList<Job>> WhenAllAsync(Namespace ns, IReadOnlyList<JobId> ids, CancellationToken ct) =>
            await UntilAsync(jobs, ns, ids, all: true, ct);

        /// <summary>Waits until one of the jobs is final.</summary>
        /// <param name="ids">1 to 10,000 distinct ids.</param>
        /// <returns>One that is final; the first of <paramref name="ids"/> where several are.</returns>
        /// <exception cref="ArgumentException">As of <c>WhenAllAsync</c>.</exception>
        public async Task<Job> WhenAnyAsync(Namespace ns, IReadOnlyList<JobId> ids, CancellationToken ct) =>
            (await UntilAsync(jobs, ns, ids, all: false, ct))[0];
    }

    private static async Task<IReadOnlyList<Job>> UntilAsync(IJobs jobs, Namespace ns, IReadOnlyList<JobId> ids, bool all, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfZero(ids.Count, nameof(ids));
        var known = await jobs.GetManyAsync(ns, ids, ct);
        for (var i = 0; i < ids.Count; i++)
            if (known[i] is null) throw new ArgumentException($"There is no job {ids[i]} in namespace '{ns}' to wait for.", nameof(ids));
        while (true)
        {
            var outcome = await jobs.WaitManyAsync(ns, ids, all, Round, ct);
            if (outcome.Unknown is [var gone, ..] && (all || outcome.Done.Count == 0))
                throw new ArgumentException($"Job {gone} in namespace '{ns}' was deleted while it was waited for.", nameof(ids));
            if (all ? outcome.Pending.Count == 0 : outcome.Done.Count > 0) return outcome.Done;
        }
    }
}
