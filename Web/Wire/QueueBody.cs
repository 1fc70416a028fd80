using System.Text.Json;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Web.Wire;

/// <summary>Reads the body of <c>PATCH /queues/{name}</c>: a merge patch of what is stored for a queue, whose null takes a member back.</summary>
internal static class QueueBody
{
    private static readonly string[] Members = ["paused", "concurrency", "rate", "keyConcurrency", "keyRate"];

    /// <returns>Null with the change; else why not, with every fault.</returns>
    public static Refusal? Read(ReadOnlyMemory<byte> body, out QueueChange? change)
    {
        change = null;
        var fault = SmallBody.TryRead(body, depth: 3, Members, out var document);
        using (document)
        {
            if (fault is not null || document is null) return fault;
            var faults = new List<FieldFault>();
            var root = document.RootElement;
            var read = new QueueChange
            {
                Paused = Flag(root, "paused", faults),
                Concurrency = Count(root, "concurrency", faults),
                Rate = RateOf(root, "rate", faults),
                KeyConcurrency = Count(root, "keyConcurrency", faults),
                KeyRate = RateOf(root, "keyRate", faults),
            };
            if (faults.Count > 0) return JsonFault.Members(faults);
            change = read;
            return null;
        }
    }

    private static Setting<bool>? Flag(JsonElement root, string name, List<FieldFault> faults)
    {
        if (!root.TryGetProperty(name, out var value)) return null;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) return new Setting<bool>(value.GetBoolean());
        if (value.ValueKind != JsonValueKind.Null) faults.Add(new("/" + name, $"{JsonFault.Shown(value.GetRawText())} is neither: write true, false or null."));
        return new Setting<bool>(null);
    }

    private static Setting<int>? Count(JsonElement root, string name, List<FieldFault> faults)
    {
        if (!root.TryGetProperty(name, out var value)) return null;
        if (value.ValueKind == JsonValueKind.Null) return new Setting<int>(null);
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var count)) return new Setting<int>(count);
        faults.Add(new("/" + name, $"{JsonFault.Shown(value.GetRawText())} is no limit: write a whole number from 0 to {QueueLimits.MaxConcurrency}, or null; 0 is no limit."));
        return null;
    }

    private static Setting<Rate>? RateOf(JsonElement root, string name, List<FieldFault> faults)
    {
        if (!root.TryGetProperty(name, out var value)) return null;
        if (value.ValueKind == JsonValueKind.Null) return new Setting<Rate>(null);
        if (value.ValueKind != JsonValueKind.Object)
        {
            faults.Add(new("/" + name, "Write {\"limit\": 10, \"per\": \"1s\"}, or null."));
            return null;
        }
        foreach (var member in value.EnumerateObject())
            if (member.Name is not ("limit" or "per")) faults.Add(new($"/{name}/{JsonPointer.Escape(JsonFault.Shown(member.Name))}", "No such member; there are limit, per."));
        var limit = 0;
        if (!value.TryGetProperty("limit", out var limits) || limits.ValueKind != JsonValueKind.Number || !limits.TryGetInt32(out limit))
            faults.Add(new($"/{name}/limit", $"Write a whole number from 0 to {Rate.MaxLimit}; 0 is no limit."));
        var per = TimeSpan.FromSeconds(1);
        // A merge would keep the stored one, and nobody sees which that is.
        if (!value.TryGetProperty("per", out var pers))
        {
            if (limit > 0) faults.Add(new($"/{name}/per", "It is needed: write a duration such as \"1s\" or \"1m\"."));
        }
        else if (!(pers.TryText(out var text) && Durations.TryParse(text, out per)))
            faults.Add(new($"/{name}/per", $"{JsonFault.Shown(pers.GetRawText())} is no duration: write one such as \"500ms\", \"1s\" or \"1m\"."));
        return new Setting<Rate>(new Rate(limit, per));
    }
}
