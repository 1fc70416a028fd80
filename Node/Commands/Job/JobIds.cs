using System.CommandLine;
using System.CommandLine.Parsing;

namespace ActorPerf.Node.Commands;

/// <summary>Ids of jobs as arguments; what is no UUID is a usage error.</summary>
internal static class JobIds
{
    /// <summary>More would be a search, for which the API has its own call.</summary>
    private const int Most = 1000;

    public static Argument<string> One()
    {
        var id = new Argument<string>("ID") { Description = "Id of the job" };
        id.Validators.Add(Check);
        return id;
    }

    public static Argument<string?> OneOrNone()
    {
        var id = new Argument<string?>("ID") { Description = "Id of the job", Arity = ArgumentArity.ZeroOrOne };
        id.Validators.Add(Check);
        return id;
    }

    public static Argument<string[]> Several()
    {
        var ids = new Argument<string[]>("ID") { Description = $"Ids of jobs, 1 to {Most}", Arity = new ArgumentArity(1, Most) };
        ids.Validators.Add(Check);
        return ids;
    }

    private static void Check(ArgumentResult result)
    {
        foreach (var token in result.Tokens)
            if (!Guid.TryParseExact(token.Value, "D", out _)) result.AddError($"'{token.Value}' is no job id: ids look like 0199aa5c-7e6b-7c44-9f0e-2f6d1c5d8a11.");
    }
}
