using System.CommandLine;
using System.CommandLine.Invocation;
using ActorPerf.Node.Commands;
using ActorPerf.Node.Output;
using ActorPerf.Node.Serving;

namespace ActorPerf.Node;

/// <summary>The executable's command line. Data goes to standard output, messages to standard error.</summary>
public static class CommandLine
{
    /// <summary>Runs one command, or serves.</summary>
    /// <param name="ct">Ctrl-C.</param>
    /// <returns>The exit code; never throws for what users or nodes do.</returns>
    public static async Task<int> InvokeAsync(IReadOnlyList<string> arguments, Shell shell, CancellationToken ct)
    {
        var sorted = LaunchArguments.Sort(arguments);
        try
        {
            var code = await RunAsync(sorted, shell, ct);
            await shell.Out.FlushAsync(CancellationToken.None);
            return code;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            await FlushQuietlyAsync(shell.Out);
            return ExitCodes.Interrupted;
        }
        catch (OutputException closed) when (closed.IsClosed)
        {
            return ExitCodes.Done;            // whoever read the output has seen enough
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or OutputException)
        {
            await shell.Error.WriteLineAsync(Visible.Of($"A file could not be read or written: {fault.Message}"));
            return ExitCodes.FileFault;
        }
        catch (Exception bug) when (!sorted.Serve)
        {
            // A stack trace says nothing to whoever typed the command; the type and the words find the place.
            await shell.Error.WriteLineAsync(Visible.Of($"A fault of this program, please report it: {bug.GetType().Name}: {bug.Message}"));
            return ExitCodes.Bug;
        }
    }

    private static Task<int> RunAsync(LaunchArguments sorted, Shell shell, CancellationToken ct)
    {
        if (sorted.Serve) return Server.RunAsync(new ServeArguments(sorted.Configuration, shell.StartedAs), ct);
        var parsed = Root.Create(new GlobalOptions(shell, sorted.Configuration)).Parse(
            sorted.Command,
            new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });   // @file is the arguments' own spelling
        if (parsed.Action is ParseErrorAction || (parsed.Errors.Count > 0 && parsed.Action is not SynchronousCommandLineAction))
            return Task.FromResult(Misread(parsed, shell));
        return parsed.InvokeAsync(
            new InvocationConfiguration { Output = shell.Out, Error = shell.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, ct);
    }

    private static int Misread(ParseResult parsed, Shell shell)
    {
        // An unknown word explains the others' complaints, such as that a command is missing.
        if (parsed.UnmatchedTokens is [var unknown, ..]) shell.Error.WriteLine(Visible.Of(Unknown(unknown, parsed.CommandResult.Command)));
        else
            foreach (var error in parsed.Errors) shell.Error.WriteLine(Visible.Of(error.Message));
        shell.Error.WriteLine($"See: {shell.StartedAs} {string.Join(' ', Path(parsed.CommandResult).Append("--help"))}");
        return ExitCodes.Usage;
    }

    private static string Unknown(string word, Command command)
    {
        var known = command.Subcommands.Select(one => one.Name).Concat(command.Options.Select(option => option.Name));
        var near = Spelling.Nearest(word, known);
        return $"'{word}' is not known here{(near is null ? "." : $". Did you mean '{near}'?")}";
    }

    private static Stack<string> Path(System.CommandLine.Parsing.CommandResult result)
    {
        var words = new Stack<string>();
        for (var at = result; at.Parent is System.CommandLine.Parsing.CommandResult parent; at = parent) words.Push(at.Command.Name);
        return words;
    }

    private static async Task FlushQuietlyAsync(TextWriter output)
    {
        try
        {
            await output.FlushAsync(CancellationToken.None);
        }
        catch (OutputException)
        {
            // Interrupted already; what could not be written changes nothing.
        }
    }
}
