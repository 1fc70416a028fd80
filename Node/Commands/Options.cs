using System.CommandLine;
using ActorPerf.Tasks;

namespace ActorPerf.Node.Commands;

/// <summary>Makes options that check their value while the command line is read, so that a fault is a usage error.</summary>
internal static class Options
{
    private static readonly TimeSpan LongestDuration = TimeSpan.FromDays(3650);

    public static Option<string?> Text(string name, string description, string helpName, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = helpName };

    /// <summary>Text that goes into a header of the request: printable ASCII, 1 to 255 characters.</summary>
    public static Option<string?> Header(string name, string description, string helpName)
    {
        var option = Text(name, description, helpName);
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var value }] && (value.Length is 0 or > 255 || value.Any(character => character is < ' ' or > '~')))
                result.AddError($"{name}: write 1 to 255 printable ASCII characters.");
        });
        return option;
    }

    public static Option<string[]> Texts(string name, string description, string helpName, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = helpName, DefaultValueFactory = _ => [] };

    public static Option<bool> Flag(string name, string description, params string[] aliases) => new(name, aliases) { Description = description };

    /// <summary>A duration such as <c>5s</c>.</summary>
    public static Option<TimeSpan?> Duration(string name, string description, params string[] aliases) => new(name, aliases)
    {
        Description = description,
        HelpName = "DURATION",
        CustomParser = result =>
        {
            if (Durations.TryParse(result.Tokens[0].Value, out var duration) && duration > TimeSpan.Zero && duration <= LongestDuration) return duration;
            result.AddError($"{name} {result.Tokens[0].Value}: not a duration. Write one such as 500ms, 5s, 10m, 1h30m or 7d.");
            return null;
        },
    };

    public static Option<int?> Number(string name, string description, int least, int most, params string[] aliases) => new(name, aliases)
    {
        Description = $"{description} ({least} to {most})",
        HelpName = "N",
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, out var number) && number >= least && number <= most) return number;
            result.AddError($"{name} {result.Tokens[0].Value}: write a whole number from {least} to {most}.");
            return null;
        },
    };

    /// <summary>One of a few words.</summary>
    public static Option<string?> Word(string name, string description, string[] words, params string[] aliases)
    {
        var option = new Option<string?>(name, aliases) { Description = description, HelpName = string.Join('|', words) };
        option.AcceptOnlyFromAmong(words);
        return option;
    }
}
