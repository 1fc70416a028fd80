using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace ActorPerf.Web;

/// <summary>The body of an answer that waits for something before its first byte goes out: until then it can still become another answer.</summary>
/// <remarks>What is written without being flushed stays here until <see cref="Release"/>; the first flush, start or end opens the body, and everything behind it goes straight to the server.</remarks>
internal sealed class HeldBody : IHttpResponseBodyFeature
{
    private readonly IHttpResponseBodyFeature _inner;
    private readonly Func<ValueTask> _before;
    private readonly HeldWriter _writer;

    /// <param name="inner">The server's own.</param>
    /// <param name="before">Awaited once, before the first byte. Where it throws, nothing goes out, and whoever writes gets the exception.</param>
    public HeldBody(IHttpResponseBodyFeature inner, Func<ValueTask> before)
    {
        (_inner, _before) = (inner, before);
        _writer = new HeldWriter(inner.Writer, OpenAsync);
    }

    /// <summary>What <c>before</c> threw; null while it has not.</summary>
    public Exception? Failure { get; private set; }

    public PipeWriter Writer => _writer;

    public Stream Stream => field ??= _writer.AsStream(leaveOpen: true);

    public void DisableBuffering() => _inner.DisableBuffering();

    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        await OpenAsync();
        await _inner.StartAsync(cancellationToken);
    }

    public async Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default)
    {
        await OpenAsync();
        await _inner.SendFileAsync(path, offset, count, cancellationToken);
    }

    public async Task CompleteAsync()
    {
        await OpenAsync();
        await _inner.CompleteAsync();
    }

    /// <summary>Hands over what was written and not flushed; the server sends it when the request ends.</summary>
    public void Release() => _writer.Open();

    private async ValueTask OpenAsync()
    {
        if (_writer.IsOpen) return;
        if (Failure is { } known) throw new IOException("The answer was given up: what it rests on has failed.", known);
        try
        {
            await _before();
        }
        catch (Exception failure)
        {
            Failure = failure;
            throw;
        }
        Release();
    }
}
