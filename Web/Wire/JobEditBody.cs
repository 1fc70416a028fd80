using System.Text.Json;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Web.Wire;

/// <summary>The body of <c>PATCH /jobs/{id}</c>: any of <c>priority</c>, <c>queue</c>, <c>runAt</c>, <c>tags</c>, as a merge patch (RFC 7396).</summary>
/// <remarks>What is absent stays. <c>null</c> is what the member is without a value: priority 5, no time to wait for, no tags; a job is always of a queue.</remarks>
internal static class JobEditBody
{
    private const int DefaultPriority = 5;

    public static Refusal? TryRead(ReadOnlyMemory<byte> body, int depth, DateTimeOffset now, out JobCommand.Edit? edit)
    {
        edit = null;
        var refusal = SmallBody.TryRead(body, depth, ["priority", "queue", "runAt", "tags"], out var document);
        using (document)
        {
            if (refusal is not null || document is null) return refusal;
            var faults = new List<FieldFault>();
            int? priority = null;
            string? queue = null;
            DateTimeOffset? runAt = null;
            IReadOnlyList<string>? tags = null;
            foreach (var member in document.RootElement.EnumerateObject())
            {
                switch (member.Name)
                {
                    case "priority": priority = Priority(member.Value, faults); break;
                    case "queue": queue = Queue(member.Value, faults); break;
                    case "runAt": runAt = RunAt(member.Value, now, faults); break;
                    default: tags = Tags(member.Value, faults); break;
                }
            }
            if (faults.Count > 0) return JsonFault.Members(faults);
            edit = new JobCommand.Edit(priority, queue, runAt, tags);
            return null;
        }
    }

    private static int? Priority(JsonElement value, List<FieldFault> faults)
    {
        if (value.ValueKind == JsonValueKind.Null) return DefaultPriority;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var priority) && priority is >= 0 and <= 9) return priority;
        faults.Add(new("/priority", $"{JsonFault.Shown(value.GetRawText())} is no priority: write a whole number from 0 to 9."));
        return null;
    }

    private static string? Queue(JsonElement value, List<FieldFault> faults)
    {
        if (!value.TryText(out var queue)) faults.Add(new("/queue", "Write the name of a queue; a job is always of one."));
        else if (SubmissionRules.Queue(queue) is { } fault) faults.Add(new("/queue", fault));
        else return queue;
        return null;
    }

    private static DateTimeOffset? RunAt(JsonElement value, DateTimeOffset now, List<FieldFault> faults)
    {
        if (value.ValueKind == JsonValueKind.Null) return now;
        if (!value.TryText(out var text) || !WireTime.TryParse(text, out var at))
            faults.Add(new("/runAt", $"{JsonFault.Shown(value.GetRawText())} is no time here: write one in RFC 3339 with its zone, in the years {WireTime.MinYear} to 9999, such as 2026-11-21T10:00:00Z."));
        else if (at - now > SubmissionRules.Longest) faults.Add(new("/runAt", $"'{JsonFault.Shown(text)}' is more than 10 years ahead: write an earlier time."));
        else return at;
        return null;
    }

    private static List<string>? Tags(JsonElement value, List<FieldFault> faults)
    {
        var tags = new List<string>();
        if (value.ValueKind == JsonValueKind.Null) return tags;
        if (value.ValueKind != JsonValueKind.Array)
        {
            faults.Add(new("/tags", "Write an array of texts."));
            return null;
        }
        if (value.GetArrayLength() > SubmissionRules.MaxTags)
        {
            faults.Add(new("/tags", $"{value.GetArrayLength()} tags; at most {SubmissionRules.MaxTags}."));
            return null;
        }
        foreach (var element in value.EnumerateArray())
        {
            var at = $"/tags/{tags.Count}";
            if (!element.TryText(out var tag)) faults.Add(new(at, "Write a text."));
            else if (SubmissionRules.Tag(tag) is { } fault) faults.Add(new(at, fault));
            else if (tags.Contains(tag)) faults.Add(new(at, "The tag is there twice."));
            tags.Add(tag ?? "");
        }
        return tags;
    }
}
