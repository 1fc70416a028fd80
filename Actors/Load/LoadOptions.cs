using System.ComponentModel.DataAnnotations;

namespace ActorPerf.Load;

/// <summary>Settings under <c>actorperf.load</c>.</summary>
public sealed class LoadOptions
{
    /// <summary>Runs that are remembered after their end.</summary>
    public const int Remembered = 5;

    /// <summary>Hosts beside loopback that may be tested, each a name or an address, with or without a port (<c>staging.example.com:8080</c>). Default none.</summary>
    public IReadOnlyList<string> AllowHosts { get; set; } = [];

    /// <summary>Where the reports of finished runs are kept. Default <c>load-runs</c>; empty keeps none.</summary>
    public string Directory { get; set; } = "load-runs";

    /// <summary>Reports that are kept; the oldest goes. Default 100; 1 to 10,000.</summary>
    [Range(1, 10_000)]
    public int KeepReports { get; set; } = 100;

    /// <summary>The most users of a run. Default 10,000; 1 to 100,000.</summary>
    [Range(1, 100_000)]
    public int MaxUsers { get; set; } = 10_000;

    /// <summary>The longest run. Default 1 h; 1 s to 7 d.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan MaxRunTime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The most requests of a run. Default 100,000,000; 1 to 100,000,000,000.</summary>
    [Range(1L, 100_000_000_000L)]
    public long MaxRequests { get; set; } = 100_000_000;

    /// <summary>Scenarios by name.</summary>
    public IDictionary<string, ScenarioOptions> Scenarios { get; set; } = new Dictionary<string, ScenarioOptions>(StringComparer.Ordinal);
}

/// <summary>Settings under <c>actorperf.load.scenarios.NAME</c>.</summary>
public sealed class ScenarioOptions
{
    /// <summary>One sentence for people.</summary>
    public string Summary { get; set; } = "";

    /// <summary>Values that templates name as <c>{{name}}</c>; a run may give others.</summary>
    public IDictionary<string, string> Variables { get; set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Files of values by name: a CSV file with a head line, whose columns templates name as <c>{{name.column}}</c>.</summary>
    public IDictionary<string, LoadDataOptions> Data { get; set; } = new Dictionary<string, LoadDataOptions>(StringComparer.Ordinal);

    /// <summary>Kinds of users by name; at least one.</summary>
    public IDictionary<string, LoadUserOptions> Users { get; set; } = new Dictionary<string, LoadUserOptions>(StringComparer.Ordinal);
}

/// <summary>A file of values for templates.</summary>
public sealed class LoadDataOptions
{
    /// <summary>A CSV file (RFC 4180, UTF-8) with a head line; at most 64 MiB and 1,000,000 rows. Relative to the current folder.</summary>
    public string File { get; set; } = "";

    /// <summary>Which row an iteration takes: <c>sequential</c> over all users (the default), <c>random</c>, or <c>user</c>: each user always the same one.</summary>
    public LoadDataOrder Order { get; set; }
}

/// <summary>Which row of a file an iteration takes.</summary>
public enum LoadDataOrder
{
    Sequential,
    Random,
    User,
}

/// <summary>Settings of a kind of users.</summary>
public sealed class LoadUserOptions
{
    /// <summary>How many there are in comparison with others. Default 1; 1 to 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int Weight { get; set; } = 1;

    /// <summary>There are exactly so many, before others are shared out by weight. Default 0: by weight; 0 to 100,000.</summary>
    [Range(0, 100_000)]
    public int FixedCount { get; set; }

    /// <summary>The wait between two iterations: <c>between(1s, 5s)</c>, <c>constant(2s)</c>, <c>pacing(10s)</c> or <c>throughput(0.5)</c>. Default none.</summary>
    public string Wait { get; set; } = "constant(0s)";

    /// <summary>Requests before the first iteration.</summary>
    public IReadOnlyList<LoadRequestOptions> OnStart { get; set; } = [];

    /// <summary>Requests after the last iteration.</summary>
    public IReadOnlyList<LoadRequestOptions> OnStop { get; set; } = [];

    /// <summary>What they do, by name; at least one.</summary>
    public IDictionary<string, LoadTaskOptions> Tasks { get; set; } = new Dictionary<string, LoadTaskOptions>(StringComparer.Ordinal);
}

/// <summary>Settings of something that users do.</summary>
public sealed class LoadTaskOptions
{
    /// <summary>How often in comparison with the others. Default 1; 1 to 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int Weight { get; set; } = 1;

    /// <summary>By which runs pick tasks.</summary>
    public IReadOnlyList<string> Tags { get; set; } = [];

    /// <summary>Sent one after another; at least one, at most 100.</summary>
    public IReadOnlyList<LoadRequestOptions> Requests { get; set; } = [];
}

/// <summary>A request as a template: <c>{{name}}</c> stands for a variable in path, headers and body.</summary>
public sealed class LoadRequestOptions
{
    /// <summary>Under which it is counted. Default: its path as it is written here.</summary>
    public string Name { get; set; } = "";

    /// <summary><c>GET</c> unless there is a body, then <c>POST</c>; or <c>PUT</c>, <c>PATCH</c>, <c>DELETE</c>, <c>HEAD</c>, <c>OPTIONS</c>.</summary>
    public string Method { get; set; } = "";

    /// <summary>Below the run's host, with its query; begins with a slash. Required.</summary>
    public string Path { get; set; } = "";

    /// <summary>Headers by name. A body without <c>Content-Type</c> is sent as <c>application/json</c>.</summary>
    public IDictionary<string, string> Headers { get; set; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Sent as UTF-8; none where it is empty.</summary>
    public string Body { get; set; } = "";

    /// <summary>Statuses that are right. Default: 200 to 399.</summary>
    public IReadOnlyList<int> Status { get; set; } = [];

    /// <summary>Text that the answer's body must hold; a template too. Empty: any.</summary>
    public string Contains { get; set; } = "";

    /// <summary>Members of a JSON answer (<c>job.state</c>, <c>items.0.id</c>) and the values they must have; templates too.</summary>
    public IDictionary<string, string> Json { get; set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>A slower answer fails. Default none; 1 ms to 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "01:00:00")]
    public TimeSpan? MaxTime { get; set; }

    /// <summary>Variables for later requests of this user, and the members of the JSON answer whose values they take.</summary>
    public IDictionary<string, string> Extract { get; set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The answer is a job of ActorPerf, or jobs: finished ones are counted from their acceptance to their end.</summary>
    public bool Job { get; set; }

    /// <summary>A pause after the answer. Default none; up to 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan Think { get; set; }
}
