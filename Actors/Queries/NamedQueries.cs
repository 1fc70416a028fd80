using ActorPerf.Data;
using ActorPerf.Tasks;

namespace ActorPerf.Queries;

/// <summary>The named queries of a node's settings (<c>actorperf.data.queries</c>): a memoised task each. Owns their connections.</summary>
public sealed class NamedQueries : IAsyncDisposable
{
    private readonly List<INamedQuerySource> _sources = [];

    /// <param name="open">Makes the source of a query; it need not connect yet.</param>
    /// <param name="cacheDuration">How long results are remembered of a query that does not say.</param>
    public NamedQueries(
        IEnumerable<KeyValuePair<string, NamedQueryOptions>> queries, Func<NamedQuery, INamedQuerySource> open, TimeSpan cacheDuration, int maxResultBytes)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentNullException.ThrowIfNull(open);
        Tasks = [.. queries.Select(query => Describe(query.Key, query.Value, open, cacheDuration, maxResultBytes))];
    }

    public IReadOnlyList<TaskDescriptor> Tasks { get; }

    public async ValueTask DisposeAsync()
    {
        foreach (var source in _sources) await source.DisposeAsync();
    }

    private TaskDescriptor Describe(string name, NamedQueryOptions options, Func<NamedQuery, INamedQuerySource> open, TimeSpan cacheDuration, int maxResultBytes)
    {
        var source = open(options.ToQuery(name));
        _sources.Add(source);
        var runner = new QueryTaskRunner(name, options, source, maxResultBytes);
        var life = options.Ttl ?? cacheDuration;
        return new TaskDescriptor
        {
            Name = name,
            Summary = options.Summary.Length > 0 ? options.Summary : "Named query of the configuration.",
            Queue = options.Queue,
            Memoize = life > TimeSpan.Zero ? new Memoization(life) : null,
            ArgsSchema = runner.Schema,
            Runner = runner,
        };
    }
}
