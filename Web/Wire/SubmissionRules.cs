using System.Buffers;
using System.Globalization;
using System.Text.RegularExpressions;
using ActorPerf.Tasks;

namespace ActorPerf.Web.Wire;

/// <summary>What a single member of a submission may hold. Each rule answers null, or what is wrong in words.</summary>
internal static partial class SubmissionRules
{
    public const int MaxTags = 50;
    public const int MaxMeta = 16 * 1024;
    public const string DurationRule = "write numbers with units, such as \"1500ms\", \"30s\", \"5m\", \"1h30m\" or \"7d\"";
    private const int MaxName = 64;
    private const int MaxTag = 100;

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <summary>Longest delay, time-out and time to live: ten years.</summary>
    public static TimeSpan Longest { get; } = TimeSpan.FromDays(3653);

    public static TimeSpan Shortest { get; } = TimeSpan.FromMilliseconds(1);

    /// <summary>Why a text that cannot be read is no duration.</summary>
    public static string NoDuration(string text) => text.Length <= Durations.MaxLength && TooLong().IsMatch(text)
        ? $"'{JsonFault.Shown(text)}' is too long: at most 10 years."
        : $"'{JsonFault.Shown(text)}' is no duration of 0 or more: {DurationRule}.";

    public static string? Queue(string name) => IsName(name) ? null : $"'{JsonFault.Shown(name)}' is no queue's name: write 1 to {MaxName} of a-z 0-9 . _ -";

    public static string? Task(string name) => name.Length is > 0 and <= MaxName && !HasControls(name)
        ? null                                               // whether there is such a task is the catalogue's to say
        : $"A task's name has 1 to {MaxName} characters, none of them a control character; this has {name.Length}.";

    public static string? Tag(string tag)
    {
        if (tag.Length is 0 or > MaxTag) return $"A tag has 1 to {MaxTag} characters; this has {tag.Length}.";
        return HasControls(tag) || char.IsWhiteSpace(tag[0]) || char.IsWhiteSpace(tag[^1])
            ? "A tag holds no control or formatting characters and no space at its ends."
            : null;
    }

    public static bool IsName(string name) => name.Length is > 0 and <= MaxName && !name.AsSpan().ContainsAnyExcept(NameCharacters);

    public static Refusal ArgsTooLarge(long length, long most) => Refusal.Invalid(
        "payload-too-large", $"The arguments have {length} bytes; at most {most}. Store the large part elsewhere and pass its address, or raise actorperf.http.limits.args.",
        new FieldFault("/args", "Too large."));

    /// <summary>Formatting characters turn text around or hide it.</summary>
    private static bool HasControls(string text)
    {
        foreach (var c in text)
            if (c < ' ' || c > '~' && CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format) return true;
        return false;
    }

    /// <summary>The form of a duration, whose numbers are more than can be counted.</summary>
    [GeneratedRegex(Durations.Pattern, RegexOptions.NonBacktracking)]
    private static partial Regex TooLong();
}
