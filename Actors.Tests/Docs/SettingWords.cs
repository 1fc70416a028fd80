using System.Reflection;
using System.Text.RegularExpressions;
using ActorPerf.Configuration;
using ActorPerf.Setup;
using ActorPerf.Tests.Architecture;
using ActorPerf.Web;

namespace ActorPerf.Tests.Docs;

/// <summary>What the comments of the options classes say of a setting, so that the manual and the code cannot differ.</summary>
internal static partial class SettingWords
{
    private static readonly Dictionary<(string Class, string Property), string> Summaries = Collect();

    /// <param name="key">Such as <c>actorperf.queues.&lt;name&gt;.max-waiting</c>.</param>
    public static string Of(string key)
    {
        var levels = key.Replace("[]", "", StringComparison.Ordinal).Split('.').Skip(1).ToArray();
        var type = levels[0] == "http" ? typeof(HttpOptions) : typeof(ActorPerfOptions);
        PropertyInfo? property = null;
        foreach (var level in levels[0] == "http" ? levels.Skip(1) : levels)
        {
            if (level == "<name>")
            {
                type = type.GetGenericArguments()[1];
                continue;
            }
            if (type.IsGenericType && type.GetGenericArguments() is [var element]) type = element;      // settings of a list's items
            property = type.GetProperties().Single(one => SettingName.Kebab(one.Name) == level);
            type = property.PropertyType;
        }
        return property is null ? "" : Summaries.GetValueOrDefault((property.DeclaringType!.Name, property.Name), "");
    }

    private static Dictionary<(string, string), string> Collect() =>
        (from file in SourceTree.Files("Actors", "Options.cs").Concat(SourceTree.Files("Web", "Options.cs"))
         from Match match in Documented().Matches(file.Text)
         let owner = Class().Matches(file.Text[..match.Index]).Last().Groups[1].Value
         select (Key: (owner, match.Groups[2].Value), Words: Plain(match.Groups[1].Value))).ToDictionary(one => one.Key, one => one.Words);

    // Default and bounds have columns of their own.
    private static string Plain(string summary)
    {
        var words = Space().Replace(summary.Replace("///", "", StringComparison.Ordinal), " ").Trim();
        words = Reference().Replace(Code().Replace(words, "`$1`"), "`$1`").Replace("&lt;", "<", StringComparison.Ordinal).Replace("&gt;", ">", StringComparison.Ordinal);
        return Standard().Replace(words, "").Trim();
    }

    [GeneratedRegex(@"/// <summary>((?:(?!</summary>)[\s\S])*)</summary>\s*(?:///[^\n]*\n\s*)*(?:\[[^\n]*\]\s*)*public [^\n{=(]*?(\w+) \{ get;")]
    private static partial Regex Documented();

    [GeneratedRegex(@"\b(?:class|record) (\w+)")]
    private static partial Regex Class();

    [GeneratedRegex("<c>(.*?)</c>")]
    private static partial Regex Code();

    [GeneratedRegex("<see cref=\"(?:\\w+\\.)*(\\w+)\"/>")]
    private static partial Regex Reference();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();

    [GeneratedRegex(@"\s*\bDefault(?: |:).*?(?:\.(?= [A-Z])|\.$|$)")]
    private static partial Regex Standard();
}
