using System.Text.RegularExpressions;
using ActorPerf.Tasks;

namespace ActorPerf.Jobs;

/// <summary>What a queue may be called.</summary>
public static partial class QueueNames
{
    private const int MaxShown = 64;

    /// <summary>Null when a queue may have this name.</summary>
    public static Refusal? Check(string name) => Pattern().IsMatch(name)
        ? null
        : new Refusal("not-found", $"'{(name.Length <= MaxShown ? name : name[..MaxShown] + "…")}' is no queue name: use 1 to 64 of a-z 0-9 . _ -.");

    [GeneratedRegex("^[a-z0-9._-]{1,64}\\z", RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();
}
