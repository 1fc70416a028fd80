using System.Text.Json;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>Prints what became of the jobs a command named.</summary>
internal static class JobPrinting
{
    /// <summary>One job asked for is one document; several are a list.</summary>
    /// <param name="single">Prints a job for people where one was asked for.</param>
    public static void Print(IReadOnlyList<JsonElement> jobs, int asked, Invocation invocation, Action<JsonElement> single)
    {
        if (asked > 1) invocation.Printer.List(ListOf(jobs), JobColumns.All);
        else if (jobs is [var job]) invocation.Printer.Document(job, () => single(job));
    }

    /// <summary>A job that was told something: its id and where it is now.</summary>
    public static void PrintState(JsonElement job, Invocation invocation) =>
        invocation.Printer.Document(job, () => invocation.Printer.Line(Visible.Of($"{job.Text("id")} {job.Text("state")}")));

    /// <summary>A finished job: its result as bare JSON, or what went wrong.</summary>
    /// <returns>Done when it succeeded, else refused.</returns>
    public static int PrintOutcome(JsonElement job, Invocation invocation)
    {
        invocation.Printer.Document(job, () =>
        {
            if (job.Text("state") == "succeeded") invocation.Printer.Line(job.TryGetProperty("result", out var result) ? JsonText.Compact(result) : "null");
        });
        return Judge(job, invocation);
    }

    /// <summary>Says how a job ended where it did not succeed.</summary>
    public static int Judge(JsonElement job, Invocation invocation)
    {
        if (job.Text("state") == "succeeded") return ExitCodes.Done;
        var note = JobColumns.Note(job);
        invocation.Say($"Job {job.Text("id")} {job.Text("state")} on attempt {job.Text("attempt")} of {job.Text("maxAttempts")}{(note.Length > 0 ? $": {note}" : ".")}");
        invocation.Say($"See: {invocation.Shell.StartedAs} job show {job.Text("id")} --history");
        return ExitCodes.Refused;
    }

    private static JsonElement ListOf(IReadOnlyList<JsonElement> jobs) => JsonText.Build(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("items");
        foreach (var job in jobs) JsonText.Copy(job, json);
        json.WriteEndArray();
        json.WriteNull("next");
        json.WriteEndObject();
    });
}
