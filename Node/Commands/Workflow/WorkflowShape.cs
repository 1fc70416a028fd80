using System.CommandLine;
using System.Text.Json;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>Submits one of the usual graphs, its jobs written on the command line: <c>TASK ARGS , TASK ARGS</c>.</summary>
internal static class WorkflowShape
{
    private const string Comma = ",";

    public static Command Chain(GlobalOptions globals) => Create(globals, "chain",
        "Submits jobs that run one after the other, each when the one before succeeded. They are called step1, step2 and so on, and may name results: {\"$result\": \"step1\"}.",
        """workflow chain square '{"n": 3}' , square '{"n": {"$result": "step1"}}'""",
        static (index, _) => ($"step{index + 1}", index == 0 ? [] : [$"step{index}"]));

    public static Command Group(GlobalOptions globals) => Create(globals, "group",
        "Submits jobs that run side by side. They are called job1, job2 and so on.",
        """workflow group square '{"n": 3}' , square '{"n": 4}'""",
        static (index, _) => ($"job{index + 1}", []));

    public static Command Chord(GlobalOptions globals) => Create(globals, "chord",
        "Submits jobs that run side by side, and a last one that starts when all of them succeeded. They are called job1, job2 and so on; the last may name results: {\"$result\": \"job1\"}.",
        """workflow chord square '{"n": 3}' , square '{"n": 4}' , sum '{"a": {"$result": "job1"}, "b": {"$result": "job2"}}'""",
        static (index, count) => index < count - 1 ? ($"job{index + 1}", []) : ("then", [.. Enumerable.Range(1, count - 1).Select(before => $"job{before}")]));

    private static Command Create(GlobalOptions globals, string name, string description, string example, Func<int, int, (string Name, string[] DependsOn)> shape)
    {
        var jobs = new Argument<string[]>("JOBS") { Description = "TASK ARGS , TASK ARGS …: a comma of its own stands between jobs; ARGS is JSON text or @FILE, {} where left out", Arity = ArgumentArity.OneOrMore };
        var title = Options.Text("--name", "What people see it called", "NAME");
        var stop = Options.Word("--on-failure", "What the first failure does to jobs that do not need its success; default continue", ["continue", "cancel"]);
        var command = globals.Command(name, description, example);
        command.Arguments.Add(jobs);
        command.Options.Add(title);
        command.Options.Add(stop);
        return command.Runs(globals, async (invocation, parsed, ct) =>
        {
            var (read, fault) = await ReadAsync(parsed.GetRequiredValue(jobs), invocation.Shell, ct);
            if (fault is not null) return invocation.Usage(fault);
            var body = Body(read, shape, parsed.GetValue(title), parsed.GetValue(stop));
            return invocation.Show(await invocation.Client.PostAsync(Api.Root + "workflows", body, ct), workflow => WorkflowIds.PrintMade(workflow, invocation));
        });
    }

    private static async Task<(List<(string Task, ReadOnlyMemory<byte> Args)> Jobs, string? Fault)> ReadAsync(string[] words, Shell shell, CancellationToken ct)
    {
        var jobs = new List<(string, ReadOnlyMemory<byte>)>();
        for (var at = 0; at <= words.Length;)
        {
            var end = Array.IndexOf(words, Comma, Math.Min(at, words.Length));
            if (end < 0) end = words.Length;
            if (end - at is < 1 or > 2) return (jobs, $"Job {jobs.Count + 1} has {end - at} words; write TASK ARGS, or TASK alone, and a comma of its own before the next.");
            var (json, fault) = await JsonArguments.ReadAsync(end - at == 2 ? words[at + 1] : "{}", shell, ct);
            if (fault is not null) return (jobs, $"Job {jobs.Count + 1}: {fault}");
            jobs.Add((words[at], json));
            at = end + 1;
            if (end == words.Length) break;
        }
        return (jobs, null);
    }

    private static ReadOnlyMemory<byte> Body(
        List<(string Task, ReadOnlyMemory<byte> Args)> jobs, Func<int, int, (string Name, string[] DependsOn)> shape, string? title, string? onFailure) => JsonText.Body(json =>
    {
        json.WriteStartObject();
        if (title is not null) json.WriteString("name", title);
        if (onFailure is not null) json.WriteString("onFailure", onFailure);
        json.WriteStartObject("jobs");
        for (var i = 0; i < jobs.Count; i++) WriteJob(json, jobs[i].Task, jobs[i].Args, shape(i, jobs.Count));
        json.WriteEndObject();
        json.WriteEndObject();
    });

    private static void WriteJob(Utf8JsonWriter json, string task, ReadOnlyMemory<byte> args, (string Name, string[] DependsOn) place)
    {
        json.WriteStartObject(place.Name);
        json.WriteString("task", task);
        json.WritePropertyName("args");
        json.WriteRawValue(args.Span);
        json.WriteStartArray("dependsOn");
        foreach (var parent in place.DependsOn) json.WriteStringValue(parent);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
