using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using ActorPerf.Jobs;

namespace ActorPerf.Web.Console.Forms;

/// <summary>The console's submissions and what came of them.</summary>
internal static class Submitted
{
    /// <summary>The job of an outcome that is no refusal.</summary>
    public static Job Of(SubmitOutcome outcome) => outcome switch
    {
        SubmitOutcome.Accepted(var job) => job,
        SubmitOutcome.Deduplicated(var job) => job,
        SubmitOutcome.Replayed(var job) => job,
        _ => throw new UnreachableException($"{outcome.GetType().Name} carries no job."),
    };

    /// <summary>With the digest that tells a repeat from another submission, over everything the form can say.</summary>
    public static Submission Digested(Submission submission)
    {
        var head = Encoding.UTF8.GetBytes($"{submission.Task}\n{submission.Queue}\n{submission.Priority}\n{submission.Delay}\n{submission.RerunOf}\n");
        var hash = SHA256.HashData([.. head, .. submission.Args.Span]);
        return submission with { Digest = new Guid(hash.AsSpan(0, 16)) };
    }
}
