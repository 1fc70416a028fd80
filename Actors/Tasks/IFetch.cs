using System.ComponentModel.DataAnnotations;

namespace ActorPerf.Tasks;

/// <summary>Fetches over HTTP, within what <c>actorperf.fetch</c> allows. Composes with reads and jobs: it returns at once and is awaited where its value is needed.</summary>
public interface IFetch
{
    /// <summary>Sends a request, follows redirects, and reads the whole answer.</summary>
    /// <returns>Whatever status the server gave: 404 and 500 are answers too.</returns>
    /// <exception cref="FetchRefusedException">The address is not allowed, or the request or its answer breaks a limit; another try would not help.</exception>
    /// <exception cref="HttpRequestException">The server cannot be reached, or broke off.</exception>
    /// <exception cref="TimeoutException">It took longer than the request's time-out.</exception>
    Task<FetchResponse> FetchAsync(FetchRequest request, CancellationToken ct = default);
}

/// <param name="Url">Absolute, <c>http</c> or <c>https</c>, without a user name.</param>
/// <param name="Method">GET (the default), HEAD, POST, PUT, PATCH, DELETE or OPTIONS.</param>
/// <param name="Headers">At most 50. Those that frame the message are the client's own.</param>
/// <param name="Body">Sent as UTF-8; its type is the header <c>Content-Type</c>, <c>application/json</c> unless given.</param>
/// <param name="Timeout">For everything, redirects included. Default <c>actorperf.fetch.timeout</c>, which is also the most: a longer one, or <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>, is cut to it.</param>
public sealed record FetchRequest(
    [property: StringLength(8_192)] string Url, string? Method = null, IReadOnlyDictionary<string, string>? Headers = null, string? Body = null,
    [property: DurationRange("1ms", "1h")] TimeSpan? Timeout = null);

/// <param name="Headers">Names in lower case; several of one name are joined by a comma.</param>
public sealed record FetchResponse(int Status, IReadOnlyDictionary<string, string> Headers, ReadOnlyMemory<byte> Body);

/// <summary>A fetch was refused, or its answer was; the message names the setting.</summary>
public sealed class FetchRefusedException : NonRetryableException
{
    public FetchRefusedException()
        : this("The fetch was refused.")
    {
    }

    public FetchRefusedException(string message)
        : base(message)
    {
    }

    public FetchRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
