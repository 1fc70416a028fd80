using System.Text.Json;
using ActorPerf.Jobs;
using ActorPerf.Jobs.Webhooks;
using ActorPerf.Tasks;

namespace ActorPerf.Web.Wire;

/// <summary>Reads the body of <c>PUT /webhooks/{name}</c>; what its members mean is the front door's to check.</summary>
internal static class WebhookReader
{
    public const int MaxBody = 16 * 1024;
    private const int Depth = 3;

    /// <returns>Null with the definition; else the refusal.</returns>
    public static Refusal? TryRead(ReadOnlyMemory<byte> body, out WebhookDefinition? definition)
    {
        definition = null;
        var refusal = SmallBody.TryRead(body, Depth, ["url", "q", "secret", "events", "paused"], out var document);
        using (document)
        {
            if (refusal is not null || document is null) return refusal;
            if ((document.Text("url", out var url) ?? document.Text("q", out _) ?? document.Text("secret", out _)) is { } noText) return noText;
            _ = document.Text("q", out var query);
            _ = document.Text("secret", out var secret);
            var faults = new List<FieldFault>();
            var events = Events(document, faults);
            var paused = document.Has("paused", out var flag) && flag.ValueKind == JsonValueKind.True;
            if (document.Has("paused", out flag) && flag.ValueKind is not (JsonValueKind.True or JsonValueKind.False)) faults.Add(new("/paused", "Write true or false."));
            if (faults.Count > 0) return JsonFault.Members(faults);
            definition = new WebhookDefinition { Url = url, Query = query ?? "", Secret = secret, Events = events, Paused = paused };
            return null;
        }
    }

    private static IReadOnlyList<JobState> Events(JsonDocument document, List<FieldFault> faults)
    {
        if (!document.Has("events", out var value)) return WebhookEvents.Default;
        var events = new List<JobState>();
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= WebhookEvents.All.Count)
        {
            foreach (var item in value.EnumerateArray())
            {
                var at = item.TryText(out var word) ? WebhookEvents.Words.ToList().IndexOf(word) : -1;
                if (at < 0) faults.Add(new($"/events/{events.Count}", $"Use one of {string.Join(", ", WebhookEvents.Words)}."));
                events.Add(at < 0 ? default : WebhookEvents.All[at]);
            }
        }
        else faults.Add(new("/events", $"Write an array of {string.Join(", ", WebhookEvents.Words)}."));
        return events;
    }
}
