using System.Globalization;
using System.Text.Json;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>How queues are named on the command line and printed.</summary>
internal static class QueuePrinting
{
    public static System.CommandLine.Argument<string> Name() => new("QUEUE") { Description = "Name of the queue" };

    public static string Path(string queue) => $"{Api.Root}queues/{Uri.EscapeDataString(queue)}";

    /// <summary>What holds, in few words; "" for nothing.</summary>
    public static string Limits(JsonElement queue)
    {
        var words = new List<string>();
        if (queue.Number("concurrency") is > 0 and var concurrency) words.Add(string.Create(CultureInfo.InvariantCulture, $"{concurrency:0} at once"));
        if (Rate(queue, "rate") is { } rate) words.Add(rate);
        if (queue.Number("keyConcurrency") is > 0 and var ofKey) words.Add(string.Create(CultureInfo.InvariantCulture, $"{ofKey:0} at once a key"));
        if (Rate(queue, "keyRate") is { } rateOfKey) words.Add(rateOfKey + " a key");
        return string.Join(", ", words);
    }

    public static string? Rate(JsonElement item, string name) =>
        item.Member(name) is { ValueKind: JsonValueKind.Object } rate ? $"{rate.Text("limit")}/{rate.Text("per")}s" : null;

    /// <summary>The queue after a change.</summary>
    public static int Show(Answer answer, Invocation invocation) => invocation.Show(answer, queue => invocation.Printer.Document(queue, () =>
        invocation.Printer.Line(Visible.Of($"{queue.Text("name")} {(queue.Flag("paused") ? "paused" : "open")} {Limits(queue)} ({queue.Text("source")})"))));
}
