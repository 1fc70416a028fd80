using ActorPerf.Web;
using Microsoft.Extensions.Options;

namespace ActorPerf.Tests.Web.Api;

/// <summary>Options that a test changes.</summary>
internal sealed class ManualMonitor(HttpOptions options) : IOptionsMonitor<HttpOptions>
{
    private Action<HttpOptions, string?>? _listeners;

    public HttpOptions CurrentValue { get; private set; } = options;

    public HttpOptions Get(string? name) => CurrentValue;

    public void Set(HttpOptions changed)
    {
        CurrentValue = changed;
        _listeners?.Invoke(changed, null);
    }

    public IDisposable? OnChange(Action<HttpOptions, string?> listener)
    {
        _listeners += listener;
        return null;
    }
}
