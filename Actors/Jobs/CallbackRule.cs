namespace ActorPerf.Jobs;

/// <summary>What a job's callback address may look like. Whether the node may call it is decided when it calls.</summary>
public static class CallbackRule
{
    public const int MaxLength = 2_048;

    /// <summary>Null when it can be one; else what is wrong, in words.</summary>
    public static string? Fault(string url)
    {
        if (url.Length is 0 or > MaxLength) return $"{url.Length} characters; an address has 1 to {MaxLength}.";
        foreach (var c in url)
            if (c <= ' ' || char.IsControl(c)) return "An address holds no spaces and no control characters; write them as %20 and the like.";
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.Host.Length == 0)
            return "Write an absolute http or https address, such as https://example.com/hooks/jobs.";
        // A password in an address ends up in logs and answers.
        return address.UserInfo.Length > 0 ? "The address holds a user name or a password. Leave them out; callbacks are signed." : null;
    }
}
