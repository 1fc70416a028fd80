namespace ActorPerf.Kernel;

/// <summary>How a router picks and owns its routees.</summary>
public abstract class RouterConfig : IEquatable<RouterConfig>
{
    private protected RouterConfig() { }

    public virtual bool Equals(RouterConfig? other) => ReferenceEquals(this, other);

    public override bool Equals(object? obj) => Equals(obj as RouterConfig);

    public override int GetHashCode() => GetType().GetHashCode();
}

/// <summary>No router.</summary>
public class NoRouter : RouterConfig
{
    private protected NoRouter() { }

    public static NoRouter Instance { get; } = new();
}
