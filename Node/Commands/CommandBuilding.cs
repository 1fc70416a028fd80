using System.CommandLine;
using ActorPerf.Node.Output;

namespace ActorPerf.Node.Commands;

/// <summary>What a command does, once its arguments are read.</summary>
internal delegate Task<int> CommandAction(Invocation invocation, ParseResult parsed, CancellationToken ct);

/// <summary>What a command takes beyond its own arguments.</summary>
[Flags]
internal enum Takes
{
    Nothing = 0,

    /// <summary><c>--watch</c>: it only reads, so it can be repeated.</summary>
    Watch = 1,

    /// <summary>What configures a node: <c>--config FILE</c>, <c>--http:url X</c>.</summary>
    Configuration = 2,

    /// <summary><c>--all</c>: what it reads is a node's own, so each can be asked for its.</summary>
    All = 4,
}

/// <summary>Joins commands to their actions.</summary>
internal static class CommandBuilding
{
    /// <summary>A command with its help: what it does, and an example as one would type it.</summary>
    public static Command Command(this GlobalOptions globals, string name, string description, string example) =>
        new ExplainedCommand(name, description, $"{globals.Shell.StartedAs} {example}");

    public static Command Runs(this Command command, GlobalOptions globals, CommandAction action) => command.Runs(globals, Takes.Nothing, action);

    public static Command Runs(this Command command, GlobalOptions globals, Takes takes, CommandAction action)
    {
        command.SetAction(async (parsed, ct) =>
        {
            using var invocation = globals.Read(parsed, globals.Shell.Out, out var fault);
            fault = invocation is null ? fault : Misplaced(invocation, takes);
            if (fault is not null)
            {
                globals.Shell.Error.WriteLine(Visible.Of(fault));
                return ExitCodes.Usage;
            }
            CommandAction run = invocation!.All ? (one, arguments, token) => EveryNode.RunAsync(globals, one, arguments, action, token) : action;
            return invocation.Watch is { } pause ? await WatchAsync(globals, parsed, pause, run, ct) : await run(invocation, parsed, ct);
        });
        return command;
    }

    private static string? Misplaced(Invocation invocation, Takes takes)
    {
        if (invocation.Watch is not null && !takes.HasFlag(Takes.Watch)) return "This command cannot be repeated: leave out --watch.";
        if (invocation.All && !takes.HasFlag(Takes.All)) return "This command asks one node, or all of them at once through it: leave out --all.";
        if (invocation.Watch is not null && invocation.Printer.Format == OutputFormat.Json)
            return "With --watch there is more than one document: say -o ndjson instead of -o json.";
        return invocation.Configuration is [var first, ..] && !takes.HasFlag(Takes.Configuration)
            ? $"{first} configures a node and belongs to serve; this command asks a running node (--node URL)."
            : null;
    }

    /// <summary>Renders again and again, each time as a whole so that a terminal does not flicker.</summary>
    private static async Task<int> WatchAsync(GlobalOptions globals, ParseResult parsed, TimeSpan pause, CommandAction action, CancellationToken ct)
    {
        var shell = globals.Shell;
        while (true)
        {
            using var page = new StringWriter();
            using var invocation = globals.Read(parsed, page, out _);
            var code = await action(invocation!, parsed, ct);
            if (invocation!.Shell is { OutIsTerminal: true, Ansi: true }) await shell.Out.WriteAsync($"\u001b[H\u001b[2J{page}".AsMemory(), ct);
            else await shell.Out.WriteAsync($"{page}{(invocation.Printer.IsTable ? "\n" : "")}".AsMemory(), ct);
            await shell.Out.FlushAsync(ct);
            if (code != ExitCodes.Done) return code;
            await Task.Delay(pause, shell.Time, ct);
        }
    }
}
