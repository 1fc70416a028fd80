using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>For features that put jobs into a transaction of their own: what <see cref="IJobs.SubmitAsync"/> checks before it stores.</summary>
internal interface IJobAdmission
{
    /// <summary>Checks a submission and makes its row.</summary>
    /// <returns>Null when it fits; else why not.</returns>
    Refusal? Check(Submission submission, out NewJob? job);

    /// <summary>Asks whether the node takes these jobs now. The answer may be out of date when they are stored, as far as others were admitted meanwhile.</summary>
    /// <returns>Null: it does.</returns>
    ValueTask<Refusal?> AdmitAsync(IReadOnlyList<NewJob> jobs, CancellationToken ct);
}
