using System.Globalization;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>Says why there is no answer, and what to do next: in words, or as one JSON line where JSON was asked for.</summary>
internal static class Failures
{
    /// <returns>The exit code.</returns>
    public static int Report(Answer answer, Invocation invocation)
    {
        var (exit, code, detail) = Describe(answer, invocation.Client.Node);
        var problem = (answer as Answer.Refused)?.Problem;
        if (!invocation.Printer.IsTable)
        {
            invocation.Shell.Error.WriteLine(AsJson(exit, code, detail, problem));
            return exit;
        }
        invocation.Say(detail);
        foreach (var fault in problem?.Faults ?? []) invocation.Say($"  {(fault.Pointer.Length > 0 ? fault.Pointer : "/")}: {fault.Message}");
        if (problem is not null) invocation.Say($"[{code}{(problem.RequestId is { } id ? $", request {id}" : "")}]");
        if (NextStep(code, invocation.Shell.StartedAs, problem) is { } next) invocation.Say(next);
        return exit;
    }

    private static (int Exit, string Code, string Detail) Describe(Answer answer, NodeAddress node) => answer switch
    {
        Answer.Refused { Problem: { } problem } => (ExitOf(problem), problem.Code, Worded(problem)),
        Answer.Unreachable lost => (ExitCodes.CannotConnect, "cannot-connect", $"No node answers at {node}: {lost.Reason}."),
        Answer.TimedOut late => (ExitCodes.TimedOut, "timed-out", $"{node} did not answer within {Words.Duration(late.Patience.TotalSeconds)}."),
        _ => (ExitCodes.Bug, "bug", $"An answer of kind {answer.GetType().Name} is no failure."),
    };

    private static int ExitOf(Problem problem) => problem.Code switch
    {
        "compute-timeout" => ExitCodes.TimedOut,
        "not-actorperf" => ExitCodes.Refused,
        _ => problem.Status == 404 ? ExitCodes.NotFound : ExitCodes.Refused,
    };

    private static string Worded(Problem problem) =>
        problem.Detail.Length > 0 ? problem.Detail : string.Create(CultureInfo.InvariantCulture, $"The node answered HTTP {problem.Status}.");

    private static string? NextStep(string code, string program, Problem? problem) => code switch
    {
        "cannot-connect" => $"Start one with: {program}   or name another: --node URL, or {GlobalOptions.UrlVariable}",
        "timed-out" => $"Wait longer with --timeout before the command, such as {program} --timeout 2m …",
        "unauthorized" => $"Give a key in {GlobalOptions.KeyVariable} or with --key-file FILE; make one with: {program} key new NAME",
        "forbidden" => "Use a key whose scopes and namespaces allow this, or name another namespace: --namespace NS",
        "compute-timeout" => $"The computation goes on. Wait longer with --timeout before the command, or make it a job: {program} submit TASK ARGS",
        _ => problem?.RetryAfter is { } seconds ? $"Try again in {Words.Duration(seconds)}." : null,
    };

    private static string AsJson(int exit, string code, string detail, Problem? problem) => JsonText.Write(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("exitCode", exit);
        json.WriteString("code", code);
        json.WriteString("detail", detail);
        if (problem is not null)
        {
            json.WriteNumber("status", problem.Status);
            if (problem.RequestId is { } id) json.WriteString("requestId", id);
            json.WriteStartArray("errors");
            foreach (var fault in problem.Faults)
            {
                json.WriteStartObject();
                json.WriteString("pointer", fault.Pointer);
                json.WriteString("message", fault.Message);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }, indented: false);
}
