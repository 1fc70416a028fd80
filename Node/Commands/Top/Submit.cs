using System.CommandLine;
using System.Text.Json;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>Submits a job, or a bulk of them.</summary>
internal static class Submit
{
    public static Command Create(GlobalOptions globals)
    {
        var task = new Argument<string?>("TASK") { Description = "Name of the task", Arity = ArgumentArity.ZeroOrOne };
        var args = new Argument<string?>("ARGS") { Description = "JSON text, @FILE, or - for standard input; default {}", Arity = ArgumentArity.ZeroOrOne };
        var wait = Options.Flag("--wait", "Wait until the job has ended, and print its result as JSON");
        var batch = Options.Text("--batch", "Submit every line of FILE (- for standard input), each a JSON object as POST /jobs takes it", "FILE");
        var key = Options.Header("--idempotency-key", "Repeats with the same key within 24 h make one job", "KEY");
        var members = new SubmitOptions();
        var command = globals.Command(
            "submit",
            "Makes a durable job and prints its id. --timeout here is how long one attempt may run; how long to wait is said before the command: --timeout 10m submit … --wait. "
            + "With --batch, lines that were not answered are sent again, and no line makes two jobs.",
            """submit square '{"n": 12, "delay": "5s"}' --wait""");
        foreach (var argument in new[] { task, args }) command.Arguments.Add(argument);
        foreach (var option in new Option[] { wait, batch, key }) command.Options.Add(option);
        members.AddTo(command);
        return command.Runs(globals, async (invocation, parsed, ct) =>
        {
            var name = parsed.GetValue(task);
            if (parsed.GetValue(batch) is { } file)
                return name is null && !parsed.GetValue(wait)
                    ? await SubmitBatch.RunAsync(file, invocation, ct)
                    : invocation.Usage("--batch takes whole submissions from its lines: leave out TASK and --wait.");
            if (name is null) return invocation.Usage("Name a task: submit TASK ARGS. Or send a file: submit --batch FILE.");
            var (json, fault) = await JsonArguments.ReadAsync(parsed.GetValue(args) ?? "{}", invocation.Shell, ct);
            if (fault is not null) return invocation.Usage(fault);
            var headers = parsed.GetValue(key) is { } idempotency ? new[] { ("Idempotency-Key", idempotency) } : [];
            var answer = await invocation.Client.SendAsync(
                new ApiRequest(HttpMethod.Post, Api.Root + "jobs") { Body = members.Body(name, json, parsed), Headers = headers }, ct);
            if (answer is not Answer.Ok submitted) return Report(answer, isKnown: headers.Length > 0 || members.HasId(parsed), invocation);
            return parsed.GetValue(wait) ? await WaitAsync(submitted.Body, invocation, ct) : PrintId(submitted.Body, invocation);
        });
    }

    /// <param name="isKnown">A repeat would be known as one.</param>
    private static int Report(Answer answer, bool isKnown, Invocation invocation)
    {
        var code = Failures.Report(answer, invocation);
        if (invocation.Printer.IsTable && answer is Answer.TimedOut)
            invocation.Say(isKnown ? "The job may be stored already; a repeat of this command makes no second one." : "The job may be stored already, and a repeat would make another: look with job list. With --id UUID a repeat makes no second one.");
        return code;
    }

    private static int PrintId(JsonElement job, Invocation invocation)
    {
        invocation.Printer.Document(job, () =>
        {
            invocation.Printer.Line(Visible.Of(job.Text("id")));
            if (invocation.Shell.ErrorIsTerminal)
                invocation.Say($"{(job.Flag("deduplicated") ? "known already, " : "")}{job.Text("state")}; wait for it: {invocation.Shell.StartedAs} job wait {job.Text("id")}");
        });
        return ExitCodes.Done;
    }

    private static async Task<int> WaitAsync(JsonElement job, Invocation invocation, CancellationToken ct)
    {
        var id = job.Text("id");
        if (invocation.Shell.ErrorIsTerminal) invocation.Say($"job {id}");
        return invocation.Show(await JobWaiting.ForOneAsync(id, invocation, ct), finished => JobPrinting.PrintOutcome(finished, invocation));
    }
}
