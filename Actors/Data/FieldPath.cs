using System.Text.RegularExpressions;

namespace ActorPerf.Data;

/// <summary>The rule for paths into an entity's JSON: members joined by dots; a part of digits alone is an array's item.</summary>
public static partial class FieldPath
{
    public const int MaxParts = 8;

    /// <summary>In words, for messages.</summary>
    public const string Rule = "at most 8 members joined by dots, each 1 to 64 of A-Z a-z 0-9 _ -; a number of at most 9 digits is an array's item";

    public static bool IsValid(string? path) => path is not null && path.Split('.') is { Length: <= MaxParts } parts && Array.TrueForAll(parts, part => Part().IsMatch(part));

    // Digits alone are an item's number, so at most nine of them.
    [GeneratedRegex(@"^(?:[0-9]{1,9}|(?=[A-Za-z0-9_-]{1,64}\z)[0-9]*[A-Za-z_-][A-Za-z0-9_-]*)\z")]
    private static partial Regex Part();
}
