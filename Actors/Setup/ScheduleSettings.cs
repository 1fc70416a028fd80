using System.Globalization;
using System.Text;
using System.Text.Json;
using ActorPerf.Configuration;
using ActorPerf.Jobs.Schedules;
using ActorPerf.Tasks;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Setup;

/// <summary>Reads <c>actorperf.schedules.NAME</c>. By hand, for the arguments are any JSON, which no options class holds.</summary>
internal static class ScheduleSettings
{
    /// <summary>The keys that are read.</summary>
    public static IReadOnlyList<string> Keys { get; } =
    [
        "cron", "time-zone", "task", "args", "namespace", "queue", "priority", "expires-in", "timeout", "max-attempts", "tags", "overlap", "misfire", "misfire-limit",
        "jitter", "paused",
    ];

    /// <param name="faults">Takes what is wrong, all of it.</param>
    public static IReadOnlyList<ConfiguredSchedule> Read(IConfiguration configuration, ICollection<ConfigurationFault> faults) =>
        [.. configuration.GetSection("actorperf:schedules").GetChildren().Where(schedule => schedule.Value is not null || schedule.GetChildren().Any()).Select(schedule => new Reading(configuration, schedule, faults).Schedule())];

    private sealed class Reading(IConfiguration configuration, IConfigurationSection schedule, ICollection<ConfigurationFault> faults)
    {
        public ConfiguredSchedule Schedule()
        {
            foreach (var child in schedule.GetChildren())
            {
                if (Keys.Contains(child.Key, StringComparer.OrdinalIgnoreCase)) continue;
                Fault(child.Key, TaskNames.Nearest(child.Key, Keys) is { } nearest ? $"is not a setting. Did you mean '{nearest}'?" : $"is not a setting. Known here: {string.Join(", ", Keys)}.");
            }
            if (!TaskNames.IsValid(schedule.Key)) Fault(null, $"'{schedule.Key}' is no name of a schedule: use {TaskNames.Rule}.");
            var definition = new ScheduleDefinition
            {
                Cron = Needed("cron"),
                TimeZone = schedule["time-zone"] ?? "UTC",
                Task = Needed("task"),
                Args = Args(),
                Queue = schedule["queue"],
                Priority = Number("priority") ?? 5,
                ExpiresIn = Duration("expires-in"),
                Timeout = Duration("timeout"),
                MaxAttempts = Number("max-attempts"),
                Tags = [.. schedule.GetSection("tags").GetChildren().Select(tag => tag.Value ?? "")],
                Overlap = (ScheduleOverlap)Word("overlap", ScheduleWords.Overlaps),
                Misfire = (ScheduleMisfire)Word("misfire", ScheduleWords.Misfires),
                MisfireLimit = Number("misfire-limit") ?? 100,
                Jitter = Duration("jitter") ?? TimeSpan.Zero,
                Paused = Flag("paused"),
            };
            foreach (var fault in ScheduleCheck.Faults(definition))
                if (schedule[Setting(fault.Pointer)] is not null) Fault(Setting(fault.Pointer), fault.Message);
            return new ConfiguredSchedule(Namespace(), schedule.Key, definition);
        }

        private static string Setting(string pointer) => SettingName.Kebab(pointer[1..]);

        private Namespace Namespace()
        {
            if (schedule["namespace"] is not { } name) return Tasks.Namespace.Default;
            if (!Tasks.Namespace.TryParse(name, out var ns)) Fault("namespace", $"'{name}' is no namespace: use {TaskNames.Rule}, beginning with a letter or digit.");
            return ns;
        }

        private string Needed(string key)
        {
            if (schedule[key] is { Length: > 0 } text) return text;
            Fault(key, "is required.");
            return "";
        }

        private int? Number(string key)
        {
            if (schedule[key] is not { } text) return null;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return number;
            Fault(key, $"is '{text}'; it must be a whole number.");
            return null;
        }

        private TimeSpan? Duration(string key)
        {
            if (schedule[key] is not { } text) return null;
            if (Durations.TryParse(text.Replace(" ", "", StringComparison.Ordinal), out var duration)) return duration;
            Fault(key, $"is '{text}'; it must be a duration such as 30s or 1h30m.");
            return null;
        }

        private bool Flag(string key)
        {
            switch (schedule[key])
            {
                case null or "false" or "off" or "no": return false;
                case "true" or "on" or "yes": return true;
                default:
                    Fault(key, $"is '{schedule[key]}'; it must be true or false.");
                    return false;
            }
        }

        private int Word(string key, IReadOnlyList<string> words)
        {
            if (schedule[key] is not { } text) return 0;
            for (var i = 0; i < words.Count; i++)
                if (words[i] == text) return i;
            Fault(key, $"is '{text}'; it must be one of {string.Join(", ", words)}.");
            return 0;
        }

        /// <summary>A group of settings becomes a JSON object; a text is JSON already.</summary>
        private byte[] Args()
        {
            var args = schedule.GetSection("args");
            if (args.Value is { Length: > 0 } text)
            {
                try
                {
                    using var read = JsonDocument.Parse(text);
                    return Encoding.UTF8.GetBytes(text);
                }
                catch (JsonException fault)
                {
                    Fault("args", $"is no JSON: {fault.Message.Split(" LineNumber:", 2)[0]} Write a group of settings, or JSON as a text.");
                }
            }
            if (!args.GetChildren().Any()) return "{}"u8.ToArray();
            using var buffer = new MemoryStream();
            using (var json = new Utf8JsonWriter(buffer)) Write(json, args);
            return buffer.ToArray();
        }

        private void Write(Utf8JsonWriter json, IConfigurationSection value)
        {
            SettingKind? kind = configuration.TryGetOrigin(value.Path, out var origin) ? origin.Kind : null;
            var children = value.GetChildren().ToList();
            if (kind == SettingKind.List || (kind is null && children.Count > 0 && children.Select((child, i) => child.Key == i.ToString(CultureInfo.InvariantCulture)).All(same => same)))
            {
                json.WriteStartArray();
                foreach (var child in children) Write(json, child);
                json.WriteEndArray();
            }
            else if (children.Count > 0 || kind == SettingKind.Object)
            {
                json.WriteStartObject();
                foreach (var child in children)
                {
                    json.WritePropertyName(child.Key);
                    Write(json, child);
                }
                json.WriteEndObject();
            }
            else Scalar(json, value.Value);
        }

        // A configuration does not tell a number from a text that looks like one; args as a JSON text do.
        private static void Scalar(Utf8JsonWriter json, string? text)
        {
            if (text is null) json.WriteNullValue();
            else if (text is "true" or "false") json.WriteBooleanValue(text == "true");
            else if (text.Length > 0 && (char.IsAsciiDigit(text[^1])) && IsNumber(text)) json.WriteRawValue(text);
            else json.WriteStringValue(text);
        }

        private static bool IsNumber(string text)
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text));
            try
            {
                return reader.Read() && reader.TokenType == JsonTokenType.Number && reader.BytesConsumed == Encoding.UTF8.GetByteCount(text);
            }
            catch (JsonException)
            {
                return false;
            }
        }

        private void Fault(string? key, string problem)
        {
            var setting = key is null ? $"schedules.{schedule.Key}" : $"schedules.{schedule.Key}.{key}";
            var fault = ActorPerfSettings.Fault(configuration, setting, problem);
            faults.Add(key is null ? fault : fault with { Problem = $"{fault.Setting} {problem}" });
        }
    }
}
