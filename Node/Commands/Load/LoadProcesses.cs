using System.CommandLine;

namespace ActorPerf.Node.Commands;

/// <summary>Locust's flags for load from several processes. Here one process makes all of it, on every core: what asks for that is taken, what asks for more is a clear error.</summary>
internal sealed class LoadProcesses
{
    private readonly Option<int?> _expectWorkers = Options.Number("--expect-workers", "As Locust has it, how many processes are to make the load together: here one does, so 1 is all it takes", 0, 100_000);

    /// <summary>Taken so that they can be answered; nobody is to find them in the help.</summary>
    private readonly Option<int?> _maxWait = Hidden(new Option<int?>("--expect-workers-max-wait"));
    private readonly Option<int?> _processes = Hidden(new Option<int?>("--processes"));
    private readonly Option<bool> _master = Hidden(new Option<bool>("--master"));
    private readonly Option<bool> _worker = Hidden(new Option<bool>("--worker"));

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _expectWorkers, _maxWait, _processes, _master, _worker }) command.Options.Add(option);
    }

    /// <summary>What is asked for and cannot be; null where nothing is.</summary>
    public string? Fault(ParseResult parsed)
    {
        if (parsed.GetValue(_expectWorkers) is > 1 and var workers) return Alone($"--expect-workers {workers}");
        if (parsed.GetValue(_processes) is { } processes and not 1) return Alone($"--processes {processes}");
        if (parsed.GetValue(_master)) return Alone("--master");
        return parsed.GetValue(_worker) ? Alone("--worker") : null;
    }

    private static string Alone(string flag) =>
        $"{flag}: one process makes the load here, on all cores of its computer. Leave it out; for more load than one computer makes, start a run on each with its share of -u or --rate.";

    private static Option<T> Hidden<T>(Option<T> option)
    {
        option.Hidden = true;
        return option;
    }
}
