using System.CommandLine;
using System.Text.Json;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;
using ActorPerf.Node.Serving;

namespace ActorPerf.Node.Commands;

/// <summary>Checks every invariant of the stored data.</summary>
internal static class Verify
{
    public static Command Create(GlobalOptions globals)
    {
        var offline = Options.Flag("--offline", "Read the database file itself, beside a running node or without one; takes --config FILE and --storage:… as serve does");
        var command = globals.Command(
            "verify", "Checks every invariant of the stored data and names the ids that break one. Exit code 1 when one is broken.", "verify --offline");
        command.Options.Add(offline);
        return command.Runs(globals, Takes.Configuration, async (invocation, parsed, ct) =>
        {
            if (parsed.GetValue(offline))
                return await Offline.VerifyAsync(invocation.Configuration, found => Print(ToJson(found), invocation), invocation.Shell.Error, ct);
            if (invocation.Configuration is [var first, ..]) return invocation.Usage($"{first} needs --offline: a running node has its own configuration.");
            // Looking at every row takes as long as there are rows.
            var answer = await invocation.Client.SendAsync(
                new ApiRequest(HttpMethod.Post, Api.Root + "verify") { Body = "{}"u8.ToArray(), Patience = invocation.Timeout ?? TimeSpan.FromHours(1) }, ct);
            return invocation.Show(answer, body => Print(body, invocation));
        });
    }

    private static int Print(JsonElement body, Invocation invocation)
    {
        var violations = body.Items("violations");
        invocation.Printer.Document(body, () =>
        {
            if (violations.Count > 0)
                invocation.Printer.Table(violations, [Column.Of("INVARIANT", "invariant"), Column.Of("IDS", "ids"), Column.Of("DETAIL", "detail")]);
            else invocation.Printer.Line($"ok: {body.Text("checked")} rows checked, every invariant holds");
        });
        if (body.Flag("ok")) return ExitCodes.Done;
        invocation.Say($"{violations.Count} of the invariants are broken. Keep a copy of the database before anything else: {invocation.Shell.StartedAs} backup FILE");
        return ExitCodes.Refused;
    }

    private static JsonElement ToJson(Verification found) => JsonText.Build(json =>
    {
        json.WriteStartObject();
        json.WriteBoolean("ok", found.Ok);
        json.WriteNumber("checked", found.Checked);
        json.WriteStartArray("violations");
        foreach (var violation in found.Violations)
        {
            json.WriteStartObject();
            json.WriteString("invariant", violation.Invariant);
            json.WriteStartArray("ids");
            foreach (var id in violation.Ids) json.WriteStringValue(id);
            json.WriteEndArray();
            json.WriteString("detail", violation.Detail);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });
}
