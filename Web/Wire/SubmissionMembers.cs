using System.Text.Json;

namespace ActorPerf.Web.Wire;

/// <summary>The members of a submission, one bit each so that doubles are seen.</summary>
[Flags]
internal enum SubmissionMember
{
    None = 0,
    Task = 1 << 0,
    Args = 1 << 1,
    Id = 1 << 2,
    Queue = 1 << 3,
    Priority = 1 << 4,
    RunAt = 1 << 5,
    Delay = 1 << 6,
    ExpiresIn = 1 << 7,
    Timeout = 1 << 8,
    MaxAttempts = 1 << 9,
    Backoff = 1 << 10,
    Tags = 1 << 11,
    Meta = 1 << 12,
    UniqueKey = 1 << 13,
    UniquePolicy = 1 << 14,
    UniqueUntil = 1 << 15,
    LimitKey = 1 << 16,
    DependsOn = 1 << 17,
    Callback = 1 << 18,
}

/// <summary>The names of those members, exactly as they are spelt.</summary>
internal static class SubmissionMembers
{
    private static readonly (string Name, SubmissionMember Member)[] All =
    [
        ("task", SubmissionMember.Task), ("args", SubmissionMember.Args), ("id", SubmissionMember.Id), ("queue", SubmissionMember.Queue), ("priority", SubmissionMember.Priority),
        ("runAt", SubmissionMember.RunAt), ("delay", SubmissionMember.Delay), ("expiresIn", SubmissionMember.ExpiresIn), ("timeout", SubmissionMember.Timeout),
        ("maxAttempts", SubmissionMember.MaxAttempts), ("backoff", SubmissionMember.Backoff), ("tags", SubmissionMember.Tags), ("meta", SubmissionMember.Meta),
        ("uniqueKey", SubmissionMember.UniqueKey), ("uniquePolicy", SubmissionMember.UniquePolicy), ("uniqueUntil", SubmissionMember.UniqueUntil),
        ("limitKey", SubmissionMember.LimitKey), ("dependsOn", SubmissionMember.DependsOn), ("callback", SubmissionMember.Callback),
    ];

    private static readonly string Names = string.Join(", ", All.Select(static member => member.Name));

    /// <summary>The member whose name the reader stands on; <see cref="SubmissionMember.None"/> for another name.</summary>
    /// <exception cref="JsonException">The name holds half of a surrogate pair.</exception>
    public static SubmissionMember Of(ref Utf8JsonReader reader)
    {
        if (reader.ValueIsEscaped)
        {
            var name = JsonFault.Name(ref reader);           // the reader's own comparison would throw a fault of ours
            return Array.Find(All, candidate => candidate.Name == name).Member;
        }
        foreach (var (plain, member) in All)
            if (reader.ValueTextEquals(plain)) return member;
        return SubmissionMember.None;
    }

    public static string Pointer(SubmissionMember member) => "/" + Array.Find(All, candidate => candidate.Member == member).Name;

    public static string Unknown(string name) => string.Equals(Array.Find(All, candidate =>
            string.Equals(candidate.Name, name, StringComparison.OrdinalIgnoreCase)).Name, name, StringComparison.OrdinalIgnoreCase)
        ? "No such member; names are spelt in camelCase, exactly as in the documentation."
        : $"No such member; there are {Names}.";
}
