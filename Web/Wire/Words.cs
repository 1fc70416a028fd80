using System.Text.Json;
using ActorPerf.Jobs;
using Microsoft.Extensions.Logging;

namespace ActorPerf.Web.Wire;

/// <summary>The words that states and levels have on the wire, encoded once.</summary>
internal static class Words
{
    private static readonly JsonEncodedText[] States = Encode();

    /// <summary>The words of <see cref="UniquePolicy"/>, each at its number.</summary>
    public static readonly string[] UniquePolicies = ["return", "reject", "replace"];

    /// <summary>The words of <see cref="UniqueUntil"/>, each at its number.</summary>
    public static readonly string[] UniqueUntils = ["finished", "started"];

    /// <summary>The words of <see cref="DependsOn"/>, each at its number.</summary>
    public static readonly string[] DependsOns = ["succeeded", "finished"];

    public static JsonEncodedText Of(JobState state) => States[(int)state];

    public static string Of(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "debug",
        LogLevel.Warning => "warning",
        LogLevel.Error or LogLevel.Critical => "error",
        _ => "information",
    };

    private static JsonEncodedText[] Encode()
    {
        var words = new JsonEncodedText[(int)JobStates.All.Max() + 1];
        foreach (var state in JobStates.All) words[(int)state] = JsonEncodedText.Encode(state.Word);
        return words;
    }
}
