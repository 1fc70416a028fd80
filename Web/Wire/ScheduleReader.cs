using System.Runtime.InteropServices;
using System.Text.Json;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Tasks;

namespace ActorPerf.Web.Wire;

/// <summary>Reads the body of <c>PUT /schedules/{name}</c>; what its members mean is the front door's to check.</summary>
internal sealed class ScheduleReader(HttpOptions options)
{
    private static readonly string[] Members =
    [
        "cron", "timeZone", "task", "args", "queue", "priority", "expiresIn", "timeout", "maxAttempts", "tags", "meta", "overlap", "misfire", "misfireLimit", "jitter", "paused",
    ];

    public long MaxBody { get; } = options.Limits.Args + 64 * 1024;

    /// <returns>Null with the definition; else the refusal with every faulty member.</returns>
    public Refusal? Read(ReadOnlyMemory<byte> body, out ScheduleDefinition? definition)
    {
        definition = null;
        var fault = SmallBody.TryRead(body, options.Limits.Depth, Members, out var document);
        using (document)
        {
            if (fault is not null || document is null) return fault;
            var draft = new Draft(document);
            var read = draft.Definition();
            if (draft.Faults.Count > 0) return JsonFault.Members(draft.Faults);
            if (read.Args.Length > options.Limits.Args) return SubmissionRules.ArgsTooLarge(read.Args.Length, options.Limits.Args);
            definition = read;
            return null;
        }
    }

    private sealed class Draft(JsonDocument document)
    {
        public List<FieldFault> Faults { get; } = [];

        public ScheduleDefinition Definition() => new()
        {
            Cron = Text("cron", isNeeded: true) ?? "",
            TimeZone = Text("timeZone") ?? "UTC",
            Task = Text("task", isNeeded: true) ?? "",
            Args = document.Has("args", out var args) ? JsonMarshal.GetRawUtf8Value(args).ToArray() : "{}"u8.ToArray(),
            Queue = Text("queue"),
            Priority = Integer("priority") ?? 5,
            ExpiresIn = Duration("expiresIn"),
            Timeout = Duration("timeout"),
            MaxAttempts = Integer("maxAttempts"),
            Tags = Tags(),
            Meta = Meta(),
            Overlap = (ScheduleOverlap)Word("overlap", ScheduleWords.Overlaps),
            Misfire = (ScheduleMisfire)Word("misfire", ScheduleWords.Misfires),
            MisfireLimit = Integer("misfireLimit") ?? 100,
            Jitter = Duration("jitter") ?? TimeSpan.Zero,
            Paused = Flag("paused"),
        };

        private string? Text(string name, bool isNeeded = false)
        {
            if (!document.Has(name, out var value))
            {
                if (isNeeded) Fault(name, "It is needed.");
                return null;
            }
            if (value.TryText(out var text)) return text;
            Fault(name, "Write a text.");
            return null;
        }

        private int? Integer(string name)
        {
            if (!document.Has(name, out var value)) return null;
            if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number)) return number;
            Fault(name, "Write a whole number.");
            return null;
        }

        private TimeSpan? Duration(string name)
        {
            if (Text(name) is not { } text) return null;
            if (Durations.TryParse(text, out var duration)) return duration;
            Fault(name, $"'{JsonFault.Shown(text)}' is no duration of 0 or more: {SubmissionRules.DurationRule}.");
            return null;
        }

        private int Word(string name, IReadOnlyList<string> words)
        {
            if (Text(name) is not { } text) return 0;
            for (var i = 0; i < words.Count; i++)
                if (words[i] == text) return i;
            Fault(name, $"Use one of {string.Join(", ", words)}.");
            return 0;
        }

        private bool Flag(string name)
        {
            if (!document.Has(name, out var value)) return false;
            if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False)) Fault(name, "Write true or false.");
            return value.ValueKind == JsonValueKind.True;
        }

        private List<string> Tags()
        {
            var tags = new List<string>();
            if (!document.Has("tags", out var value)) return tags;
            if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > SubmissionRules.MaxTags)
            {
                Fault("tags", $"Write an array of at most {SubmissionRules.MaxTags} texts.");
                return tags;
            }
            foreach (var tag in value.EnumerateArray())
            {
                if (!tag.TryText(out var text)) Fault($"tags/{tags.Count}", "Write a text.");
                else if (SubmissionRules.Tag(text) is { } fault) Fault($"tags/{tags.Count}", fault);
                tags.Add(text ?? "");
            }
            return tags;
        }

        private ReadOnlyMemory<byte> Meta()
        {
            if (!document.Has("meta", out var value)) return default;
            if (value.ValueKind == JsonValueKind.Object) return value.EnumerateObject().Any() ? JsonMarshal.GetRawUtf8Value(value).ToArray() : default;
            Fault("meta", "Write a JSON object.");
            return default;
        }

        private void Fault(string name, string message) => Faults.Add(new FieldFault("/" + name, message));
    }
}
