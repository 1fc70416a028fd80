using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;

namespace ActorPerf.Tests.Web.Console.Fakes;

/// <summary>Reads one event stream of the console, as an open page would.</summary>
internal sealed class EventReader : IAsyncDisposable
{
    private readonly HttpResponseMessage _answer;
    private readonly IAsyncEnumerator<SseItem<string>> _events;

    private EventReader(HttpResponseMessage answer, IAsyncEnumerator<SseItem<string>> events) => (_answer, _events) = (answer, events);

    public static async Task<EventReader> OpenAsync(ConsoleHost host, string link)
    {
        var ct = TestContext.Current.CancellationToken;
        var answer = await host.Http.GetAsync(new Uri(link, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, ct);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        return new EventReader(answer, SseParser.Create(await answer.Content.ReadAsStreamAsync(ct)).EnumerateAsync(ct).GetAsyncEnumerator(ct));
    }

    public async Task<JsonNode> NextFrameAsync()
    {
        while (await _events.MoveNextAsync())
            if (_events.Current.EventType == "frame") return JsonNode.Parse(_events.Current.Data) ?? throw new InvalidDataException("A frame is null.");
        throw new EndOfStreamException("The stream ended without another frame.");
    }

    public ValueTask DisposeAsync()
    {
        _answer.Dispose();
        return ValueTask.CompletedTask;
    }
}
