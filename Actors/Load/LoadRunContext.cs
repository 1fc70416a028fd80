using System.Collections.Concurrent;
using System.Net.Http.Headers;

namespace ActorPerf.Load;

/// <summary>What all users of a run share. Everything in it may be used from any thread.</summary>
internal sealed class LoadRunContext : IDisposable
{
    private const int MaxRemembered = 1_000;
    private readonly ConcurrentDictionary<string, HttpMethod> _methods = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, MediaTypeHeaderValue> _types = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, LoadTemplate> _templates = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _end = new();
    private readonly string _prefix;

    public LoadRunContext(LoadPlan plan, LoadScenario scenario, int seed, HttpMessageInvoker http, TimeProvider time, LoadOptions options, IReadOnlyDictionary<string, LoadRows> tables)
    {
        (Plan, Scenario, Seed, Http, Time, Tables) = (plan, scenario, seed, http, time, tables);
        Users = LoadChoice.Users(scenario, plan);
        Book = new LoadBook(Users, Math.Min(plan.MaxRequests ?? options.MaxRequests, options.MaxRequests), (plan.Model as LoadModel.Closed)?.Iterations, time);
        Authorization = plan.Key is { } key ? new AuthenticationHeaderValue("Bearer", key) : null;
        _prefix = plan.Host.GetLeftPart(UriPartial.Path).TrimEnd('/');
        IsOpen = plan.Model is LoadModel.Open;
        Ended = _end.Token;
    }

    public LoadPlan Plan { get; }

    public LoadScenario Scenario { get; }

    /// <summary>Kinds of users that have anything to do.</summary>
    public IReadOnlyList<LoadUser> Users { get; }

    public int Seed { get; }

    public HttpMessageInvoker Http { get; }

    public TimeProvider Time { get; }

    public LoadBook Book { get; }

    public AuthenticationHeaderValue? Authorization { get; }

    public bool IsOpen { get; }

    public IReadOnlyDictionary<string, LoadRows> Tables { get; }

    /// <summary>Cancelled when users have had the time that they were given to finish.</summary>
    public CancellationToken Ended { get; }

    /// <summary>What a user has at hand; the caller disposes it.</summary>
    public LoadSession SessionOf(LoadUser kind, int user) => new(this, kind, user);

    public HttpMethod MethodOf(string method) => _methods.GetOrAdd(method, static name => new HttpMethod(name));

    public MediaTypeHeaderValue TypeOf(string type) =>
        _types.Count < MaxRemembered ? _types.GetOrAdd(type, static text => MediaTypeHeaderValue.Parse(text)) : MediaTypeHeaderValue.Parse(type);

    /// <summary>A variable's value, which is a template itself.</summary>
    public LoadTemplate TemplateOf(string text) => _templates.Count < MaxRemembered ? _templates.GetOrAdd(text, LoadTemplate.Parse) : LoadTemplate.Parse(text);

    /// <summary>The address of a path below the target: never another host's, whatever a template made of it.</summary>
    public Uri UriOf(string path) => path.StartsWith('/')
        ? new Uri(_prefix + path, UriKind.Absolute)
        : throw new FormatException($"The path '{path}' does not begin with a slash.");

    /// <summary>A time in the units of the clock's timestamps.</summary>
    public long TicksOf(TimeSpan time) => (long)(time.TotalSeconds * Time.TimestampFrequency);

    public void End() => _end.Cancel();

    public void Dispose()
    {
        Http.Dispose();
        _end.Dispose();
    }
}
