using Microsoft.Extensions.Logging;

namespace ActorPerf.Web.Logs;

/// <summary>A line of a node's own log.</summary>
/// <param name="Seq">From 1 up, one more each, since the node was started.</param>
/// <param name="Category">Who wrote it: a type's full name.</param>
/// <param name="Message">At most 4,096 characters.</param>
/// <param name="Error">The exception with its stack, at most 8,192 characters; null without one.</param>
internal sealed record LogLine(long Seq, DateTimeOffset At, LogLevel Level, string Category, int EventId, string Message, string? Error);

/// <summary>Which lines somebody wants.</summary>
/// <param name="Least">This level and the more serious ones.</param>
/// <param name="Category">What a category begins with; null: all.</param>
/// <param name="Text">What stands in message or error, whatever its case; null: all.</param>
internal readonly record struct LogFilter(LogLevel Least, string? Category, string? Text)
{
    public bool Takes(LogLine line) => line.Level >= Least
        && (Category is null || line.Category.StartsWith(Category, StringComparison.Ordinal))
        && (Text is null || line.Message.Contains(Text, StringComparison.OrdinalIgnoreCase) || line.Error?.Contains(Text, StringComparison.OrdinalIgnoreCase) == true);
}

/// <summary>A line as a follower gets it.</summary>
/// <param name="Missed">Lines before it that came faster than the follower took them.</param>
internal readonly record struct FollowedLine(LogLine Line, long Missed);
