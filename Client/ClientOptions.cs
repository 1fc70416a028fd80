namespace ActorPerf.Client;

/// <summary>How a program reaches a node.</summary>
public sealed class ClientOptions
{
    /// <summary>Where the node serves, such as <c>http://127.0.0.1:8080</c>, with the path under which a host has mounted it; the API's own <c>/api/v1</c> is added.</summary>
    public Uri Address { get; set; } = new("http://127.0.0.1:8080");

    /// <summary>The key that the node is to see (<c>Authorization: Bearer …</c>); null where it needs none.</summary>
    public string? Key { get; set; }

    /// <summary>Time for one request, beyond what the node was asked to wait. Default 30 s; more than 0.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a request is sent again after the connection broke or the node could not serve it, where sending twice is harmless. Default 6; 0 or more.</summary>
    public int Retries { get; set; } = 6;

    /// <summary>Pause before the first repeat; it doubles with each, and is drawn between half and all of that. Default 200 ms; more than 0.</summary>
    public TimeSpan FirstPause { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest pause. Default 5 s; not below <see cref="FirstPause"/>.</summary>
    public TimeSpan LongestPause { get; set; } = TimeSpan.FromSeconds(5);

    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    internal void Check()
    {
        if (!Address.IsAbsoluteUri || Address.Scheme is not ("http" or "https")) throw new ArgumentException($"ClientOptions.Address '{Address}' is no http or https address, such as http://127.0.0.1:8080.");
        if (Timeout <= TimeSpan.Zero) throw new ArgumentException($"ClientOptions.Timeout is {Timeout}; it must be more than 0.");
        if (Retries < 0) throw new ArgumentException($"ClientOptions.Retries is {Retries}; it must be 0 or more.");
        if (FirstPause <= TimeSpan.Zero || LongestPause < FirstPause)
            throw new ArgumentException($"ClientOptions.FirstPause is {FirstPause} and LongestPause {LongestPause}; the first must be more than 0 and not above the longest.");
    }
}
