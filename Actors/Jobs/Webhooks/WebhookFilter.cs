using System.Diagnostics.CodeAnalysis;

namespace ActorPerf.Jobs.Webhooks;

/// <summary>Which jobs a webhook is about.</summary>
internal interface IJobMatcher
{
    bool Matches(JobRow row);
}

/// <summary>Reads the <c>q</c> of a webhook: words <c>state:</c>, <c>task:</c>, <c>queue:</c>, <c>tag:</c>, all of which must hold; <c>-</c> before one turns it round.</summary>
/// <remarks>It is asked inside the transaction of every move, so it looks at the row alone.</remarks>
internal static class WebhookFilter
{
    public const int MaxLength = 2_000;
    private const string Known = "state:, task:, queue: and tag:";

    public static bool TryParse(string query, [NotNullWhen(true)] out IJobMatcher? matcher, [NotNullWhen(false)] out string? fault)
    {
        (matcher, fault) = (null, null);
        if (query.Length > MaxLength)
        {
            fault = $"{query.Length} characters; a query has at most {MaxLength}.";
            return false;
        }
        var words = new List<Word>();
        foreach (var text in query.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (Read(text, out var notRead) is not { } word)
            {
                fault = notRead;
                return false;
            }
            words.Add(word);
        }
        matcher = new All(words);
        return true;
    }

    private static Word? Read(string text, out string fault)
    {
        fault = "";
        var isNot = text[0] == '-';
        var bare = isNot ? text[1..] : text;
        var colon = bare.IndexOf(':', StringComparison.Ordinal);
        var value = bare[(colon + 1)..];
        if (colon <= 0 || value.Length == 0)
        {
            fault = $"'{text}' is no condition. A webhook knows {Known}, each with a value.";
            return null;
        }
        Func<JobRow, bool>? holds = bare[..colon] switch
        {
            "state" when JobStates.All.FirstOrDefault(state => state.Word == value, (JobState)(-1)) is var state && (int)state >= 0 => row => row.State == state,
            "task" => row => row.Task == value,
            "queue" => row => row.Queue == value,
            "tag" => row => row.Tags.Contains(value),
            _ => null,
        };
        if (holds is not null) return new Word(holds, isNot);
        fault = bare.StartsWith("state:", StringComparison.Ordinal) ? $"'{value}' is no state." : $"'{bare[..colon]}:' cannot be asked of a webhook, which knows {Known}.";
        return null;
    }

    private sealed record Word(Func<JobRow, bool> Holds, bool IsNot);

    private sealed class All(IReadOnlyList<Word> words) : IJobMatcher
    {
        public bool Matches(JobRow row)
        {
            foreach (var word in words)
                if (word.Holds(row) == word.IsNot) return false;
            return true;
        }
    }
}
