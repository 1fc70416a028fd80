using System.Globalization;
using System.Text.Json;
using ActorPerf.Client.Wire;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Client;

/// <content>Waiting: one long poll after the other, at most 60 s each, until the patience is over.</content>
public sealed partial class HttpJobs
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public async ValueTask<Job?> WaitFinishedAsync(Namespace ns, JobId id, TimeSpan patience, CancellationToken ct)
    {
        var started = _time.GetTimestamp();
        while (true)
        {
            var left = patience - _time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero) return await GetAsync(ns, id, ct);
            var reply = await PollAsync(ns, id, left, null, ct);
            if (reply is null) continue;                                         // the patience ended within the poll
            if (IsUnknown(reply)) return null;
            var job = JobReader.Read(Successful(reply).Body);
            if (job.Row.State.IsFinal) return job;
        }
    }

    public async ValueTask<Job?> WaitChangedAsync(Namespace ns, JobId id, long version, TimeSpan patience, CancellationToken ct)
    {
        var started = _time.GetTimestamp();
        var known = string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");
        while (true)
        {
            var left = patience - _time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero) return await GetAsync(ns, id, ct);
            var reply = await PollAsync(ns, id, left, known, ct);
            if (reply is null || reply.Status == System.Net.HttpStatusCode.NotModified) continue;
            if (IsUnknown(reply)) return null;
            var job = JobReader.Read(Successful(reply).Body);
            if (job.Row.Version != version) return job;
            known = reply.ETag ?? known;                                         // its progress or reason differs, which is no change of the job
        }
    }

    public async ValueTask<WaitManyOutcome> WaitManyAsync(Namespace ns, IReadOnlyList<JobId> ids, bool all, TimeSpan patience, CancellationToken ct)
    {
        CheckIds(ids);
        JobId[] distinct = [.. ids.Distinct()];
        var started = _time.GetTimestamp();
        while (true)
        {
            var left = patience - _time.GetElapsedTime(started);
            var outcome = await WaitAsync(ns, distinct, all, left < TimeSpan.Zero ? TimeSpan.Zero : left < LongestWait ? left : LongestWait, ct);
            if (left <= LongestWait || outcome.Pending.Count == 0 || (!all && outcome.Done.Count > 0)) return outcome;
        }
    }

    /// <param name="ids">Distinct.</param>
    private async Task<WaitManyOutcome> WaitAsync(Namespace ns, JobId[] ids, bool all, TimeSpan timeout, CancellationToken ct)
    {
        var body = JsonBody.Of(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("ids");
            foreach (var id in ids) json.WriteStringValue(id.Value);
            json.WriteEndArray();
            json.WriteString("mode", all ? "all" : "any");
            json.WriteString("timeout", Durations.Format(timeout));
            json.WriteEndObject();
        });
        var reply = Successful(await _caller.SendAsync(new Call(HttpMethod.Post, "/jobs/wait", ns) { Body = body, Wait = timeout }, ct));
        using var document = JsonDocument.Parse(reply.Body);
        return new WaitManyOutcome(
            [.. document.RootElement.Items("done").Select(JobReader.Read)], [.. document.RootElement.Items("pending").Select(static id => new JobId(id.GetGuid()))])
        {
            Unknown = [.. document.RootElement.Items("unknown").Select(static id => new JobId(id.GetGuid()))],
        };
    }

    /// <summary>One long poll; null when the patience, which may be less than the whole second that a poll takes, ended first.</summary>
    private async Task<Reply?> PollAsync(Namespace ns, JobId id, TimeSpan left, string? known, CancellationToken ct)
    {
        var wait = left < LongestWait ? left : LongestWait;
        var seconds = Math.Max(1, (int)wait.TotalSeconds);
        var prefer = ("Prefer", string.Create(CultureInfo.InvariantCulture, $"wait={seconds}"));
        var call = new Call(HttpMethod.Get, $"/jobs/{id}", ns) { Headers = known is null ? [prefer] : [prefer, ("If-None-Match", known)], Wait = TimeSpan.FromSeconds(seconds) };
        if (left >= Second) return await _caller.SendAsync(call, ct);
        using var patience = new CancellationTokenSource(left, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        try
        {
            return await _caller.SendAsync(call, either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return null;
        }
    }
}
