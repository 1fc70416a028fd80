using ActorPerf.Data;
using ActorPerf.Jobs;

namespace ActorPerf.Queries;

/// <summary>Jobs that are submitted with the entities of a transaction: <c>tx.Submit(new Submission { … })</c>.</summary>
public static class TransactionJobs
{
    /// <summary>Submits a job in the transaction: it is stored with the entities, or not at all; it starts once they are committed.</summary>
    /// <returns>The job's id. Each try of the transaction makes another one, unless the submission has its own.</returns>
    /// <exception cref="JobRefusedException">The job cannot be submitted: unknown task, bad arguments. What is found out only at the commit is thrown by the transaction:
    /// a full queue, an id or idempotency key that another submission has used.</exception>
    /// <exception cref="InvalidOperationException">The transaction does not belong to a node with jobs, or to another namespace.</exception>
    public static JobId Submit(this DataTransaction transaction, Submission submission)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(submission);
        if (submission.Namespace != transaction.Namespace)
            throw new InvalidOperationException($"A job of '{submission.Namespace}' cannot belong to a transaction of '{transaction.Namespace}'.");
        var door = transaction.Feature<IJobAdmission>() ?? throw new InvalidOperationException("This data stands for itself: only a node's transactions submit jobs.");
        if (door.Check(submission, out var job) is { } refusal) throw new JobRefusedException(refusal);
        transaction.Part(() => new JobPart(door)).Add(job!);
        return job!.Row.Id;
    }

    /// <summary>The jobs of one try: one atomic write of the store.</summary>
    private sealed class JobPart(IJobAdmission door) : TransactionPart
    {
        private readonly Lock _gate = new();
        private readonly List<NewJob> _jobs = [];
        private JobWrite.Submit? _write;

        public void Add(NewJob job)
        {
            lock (_gate) _jobs.Add(job);
        }

        public override async ValueTask PrepareAsync(CancellationToken ct)
        {
            if (await door.AdmitAsync(_jobs, ct) is { } refusal) throw new JobRefusedException(refusal);
        }

        public override object ToWrite() => _write = new JobWrite.Submit(_jobs, atomic: true);

        public override Exception Refused(AttachedWriteRefusedException cause) =>
            _write?.Outcomes.OfType<SubmitOutcome.Refused>().FirstOrDefault(refused => refused.Refusal.Code != JobRefusals.BatchRefused.Code) is { } refused
                ? new JobRefusedException(refused.Refusal, cause) : cause;
    }
}
