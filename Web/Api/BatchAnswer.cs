using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Web.Api;

/// <summary>One item of a batch: read, or refused while reading.</summary>
internal readonly record struct BatchItem(Submission? Submission, Refusal? Refusal);

/// <summary>What became of one item, as small as can be: it may wait long for a client that does not read.</summary>
internal readonly struct BatchAnswer
{
    private BatchAnswer(JobId id, bool deduplicated)
    {
        Id = id;
        Deduplicated = deduplicated;
    }

    public BatchAnswer(Refusal refusal) => Refusal = refusal;

    public JobId Id { get; }

    public bool Deduplicated { get; }

    public Refusal? Refusal { get; }

    public static BatchAnswer Of(SubmitOutcome outcome) => outcome switch
    {
        SubmitOutcome.Accepted accepted => new(accepted.Job.Row.Id, deduplicated: false),
        SubmitOutcome.Deduplicated deduplicated => new(deduplicated.Job.Row.Id, deduplicated: true),
        SubmitOutcome.Replayed replayed => new(replayed.Job.Row.Id, deduplicated: true),
        SubmitOutcome.Refused refused => new(refused.Refusal),
        _ => throw new InvalidOperationException($"Outcome {outcome.GetType().Name} is not known here."),
    };
}
