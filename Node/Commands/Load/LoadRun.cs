using System.Buffers;
using System.CommandLine;
using System.Net.Sockets;
using System.Reflection;
using System.Text;
using ActorPerf.Configuration;
using ActorPerf.Load;
using ActorPerf.Load.Figures;
using ActorPerf.Node.Client;
using ActorPerf.Node.Output;
using ActorPerf.Node.Serving;
using ActorPerf.Setup;
using ActorPerf.Tasks;
using Microsoft.Extensions.Configuration;

namespace ActorPerf.Node.Commands;

/// <summary>Makes load from this process, so that the node under test keeps its own for itself.</summary>
internal static class LoadRun
{
    /// <summary>What a shell would not leave as it is.</summary>
    private static readonly SearchValues<char> Quoted = SearchValues.Create(" <>|&;$*?()'\"");

    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(5);

    public static Command Create(GlobalOptions globals)
    {
        var options = new LoadRunOptions();
        var command = globals.Command(
            "run",
            """
            Runs a load test from this process and prints what it measured. Without -H it loads the node; other hosts than this computer must be allowed.

            Exit codes: 0 passed, 1 failures seen (see --exit-code-on-error), 99 a threshold does not hold, 2 usage, 3 the target does not answer, 130 interrupted.
            """,
            "load run submit-and-wait -u 100 -r 10 -t 5m --threshold 'http_req_duration:p(95)<200' --html report.html");
        options.AddTo(command);
        return command.Runs(globals, Takes.Configuration, (invocation, parsed, ct) => RunAsync(options, invocation, parsed, ct));
    }

    private static async Task<int> RunAsync(LoadRunOptions options, Invocation invocation, ParseResult parsed, CancellationToken ct)
    {
        if (options.Processes.Fault(parsed) is { } several) return invocation.Usage(several);
        try
        {
            if (CommandConfiguration.Read(invocation, out var unread) is not { } configuration) return invocation.Usage(unread ?? "");
            await using var alone = LoadAlone.Start(options.WithAllowed(configuration, parsed), Assemblies(configuration, invocation.Shell));
            if (parsed.GetValue(options.List)) return PrintScenarios(alone.Tests, invocation);
            if (Plan(options, alone, invocation, parsed, out var plan) is { } exit) return exit;
            if (await UnreachableAsync(plan!.Host, ct) is { } reason)
            {
                invocation.Say($"{plan.Host} does not answer: {reason}. Start it, or name another target with -H URL.");
                return ExitCodes.CannotConnect;
            }

            return await RunAsync(options, alone, plan, invocation, parsed, ct);
        }
        catch (Exception fault) when (fault is HoconException or ConfigurationFaultException or TaskSetupException)
        {
            foreach (var line in fault.Message.Split('\n')) invocation.Say(line.TrimEnd());
            return ExitCodes.Configuration;
        }
    }

    /// <summary>The plan; null where the command ends with the exit code that is returned.</summary>
    private static int? Plan(LoadRunOptions options, LoadAlone alone, Invocation invocation, ParseResult parsed, out LoadPlan? plan)
    {
        plan = null;
        var draft = options.Flags.Read(parsed, invocation.Client.Node.Url, out var fault);
        if (fault is not null) return invocation.Usage(fault);
        if (!draft.Has("scenario"))
            return invocation.Usage($"Name a scenario: {string.Join(", ", alone.Tests.Scenarios.Select(static scenario => scenario.Name))}. See: {invocation.Shell.StartedAs} load run --list");
        plan = draft.ToPlan(out var faults);
        // The key is the node's, and whoever else is loaded has no business with it.
        if (plan is not null && IsNode(plan.Host, invocation)) plan = plan with { Key = invocation.Key };
        if (plan is not null) faults = alone.Tests.Check(plan)?.Faults ?? [];
        return faults.Count == 0 ? null : Tell(options, faults, invocation);
    }

    private static int Tell(LoadRunOptions options, IReadOnlyList<FieldFault> faults, Invocation invocation)
    {
        foreach (var one in faults) invocation.Say($"{options.Flags.FlagOf(one.Pointer)}: {one.Message}".TrimStart(':', ' '));
        return ExitCodes.Usage;
    }

    private static async Task<int> RunAsync(LoadRunOptions options, LoadAlone alone, LoadPlan plan, Invocation invocation, ParseResult parsed, CancellationToken ct)
    {
        var surroundings = LoadSurroundings.OfThisProcess(Typed(invocation, parsed), ProgramVersion.Short) with { Target = await TargetAsync(plan.Host, invocation, ct) };
        options.Output.Try(parsed, invocation.Shell, plan);
        var outcome = await alone.Tests.StartAsync(plan, ct);
        if (outcome is LoadOutcome.Refused { Refusal: var refusal })
            return refusal.Faults.Count > 0 ? Tell(options, refusal.Faults, invocation) : invocation.Usage(refusal.Detail);
        var id = ((LoadOutcome.Done)outcome).Run.Id;
        var recorder = new LoadRecorder(alone.Tests, surroundings, parsed.GetValue(options.FullHistory));
        var pressed = invocation.Shell.Keys;
        var keys = pressed is null ? null : new LoadKeys(alone.Tests, id);
        var screen = new LoadScreen(invocation.Shell, parsed.GetValue(options.OnlySummary), keys);
        await using var history = options.Output.HistoryFile(parsed, invocation.Shell) is { } file ? Open(file) : null;
        // Ctrl-C ends the run in order: what was measured until then is told.
        await using var interrupted = ct.Register(() => _ = alone.Tests.StopAsync(id, CancellationToken.None));
        using var over = new CancellationTokenSource();
        var typing = keys is null || pressed is null ? Task.CompletedTask : keys.FollowAsync(pressed, over.Token);
        var report = await recorder.FollowAsync(id, progress =>
        {
            screen.Show(progress);
            history?.Write(LocustCsv.HistoryRows(progress.Plan, recorder.MomentOf(progress)));
            if (invocation.Printer.Format == OutputFormat.Ndjson) invocation.Printer.Line(JsonText.Write(json => LoadDocuments.Write(json, LoadLine.Of(progress)), indented: false));
        }, CancellationToken.None);
        await over.CancelAsync();
        await typing;
        screen.Clear();
        if (report is null) return invocation.Usage("The run left nothing to report.");
        if (history is not null) await history.FlushAsync(CancellationToken.None);
        await TellAsync(options, alone, report, history is not null, invocation, parsed);
        return ct.IsCancellationRequested ? ExitCodes.Interrupted : ExitOf(report, parsed.GetValue(options.ExitCodeOnError) ?? ExitCodes.Refused);
    }

    private static async Task TellAsync(LoadRunOptions options, LoadAlone alone, LoadReport report, bool historyWritten, Invocation invocation, ParseResult parsed)
    {
        var printer = invocation.Printer;
        if (printer.IsTable && parsed.GetValue(options.SummaryMode) != "disabled") LoadTable.Print(report.Run, printer, parsed.GetValue(options.ShowTaskRatio), parsed.GetValue(options.SummaryMode) == "compact");
        if (printer.Format == OutputFormat.Json) printer.Line(Encoding.UTF8.GetString(LoadDocuments.Of(report.Run)));
        // Kept first: a file that cannot be written must not cost the report.
        if (!parsed.GetValue(options.NotKept)) await KeepAsync(alone, report, invocation);
        await options.Output.WriteAsync(parsed, invocation, report, withHistory: !historyWritten, CancellationToken.None);
    }

    private static async Task KeepAsync(LoadAlone alone, LoadReport report, Invocation invocation)
    {
        try
        {
            var folder = alone.Options.Directory.Length == 0 ? "" : Path.GetFullPath(alone.Options.Directory, Path.GetFullPath(invocation.Shell.Folder));
            await new LoadReports(folder, alone.Options.KeepReports).KeepAsync(report, CancellationToken.None);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            invocation.Say($"The report was not kept: {fault.Message} Say --no-keep, or name another folder with --load:directory FOLDER.");
        }
    }

    private static int ExitOf(LoadReport report, int onError) => report.Verdict switch
    {
        LoadVerdict.Passed => ExitCodes.Done,
        LoadVerdict.ThresholdFailed => ExitCodes.ThresholdFailed,
        LoadVerdict.FailuresSeen => onError,
        _ => ExitCodes.Refused,
    };

    private static int PrintScenarios(ILoadTests tests, Invocation invocation)
    {
        invocation.Printer.Grid([false, false, false], [["SCENARIO", "FROM", "WHAT IT DOES"],
            .. tests.Scenarios.Select(static scenario => new[] { scenario.Name, scenario.Source.ToString().ToLowerInvariant(), scenario.Summary })]);
        return ExitCodes.Done;
    }

    /// <summary>Why nothing listens at the target; null where something does.</summary>
    private static async Task<string?> UnreachableAsync(Uri host, CancellationToken ct)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(ConnectPatience);
        try
        {
            await socket.ConnectAsync(host.IdnHost, host.Port, limit.Token);
            return null;
        }
        catch (SocketException refused)
        {
            return refused.Message.TrimEnd('.');
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return $"no connection within {Durations.Format(ConnectPatience)}";
        }
    }

    private static bool IsNode(Uri host, Invocation invocation) =>
        Uri.Compare(host, invocation.Client.Node.Url, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0;

    /// <summary>The version of the node that is loaded; nothing of any other server, which may count whoever asks.</summary>
    private static async Task<string> TargetAsync(Uri host, Invocation invocation, CancellationToken ct) =>
        IsNode(host, invocation) && await invocation.Client.GetAsync(Api.Root + "version", ct) is Answer.Ok ok ? $"{ok.Body.Text("name")} {ok.Body.Text("version")}" : "";

    /// <summary>Where classes of load tests may be: the folder in which a node looks for tasks.</summary>
    private static IReadOnlyList<Assembly> Assemblies(IConfiguration configuration, Shell shell)
    {
        var folder = OptionsBinder.Bind<TaskFolderOptions>(configuration, "actorperf:task-folder", []).Path;
        return TaskFolder.Load(folder.Length == 0 ? "" : Path.GetFullPath(folder, Path.GetFullPath(shell.Folder)));
    }

    private static StreamWriter Open(string file)
    {
        if (Path.GetDirectoryName(file) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
        var writer = new StreamWriter(file) { AutoFlush = true };
        writer.Write(LocustCsv.HistoryHeader);
        return writer;
    }

    private static string Typed(Invocation invocation, ParseResult parsed) =>
        string.Join(' ', parsed.Tokens.Select(static token => token.Value.AsSpan().ContainsAny(Quoted) ? $"'{token.Value.Replace("'", "'\\''", StringComparison.Ordinal)}'" : token.Value).Prepend(invocation.Shell.StartedAs));
}
