using System.Globalization;
using System.Text.Json;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary><c>submit --batch</c>: every line of a file becomes a job.</summary>
internal static class SubmitBatch
{
    /// <summary>Refused lines told one by one; the rest are counted.</summary>
    private const int MostTold = 20;

    public static async Task<int> RunAsync(string file, Invocation invocation, CancellationToken ct)
    {
        Stream source;
        try
        {
            source = file == "-" ? invocation.Shell.OpenIn() : File.OpenRead(Path.Combine(invocation.Shell.Folder, file));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return invocation.Usage($"The batch cannot be read: {unreadable.Message}");
        }
        var upload = new BatchUpload(invocation.Client, invocation.Shell.Time);
        try
        {
            var answer = await ProgressBar.WhileAsync(invocation.Shell, "lines", source.CanSeek ? Math.Max(1, source.Length) : null, bar => upload.SendAsync(
                BatchLines.ReadAsync(source, ct), (line, item) => Tell(line, item, upload.Totals, invocation), () => Move(bar, source, upload.Totals), ct));
            Print(upload.Totals, answer is Answer.Ok, invocation);
            if (answer is Answer.Ok) return upload.Totals.Rejected == 0 ? ExitCodes.Done : ExitCodes.Refused;
            var code = Failures.Report(answer, invocation);
            if (upload.Totals.Answered > 0) invocation.Say("Give each line its own id, and the same file can be sent again: no line makes two jobs.");
            return code;
        }
        catch (InvalidDataException fault)
        {
            Print(upload.Totals, complete: false, invocation);
            return invocation.Usage(fault.Message);
        }
    }

    /// <summary>What was read of a file is all but what is answered; of a pipe only the count is known.</summary>
    private static void Move(ProgressBar bar, Stream source, BatchTotals totals)
    {
        if (totals.Answered % 100 != 0) return;
        if (source.CanSeek) bar.Report(source.Position, totals.Answered.ToString("N0", CultureInfo.InvariantCulture));
    }

    private static void Tell(BatchLine line, JsonElement item, BatchTotals totals, Invocation invocation)
    {
        if (invocation.Printer.Format == OutputFormat.Ndjson) invocation.Printer.Line(JsonText.Compact(WithLine(line, item)));
        if (item.Member("problem") is not { } problem) return;
        if (totals.Rejected <= MostTold) invocation.Say($"line {line.Number}: {problem.Text("detail")} [{problem.Text("code")}]");
        if (totals.Rejected == MostTold) invocation.Say("Further refused lines are only counted; -o ndjson tells them all.");
    }

    /// <summary>The node counts lines of a window; people count those of their file.</summary>
    private static JsonElement WithLine(BatchLine line, JsonElement item) => JsonText.Build(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("line", line.Number);
        foreach (var member in item.EnumerateObject())
            if (member.Name != "index") member.WriteTo(json);
        json.WriteEndObject();
    });

    private static void Print(BatchTotals totals, bool complete, Invocation invocation)
    {
        var document = JsonText.Build(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("accepted", totals.Accepted);
            json.WriteNumber("rejected", totals.Rejected);
            json.WriteNumber("deduplicated", totals.Deduplicated);
            json.WriteBoolean("complete", complete);
            json.WriteEndObject();
        });
        invocation.Printer.Document(document, () => invocation.Printer.Line(string.Create(
            CultureInfo.InvariantCulture, $"{totals.Accepted} accepted, {totals.Deduplicated} known already, {totals.Rejected} refused")));
    }
}
