using System.Diagnostics;
using System.Globalization;
using System.Text;
using ActorPerf.Tasks;

namespace ActorPerf.TestKit.MultiNode;

/// <summary>A folder in which tasks note when they begin and end, synced to disk line by line: what the database forgot would still be seen there.</summary>
/// <remarks>Each process writes a file of its own. Times are of the machine's monotonic clock, which all its processes share, so what overlaps can be read from them.
/// A task of yours opens one and notes each run:
/// <code>
/// private static readonly Witness Seen = Witness.Here();            // the folder that the kit gives its nodes
/// public async ValueTask&lt;int&gt; RunAsync(Args args, TaskContext context, CancellationToken ct)
/// {
///     using var run = Seen.Begin(context);
///     …
/// }
/// </code></remarks>
public sealed class Witness : IDisposable
{
    /// <summary>Names the folder in the environment of the kit's nodes.</summary>
    public const string Variable = "ACTORPERF_WITNESS";

    private readonly Lock _gate = new();
    private readonly FileStream _file;

    /// <param name="folder">Made where it is not there.</param>
    public Witness(string folder)
    {
        Directory.CreateDirectory(folder);
        _file = new FileStream(Path.Combine(folder, $"{Guid.NewGuid():N}.witness"), FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite);
    }

    /// <summary>In the folder that <see cref="Variable"/> names.</summary>
    /// <exception cref="InvalidOperationException">It names none.</exception>
    public static Witness Here() => new(Environment.GetEnvironmentVariable(Variable)
        ?? throw new InvalidOperationException($"{Variable} names no folder for a witness. Start the node by ProcessCluster, or set it."));

    /// <summary>Notes that a run has begun, on disk before this returns, and its end when what it returns is disposed.</summary>
    public IDisposable Begin(TaskContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var line = string.Create(CultureInfo.InvariantCulture, $"{context.JobId ?? Guid.Empty} {context.Attempt} {Environment.ProcessId}");
        Write("begin", line);
        return new Run(this, line);
    }

    /// <summary>What all witnesses of a folder have noted, by their begin. A run without an end died with its process, or goes on.</summary>
    public static IReadOnlyList<WitnessedRun> Read(string folder)
    {
        if (!Directory.Exists(folder)) return [];
        var runs = new Dictionary<string, WitnessedRun>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(folder, "*.witness"))
        {
            using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            while (reader.ReadLine() is { } line)
            {
                // The last line of a process that was killed may be cut.
                if (line.Split(' ') is not [var what, var job, var attempt, var process, var ticks, "."]) continue;
                var at = long.Parse(ticks, CultureInfo.InvariantCulture);
                var key = $"{file} {job} {attempt}";
                if (what == "begin") runs[key] = new WitnessedRun(Guid.Parse(job), int.Parse(attempt, CultureInfo.InvariantCulture), int.Parse(process, CultureInfo.InvariantCulture), at, null);
                else runs[key] = runs[key] with { End = at };
            }
        }
        return [.. runs.Values.OrderBy(run => run.Begin)];
    }

    public void Dispose() => _file.Dispose();

    private void Write(string what, string line)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{what} {line} {Stopwatch.GetTimestamp()} .\n");
        lock (_gate)
        {
            _file.Write(Encoding.ASCII.GetBytes(text));
            _file.Flush(flushToDisk: true);
        }
    }

    private sealed class Run(Witness witness, string line) : IDisposable
    {
        private bool _ended;

        public void Dispose()
        {
            if (_ended) return;
            _ended = true;
            witness.Write("end", line);
        }
    }
}

/// <summary>One run of a job as its own code saw it.</summary>
/// <param name="Process">Id of the process that did it.</param>
/// <param name="Begin">As of <see cref="Stopwatch.GetTimestamp"/>.</param>
/// <param name="End">Likewise; null: it died with its process, or goes on.</param>
public sealed record WitnessedRun(Guid Job, int Attempt, int Process, long Begin, long? End)
{
    /// <summary>Whether both ran at some moment.</summary>
    /// <param name="other">Another run.</param>
    /// <param name="now">Until when a run without an end is taken to have gone on: the end of its process.</param>
    public bool Overlaps(WitnessedRun other, Func<WitnessedRun, long> now)
    {
        ArgumentNullException.ThrowIfNull(other);
        ArgumentNullException.ThrowIfNull(now);
        return Begin < (other.End ?? now(other)) && other.Begin < (End ?? now(this));
    }
}
