using System.CommandLine;
using System.Text.Json;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>One request or attempt with its calls, as a waterfall in text.</summary>
internal static class TraceShow
{
    public static Command Create(GlobalOptions globals)
    {
        var id = new Argument<string>("ID") { Description = "Its id as 'trace list' prints it, the id of its W3C trace, or a whole traceparent" };
        var every = Options.Flag("--every", "Each call in a row of its own, also alike ones of one batch");
        var everywhere = TraceOptions.Everywhere();
        var command = globals.Command("show", "Prints where the time of one request or attempt went: its calls below each other, those it shared marked, and what was found.", "trace show 00f067aa0ba902b7");
        command.Arguments.Add(id);
        command.Options.Add(every);
        command.Options.Add(everywhere);
        return command.Runs(globals, async (invocation, parsed, ct) =>
        {
            var path = Api.With($"{Api.Root}traces/{Uri.EscapeDataString(parsed.GetValue(id)!)}", ("everywhere", TraceOptions.Spelled(parsed.GetValue(everywhere))));
            return invocation.Show(await invocation.Client.GetAsync(path, ct), trace => invocation.Printer.Document(trace, () => Print(trace, parsed.GetValue(every), invocation.Printer)));
        });
    }

    private static void Print(JsonElement trace, bool every, Printer printer)
    {
        printer.Facts(
            ("route", trace.Text("route")), ("title", trace.Text("title")), ("namespace", trace.Text("namespace")), ("job", trace.Text("job")), ("started at", trace.Text("startedAt")),
            ("took", FineTime.Of(trace.Number("duration"))), ("status", trace.Text("status")), ("error", trace.Text("error")), ("trace", trace.Text("traceId")),
            ("recording it", FineTime.Of(trace.Number("ownCost"))));
        printer.Line("");
        printer.Grid(WaterfallText.Right, WaterfallText.Rows(trace, every));
        foreach (var line in WaterfallText.Legend(trace)) printer.Line(line);
        Findings(trace, printer);
        Related(trace, printer);
    }

    private static void Findings(JsonElement trace, Printer printer)
    {
        foreach (var finding in trace.Items("findings"))
        {
            printer.Line("");
            printer.Line($"{finding.Text("sort")}{(finding.Number("saving") is { } saving ? $", could save {FineTime.Of(saving)}" : "")}: {Visible.Of(finding.Text("message"))}");
            if (finding.Text("callSite") is { Length: > 0 } site) printer.Line($"  at {Visible.Of(site)}");
        }
    }

    private static void Related(JsonElement trace, Printer printer)
    {
        if (trace.Items("related") is not { Count: > 0 } related) return;
        printer.Line("");
        printer.Line("belongs with");
        foreach (var other in related) printer.Line($"  {other.Text("id")}  {FineTime.Of(other.Number("duration"))}  {Visible.Of(other.Text("route"))}");
    }
}
