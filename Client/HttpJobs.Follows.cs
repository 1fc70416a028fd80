using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using ActorPerf.Client.Wire;
using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Tasks.Fetching;

namespace ActorPerf.Client;

/// <content>Following over server-sent events. A broken stream, or one that has gone silent, is taken up again behind its last event.</content>
public sealed partial class HttpJobs
{
    /// <summary>A stream that stands tells so every 15 s.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(45);

    /// <exception cref="StoreUnavailableException">The stream broke, and could not be taken up again as often as it was tried.</exception>
    public IAsyncEnumerable<JobEvent> FollowAsync(Namespace ns, JobId id, FeedPlace? after, CancellationToken ct) =>
        StreamAsync(new Call(HttpMethod.Get, $"/jobs/{id}/events", ns), after, one: true, ct);

    /// <remarks>Where the stream breaks before its first event with a place, what happened meanwhile is unknown: <see cref="JobEvent.Reset"/> says so.</remarks>
    /// <exception cref="StoreUnavailableException">As of <see cref="FollowAsync"/>.</exception>
    public IAsyncEnumerable<JobEvent> FollowAllAsync(JobQuery query, FeedPlace? after, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(query);
        var filter = Filter(query);
        return StreamAsync(new Call(HttpMethod.Get, filter.Length == 0 ? "/events" : $"/events?{filter[1..]}", query.Namespace), after, one: false, ct);
    }

    private async IAsyncEnumerable<JobEvent> StreamAsync(Call call, FeedPlace? after, bool one, [EnumeratorCancellation] CancellationToken ct)
    {
        var (last, told, tried) = (after, false, 0);
        while (true)
        {
            Exception? fault = null;
            var opened = false;
            var stream = OpenAsync(last is { } place ? call with { Headers = [("Last-Event-ID", place.ToString())] } : call, ct).GetAsyncEnumerator(ct);
            await using (stream)
            {
                while (true)
                {
                    try
                    {
                        if (!await stream.MoveNextAsync()) break;
                    }
                    catch (Exception broken) when (broken is HttpRequestException or IOException or StoreUnavailableException)
                    {
                        fault = broken;
                        break;
                    }
                    if (stream.Current is not { } happened)
                    {
                        opened = true;
                        tried = 0;
                        continue;
                    }
                    // A stream that is taken up begins with the job as it stands, which may have been told already.
                    if (told && happened is JobEvent.State { Place: var again } && again <= last) continue;
                    if (Place(happened) is { } where) (last, told) = (where, true);
                    yield return happened;
                    if (one && happened is JobEvent.Done) yield break;
                }
            }
            if (fault is null && !opened && one) yield break;                   // there is no such job
            if (!one && last is null && opened) yield return new JobEvent.Reset();
            tried++;
            if (_caller.GivesUp(tried)) throw _caller.Away(call, fault);
            await _caller.PauseAsync(tried, null, ct);
        }
    }

    /// <summary>The events of one connection; null when it stands. Empty where there is no such job.</summary>
    private async IAsyncEnumerable<JobEvent?> OpenAsync(Call call, [EnumeratorCancellation] CancellationToken ct)
    {
        using var response = await _caller.OpenAsync(call, ct);
        if (!response.IsSuccessStatusCode)
        {
            var reply = await Caller.ReadAsync(response, 1, ct);
            if (IsUnknown(reply)) yield break;
            throw (int)reply.Status is 408 or 429 or >= 500 ? new StoreUnavailableException(reply.Refusal!.Detail) : Caller.Unexpected(reply);
        }
        yield return null;
        await using var body = new ImpatientStream(await response.Content.ReadAsStreamAsync(ct), LongestSilence, _time);
        await foreach (var item in SseParser.Create(body, static (type, data) => (Type: type, Data: data.ToArray())).EnumerateAsync(ct))
            if (Read(item) is { } happened) yield return happened;
    }

    private static JobEvent? Read(SseItem<(string Type, byte[] Data)> item)
    {
        using var document = JsonDocument.Parse(item.Data.Data);
        var json = document.RootElement;
        return item.Data.Type switch
        {
            "state" => Told(JobReader.Read(json), Place(item), done: false),
            "done" => Told(JobReader.Read(json), Place(item), done: true),
            "progress" => new JobEvent.Progress(json.Id("id") ?? default, JobReader.Progress(json)),
            "log" => new JobEvent.Log(json.Id("id") ?? default, json.Int("attempt"), HistoryReader.Line(json)),
            "reset" => new JobEvent.Reset(),
            _ => null,                                                           // of a later version
        };
    }

    private static JobEvent Told(Job job, FeedPlace place, bool done) => done ? new JobEvent.Done(job.Row.Id, place, job) : new JobEvent.State(job.Row.Id, place, job);

    private static FeedPlace Place(SseItem<(string, byte[])> item) => FeedPlace.TryParse(item.EventId, out var place) ? place : FeedPlace.Start;

    private static FeedPlace? Place(JobEvent happened) => happened switch
    {
        JobEvent.State state => state.Place,
        JobEvent.Done done => done.Place,
        _ => null,
    };
}
