namespace ActorPerf.Node.Serving;

/// <summary>Hosts a node.</summary>
public static class Server
{
    /// <summary>Serves until <paramref name="ct"/> is cancelled; the answer is the process's exit code.</summary>
    public static async Task<int> RunAsync(ServeArguments arguments, CancellationToken ct)
    {
        await Console.Error.WriteLineAsync($"This build holds the command line alone and cannot serve. Try: {arguments.StartedAs} --help".AsMemory(), ct);
        return ExitCodes.Bug;
    }
}
