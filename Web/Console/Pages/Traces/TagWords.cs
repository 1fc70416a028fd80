using System.Globalization;
using ActorPerf.Tracing;

namespace ActorPerf.Web.Console.Pages;

/// <summary>A call's tags in a few words. What the line says already (its name, batch, outcome, keys) is not said again.</summary>
internal static class TagWords
{
    private static readonly HashSet<string> Said = new(StringComparer.Ordinal)
    {
        SpanTags.Error, SpanTags.File, SpanTags.Line, SpanTags.Method, SpanTags.Route, SpanTags.Status, SpanTags.Path, SpanTags.Collection, SpanTags.Host, SpanTags.Namespace, SpanTags.Task,
        SpanTags.Batch, SpanTags.Keys, SpanTags.OwnKeys, SpanTags.Calls, SpanTags.MoreLinks, SpanTags.Job,
    };

    public static IEnumerable<string> Of(IReadOnlyList<KeyValuePair<string, string>> tags) => tags.Where(static tag => !Said.Contains(tag.Key)).Select(static tag => Of(tag.Key, tag.Value));

    private static string Of(string name, string value) => name switch
    {
        SpanTags.Outcome or SpanTags.Operation or SpanTags.State => value,
        SpanTags.Rows => value == "1" ? "1 row" : $"{value} rows",
        SpanTags.BatchWait when double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) => $"waited {Words.Fine(TimeSpan.FromSeconds(seconds))}",
        SpanTags.MissingIndex => $"no index {value}",
        SpanTags.Tries => $"try {value}",
        SpanTags.Attempt => $"attempt {value}",
        SpanTags.Jobs => value == "1" ? "1 job" : $"{value} jobs",
        SpanTags.Unawaited => "nobody awaited it",
        _ => $"{name} {value}",
    };
}
