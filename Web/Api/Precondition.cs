using System.Globalization;
using ActorPerf.Tasks;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Api;

/// <summary>On which version a write insists (RFC 9110): none, there being none, there being one, or one of several.</summary>
internal abstract record Precondition
{
    private const int MaxTags = 20;

    private Precondition()
    {
    }

    public sealed record Nothing : Precondition;

    /// <summary><c>If-None-Match: *</c></summary>
    public sealed record Absent : Precondition;

    /// <summary><c>If-Match: *</c></summary>
    public sealed record Present : Precondition;

    /// <summary><c>If-Match: "3"</c>, or several.</summary>
    public sealed record Version(IReadOnlyList<long> Any) : Precondition;

    public static Refusal Failed(string what) => new("precondition-failed", $"{what} Read it again, and repeat with the ETag it has then.");

    /// <summary>Null with the condition; the refusal where the headers make no sense for a write.</summary>
    public static Refusal? Read(HttpRequest request, out Precondition condition)
    {
        condition = new Nothing();
        var (match, none) = (request.Headers.IfMatch, request.Headers.IfNoneMatch);
        if (match.Count > 0 && none.Count > 0) return new Refusal("invalid-request", "If-Match and If-None-Match contradict each other. Send one of them.");
        if (none.Count > 0)
        {
            condition = new Absent();
            return none.ToString().Trim() == "*" ? null : new Refusal("invalid-request", "A write takes 'If-None-Match: *' (only if there is none) and no other. For a certain version use If-Match.");
        }
        if (match.Count == 0) return null;
        if (match.ToString().Trim() == "*")
        {
            condition = new Present();
            return null;
        }
        var versions = new List<long>();
        foreach (var tag in match.ToString().Split(',', MaxTags + 1, StringSplitOptions.TrimEntries))
            if (TryVersion(tag, out var version)) versions.Add(version);
        condition = new Version(versions);                     // a tag that is none of ours matches nothing
        return null;
    }

    /// <summary>The versions that <c>If-Match</c> names on a change of a job; null where any will do.</summary>
    /// <remarks>A job's tag may carry a hash behind its version, of what is not stored (progress, the reason); it is no part of the condition.</remarks>
    public static Refusal? ReadJob(HttpRequest request, out IReadOnlyList<long>? versions)
    {
        versions = null;
        if (request.Headers.IfNoneMatch.Count > 0) return new Refusal("invalid-request", "A change of a job takes no If-None-Match. For a certain version use If-Match.");
        var match = request.Headers.IfMatch;
        if (match.Count == 0 || match.ToString().Trim() == "*") return null;
        var named = new List<long>();
        foreach (var tag in match.ToString().Split(',', MaxTags + 1, StringSplitOptions.TrimEntries))
        {
            var version = tag.IndexOf('-') is > 0 and var hash && tag.EndsWith('"') ? tag[..hash] + "\"" : tag;
            if (TryVersion(version, out var number)) named.Add(number);
        }
        versions = named;                                      // a tag that is none of ours matches nothing
        return null;
    }

    /// <summary>Whether a tag of <c>If-None-Match</c> on a read names this version; weakly compared, as the RFC says for reads.</summary>
    public static bool IsKnown(string? tags, long version)
    {
        if (tags is null) return false;
        foreach (var range in tags.AsSpan().Split(','))
        {
            var tag = tags.AsSpan(range).Trim();
            if (tag.StartsWith("W/")) tag = tag[2..];
            if (tag is "*" || (TryVersion(tag, out var known) && known == version)) return true;
        }
        return false;
    }

    private static bool TryVersion(ReadOnlySpan<char> tag, out long version)
    {
        version = 0;
        return tag is ['"', .. var digits, '"'] && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out version) && version > 0;
    }
}
