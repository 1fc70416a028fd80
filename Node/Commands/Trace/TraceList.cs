using System.CommandLine;
using System.Globalization;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>Requests and attempts of jobs that a node remembers.</summary>
internal static class TraceList
{
    private static readonly Column[] Columns =
    [
        Column.Of("ID", "id"), Column.Of("STARTED AT", "startedAt"), new("TOOK", trace => FineTime.Of(trace.Number("duration")), Right: true),
        new("OUTCOME", Outcome), Column.Of("CALLS", "calls", right: true), Column.Of("FINDINGS", "findings", right: true), Column.Of("ROUTE", "route"), Column.Of("TITLE", "title"),
    ];

    public static Command Create(GlobalOptions globals)
    {
        var route = Options.Text("--route", "Only this route, as the list writes it", "ROUTE");
        var least = Options.Duration("--min-duration", "Only those that took as long");
        var kind = Options.Word("--kind", "Only requests, only attempts of jobs, or only webhooks", ["request", "attempt", "webhook"]);
        var errors = Options.Flag("--errors", "Only those that ended in an error");
        var slowest = Options.Flag("--slowest", "The slowest first, not the newest");
        var everywhere = TraceOptions.Everywhere();
        var paging = new Paging();
        var command = globals.Command("list", "Prints the requests and attempts of jobs that a node remembers.", "trace list --min-duration 250ms");
        foreach (var option in new Option[] { route, least, kind, errors, slowest, everywhere }) command.Options.Add(option);
        paging.AddTo(command);
        return command.Runs(globals, Takes.Watch | Takes.All, async (invocation, parsed, ct) =>
        {
            var path = Api.With(
                Api.Root + "traces", ("route", parsed.GetValue(route)), ("minDuration", Spelled(parsed.GetValue(least))), ("kind", parsed.GetValue(kind)),
                ("errors", parsed.GetValue(errors) ? "true" : null), ("sort", parsed.GetValue(slowest) ? "-duration" : null),
                ("everywhere", TraceOptions.Spelled(parsed.GetValue(everywhere))), ("limit", paging.Limit(parsed)), ("cursor", paging.Cursor(parsed)));
            return invocation.Show(await invocation.Client.GetAsync(path, ct), page => Paging.Print(page, Columns, invocation));
        });
    }

    /// <summary>The error where there is one, else the status, else nothing to complain about.</summary>
    private static string Outcome(System.Text.Json.JsonElement trace) =>
        trace.Text("error") is { Length: > 0 } error ? $"{trace.Text("status")} {error}".Trim() : trace.Text("status") is { Length: > 0 } status ? status : "ok";

    private static string? Spelled(TimeSpan? time) => time is { } value ? string.Create(CultureInfo.InvariantCulture, $"{(long)Math.Ceiling(value.TotalMilliseconds)}ms") : null;
}
