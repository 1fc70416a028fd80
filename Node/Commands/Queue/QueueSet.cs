using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;
using ActorPerf.Tasks;

namespace ActorPerf.Node.Commands;

/// <summary>Limits a queue.</summary>
internal static class QueueSet
{
    private const int Most = 1_000_000;
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    public static Command Create(GlobalOptions globals)
    {
        var queue = QueuePrinting.Name();
        var concurrency = Options.Number("--concurrency", "Jobs that run at once, over all nodes; 0 for no limit", 0, Most);
        var rate = RateOption("--rate", "Starts in a time, such as 10/s, 100/1m or 5/500ms; 0/s for no limit");
        var keyConcurrency = Options.Number("--key-concurrency", "Jobs of one limit key that run at once; 0 for no limit", 0, Most);
        var keyRate = RateOption("--key-rate", "Starts of jobs of one limit key in a time; 0/s for no limit");
        var command = globals.Command(
            "set", "Limits a queue on all nodes. What is set is stored and goes before the configuration until it is reset.", "queue set reports --concurrency 4 --rate 10/s");
        command.Arguments.Add(queue);
        foreach (var option in new Option[] { concurrency, rate, keyConcurrency, keyRate }) command.Options.Add(option);
        return command.Runs(globals, async (invocation, parsed, ct) =>
        {
            var (count, starts, ofKey, startsOfKey) = (parsed.GetValue(concurrency), parsed.GetValue(rate), parsed.GetValue(keyConcurrency), parsed.GetValue(keyRate));
            if (count is null && starts is null && ofKey is null && startsOfKey is null)
                return invocation.Usage("Say what to set: --concurrency N, --rate N/TIME, --key-concurrency N or --key-rate N/TIME.");
            var body = JsonText.Body(json =>
            {
                json.WriteStartObject();
                if (count is { } limit) json.WriteNumber("concurrency", limit);
                Write(json, "rate", starts);
                if (ofKey is { } limitOfKey) json.WriteNumber("keyConcurrency", limitOfKey);
                Write(json, "keyRate", startsOfKey);
                json.WriteEndObject();
            });
            return QueuePrinting.Show(await invocation.Client.PatchAsync(QueuePrinting.Path(parsed.GetRequiredValue(queue)), body, ct), invocation);
        });
    }

    private static void Write(Utf8JsonWriter json, string name, (int Limit, TimeSpan Per)? rate)
    {
        if (rate is not { } given) return;
        json.WriteStartObject(name);
        json.WriteNumber("limit", given.Limit);
        json.WriteString("per", string.Create(CultureInfo.InvariantCulture, $"{(long)given.Per.TotalMilliseconds}ms"));
        json.WriteEndObject();
    }

    private static Option<(int Limit, TimeSpan Per)?> RateOption(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "N/TIME",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (TryParse(text, out var rate)) return rate;
            result.AddError($"{name} {text}: write how many in which time, such as 10/s, 100/1m or 5/500ms.");
            return null;
        },
    };

    private static bool TryParse(string text, out (int Limit, TimeSpan Per) rate)
    {
        rate = default;
        var parts = text.Split('/');
        if (parts.Length != 2 || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var limit)) return false;
        var time = parts[1].Length > 0 && char.IsAsciiLetter(parts[1][0]) ? "1" + parts[1] : parts[1];
        if (limit > Most || !Durations.TryParse(time, out var per) || per < Shortest || per > Longest) return false;
        rate = (limit, per);
        return true;
    }
}
