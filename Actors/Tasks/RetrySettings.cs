namespace ActorPerf.Tasks;

/// <summary>Reads <c>retry { backoff { initial, factor, max }, non-retryable = [...], by-error { TYPE { initial, factor, max } } }</c>.</summary>
internal static class RetrySettings
{
    public static IReadOnlyList<string> Keys { get; } = ["backoff", "non-retryable", "by-error"];

    public static IReadOnlyList<string> BackoffKeys { get; } = ["initial", "factor", "max"];

    private const int MostTypes = 100;
    private const int LongestType = 200;

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    /// <returns>Null where nothing is said.</returns>
    /// <exception cref="TaskSetupException">A key is unknown or a value does not fit.</exception>
    public static RetryPolicy? Read(TaskSettings retry)
    {
        if (!retry.Exists) return null;
        retry.CheckKeys(Keys);
        var byError = retry.Below("by-error");
        var types = byError.Names.ToList();
        if (types.Count > MostTypes || !types.All(IsType)) throw retry.Fault("by-error", $"must have at most {MostTypes} error types of 1 to {LongestType} characters");
        return new RetryPolicy(
            Backoff(retry.Below("backoff")),
            retry.List("non-retryable", MostTypes, IsType, $"must be a list of at most {MostTypes} error types of 1 to {LongestType} characters"),
            types.Count == 0 ? null : types.ToDictionary(type => type, type => Backoff(byError.Below(type)) ?? BackoffPolicy.Default, StringComparer.Ordinal));
    }

    private static BackoffPolicy? Backoff(TaskSettings backoff)
    {
        if (!backoff.Exists) return null;
        if (backoff.Value is { Length: > 0 }) throw backoff.Fault("", "must be an object { initial, factor, max }");
        backoff.CheckKeys(BackoffKeys);
        var policy = BackoffPolicy.Default;
        policy = new BackoffPolicy(
            backoff.Duration("initial", Shortest, Longest) ?? policy.Initial,
            backoff.Number("factor", 1, 100, "must be a number from 1 to 100") ?? policy.Factor,
            backoff.Duration("max", Shortest, Longest) ?? policy.Max);
        return policy.Max >= policy.Initial ? policy : throw backoff.Fault("max", $"must not be below initial ({Durations.Format(policy.Initial)})", Durations.Format(policy.Max));
    }

    private static bool IsType(string type) => type.Length is >= 1 and <= LongestType;
}
