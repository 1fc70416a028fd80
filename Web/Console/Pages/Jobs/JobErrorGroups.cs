using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using Filter = ActorPerf.Jobs.Search.JobFilter;

namespace ActorPerf.Web.Console.Pages;

/// <summary>What makes two errors the same: the type, and the message without what differs from time to time (numbers, ids, quoted values). Pure.</summary>
/// <param name="Mark">Eight hexadecimal digits, for people to compare.</param>
/// <param name="Piece">The longest part of the message that does not differ; empty where there is none worth searching.</param>
public readonly partial record struct ErrorFingerprint(string Mark, string Type, string Piece)
{
    private const int Shortest = 4;
    private const int Longest = 100;

    public static ErrorFingerprint Of(TaskError error)
    {
        var pieces = Varies().Split(error.Message).Select(piece => piece.Trim()).Where(piece => piece.Length > 0).ToList();
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{error.Type}\n{string.Join('\n', pieces)}"));
        var piece = pieces.OrderByDescending(piece => piece.Length).FirstOrDefault("");
        return new ErrorFingerprint(Convert.ToHexStringLower(hash.AsSpan(0, 4)), error.Type, piece.Length < Shortest ? "" : Cut(piece));
    }

    /// <summary>The search of jobs of this task whose newest error is like this one.</summary>
    public string Search(string task)
    {
        var parts = new List<Filter> { new Filter.Named(Jobs.Search.NameField.Task, task, Prefix: false) };
        if (Type.Length > 0 && !Type.Any(char.IsControl)) parts.Add(new Filter.Error(Type));
        if (Piece.Length > 0) parts.Add(new Filter.Error(Piece));
        return Filter.All(parts).ToString();
    }

    /// <summary>Not in the middle of a character.</summary>
    private static string Cut(string piece) => piece.Length <= Longest ? piece : piece[..(char.IsHighSurrogate(piece[Longest - 1]) ? Longest - 1 : Longest)];

    // Ids and other long hexadecimal words, what stands in quotes, numbers with their units, and what no search can hold.
    [GeneratedRegex("""[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F-]+|\b(?=[a-f]*\d)[0-9a-f]{8,}\b|'[^']*'|"[^"]*"|[-+]?\d[\d.,:]*(?:[a-zA-Z]{1,3}\b)?|[\p{C}]+""", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Varies();
}

/// <summary>Attempts of a job that failed alike.</summary>
/// <param name="Error">Of the newest of them.</param>
/// <param name="Attempts">Newest first.</param>
public sealed record JobErrorGroup(ErrorFingerprint Fingerprint, TaskError Error, IReadOnlyList<int> Attempts)
{
    /// <summary>The newest way to fail first; empty for a job without errors.</summary>
    public static IReadOnlyList<JobErrorGroup> Of(JobRow row, IReadOnlyList<AttemptRecord> attempts)
    {
        var failed = attempts.Where(attempt => attempt.Error is not null).Select(attempt => (attempt.Attempt, Error: attempt.Error!)).ToList();
        // An error that no attempt has: the job failed while it waited, or its attempts are kept no more.
        if (row.Error is { } own && failed.All(each => ErrorFingerprint.Of(each.Error) != ErrorFingerprint.Of(own))) failed.Add((0, own));
        return [.. failed.OrderByDescending(each => each.Attempt == 0 ? int.MaxValue : each.Attempt)
            .GroupBy(each => ErrorFingerprint.Of(each.Error))
            .Select(group => new JobErrorGroup(group.Key, group.First().Error, [.. group.Select(each => each.Attempt).Where(attempt => attempt > 0)]))];
    }
}
