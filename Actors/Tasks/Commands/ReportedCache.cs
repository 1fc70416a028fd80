using System.Text.Json;

namespace ActorPerf.Tasks.Commands;

/// <summary>What a process decides of its result in the cache: the member <c>cache</c> of its lines.</summary>
internal static class ReportedCache
{
    /// <summary>Takes <c>duration</c>, <c>staleWhileRevalidate</c>, <c>staleIfError</c>, <c>tags</c> and <c>doNotStore</c> from an object; others are ignored.</summary>
    /// <remarks>What cannot be read is told in the attempt's log, and the result is not kept: nobody knows for how long it is good.</remarks>
    /// <returns>Whether there was one of them.</returns>
    public static bool Apply(JsonElement decision, TaskContext? context)
    {
        if (decision.ValueKind != JsonValueKind.Object) return false;
        var (known, faults) = (false, new List<string>());
        var (duration, revalidate, ifError) = (Time("duration"), Time("staleWhileRevalidate"), Time("staleIfError"));
        var tags = Has("tags", out var list) ? Tags(list) ?? Fault<string[]>("tags", list, "a list of at most 16 texts of 1 to 256 characters") : null;
        var doNotStore = Has("doNotStore", out var flag) && (flag.ValueKind == JsonValueKind.True || (flag.ValueKind != JsonValueKind.False && Fault<object>("doNotStore", flag, "true or false") is not null));
        if (!known || context is null) return known;
        if (duration is { } life) context.Cache.KeepFor(life);
        if (revalidate is not null || ifError is not null) context.Cache.StaleFor(revalidate, ifError);
        if (tags is not null && !TryTag(context.Cache, tags)) faults.Add("'tags' are more than 16 in all");
        if (doNotStore || faults.Count > 0) context.Cache.DoNotStore();
        if (faults.Count > 0) context.Log($"What the process said of the cache cannot be read, so the result is not kept: {string.Join("; ", faults)} (docs/formats/worker-lines.md).", LogLevel.Warning);
        return true;

        bool Has(string name, out JsonElement value)
        {
            var there = decision.TryGetProperty(name, out value);
            known |= there;
            return there;
        }

        TimeSpan? Time(string name)
        {
            if (!Has(name, out var value)) return null;
            if (ReportedMembers.TryReadDelay(value, out var time)) return time;
            Fault<object>(name, value, "a duration such as \"10m\", or seconds");
            return null;
        }

        T? Fault<T>(string name, JsonElement value, string rule) where T : class
        {
            faults.Add($"'{name}' is {value.GetRawText()} and should be {rule}");
            return null;
        }
    }

    private static string[]? Tags(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > Memoization.MaxTags) return null;
        string[] tags = [.. value.EnumerateArray().Select(static tag => tag.ValueKind == JsonValueKind.String ? tag.GetString() ?? "" : "")];
        return Array.TrueForAll(tags, static tag => tag.Length is > 0 and <= Memoization.MaxTagLength) ? tags : null;
    }

    private static bool TryTag(TaskCache cache, string[] tags)
    {
        try
        {
            cache.Tag(tags);
            return true;
        }
        catch (ArgumentException)
        {
            return false;      // with those of lines before
        }
    }
}
