using System.Net;
using ActorPerf.Client;
using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Tests.Web.Api;
using ActorPerf.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tests.Client;

/// <summary>The same over HTTP, and what only a connection can do wrong.</summary>
public sealed class HttpJobsTests : JobsBehaviour
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(1);
    private ServiceProvider? _services;

    private protected override IJobs Open(NodeHost host)
    {
        _services = new ServiceCollection().AddActorPerfClient(new ClientOptions { Address = Root(host) }).BuildServiceProvider();
        return _services.GetRequiredService<IJobs>();
    }

    public override async ValueTask DisposeAsync()
    {
        if (_services is not null) await _services.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task An_answer_that_is_lost_makes_no_second_job()
    {
        using var line = new Line { Losses = 1 };
        using var jobs = Over(line);
        var first = Assert.IsType<SubmitOutcome.Accepted>(await jobs.SubmitAsync(Square(3), Ct));
        line.Losses = 1;
        var unique = Assert.IsType<SubmitOutcome.Accepted>(await jobs.SubmitAsync(Square(4) with { UniqueKey = "k", Delay = TimeSpan.FromHours(1) }, Ct));
        line.Losses = 1;
        var batch = await jobs.SubmitManyAsync([Square(5), Square(6)], atomic: true, Ct);
        line.Losses = 1;
        await jobs.WaitFinishedAsync(Ours, first.Job.Row.Id, TimeSpan.FromSeconds(20), Ct);
        line.Losses = 1;
        Assert.IsType<SubmitOutcome.Accepted>(await jobs.RerunAsync(Ours, first.Job.Row.Id, new Rerun(), Ct));

        Assert.NotEqual(first.Job.Row.Id, unique.Job.Row.Id);
        Assert.All(batch, outcome => Assert.IsType<SubmitOutcome.Accepted>(outcome));
        Assert.Equal(5, (await Jobs.CountsAsync(Ours, Ct)).Sum(count => count.Count));
    }

    [Fact]
    public async Task A_store_that_is_away_is_asked_again_and_then_told()
    {
        using var line = new Line { Answers = () => Problem(HttpStatusCode.ServiceUnavailable, "storage-unavailable") };
        using var jobs = Over(line, retries: 2);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await jobs.SubmitAsync(Square(3), Ct));
        Assert.Equal(3, line.Sent);
        line.Sent = 0;
        // What may have taken place is not asked for twice.
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await jobs.DeleteAsync(Ours, new JobId(Guid.NewGuid()), Ct));
        Assert.Equal(1, line.Sent);
        line.Answers = () => Problem(HttpStatusCode.InsufficientStorage, "storage-full");
        await Assert.ThrowsAsync<StoreFullException>(async () => await jobs.SubmitAsync(Square(3), Ct));
        line.Answers = () => Problem(HttpStatusCode.ServiceUnavailable, "draining");
        Assert.Equal("draining", Assert.IsType<SubmitOutcome.Refused>(await jobs.SubmitAsync(Square(3), Ct)).Refusal.Code);
        line.Answers = () => throw new HttpRequestException(HttpRequestError.ConnectionError);
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await jobs.GetAsync(Ours, new JobId(Guid.NewGuid()), Ct));
        await Assert.ThrowsAsync<StoreUnavailableException>(async () =>
        {
            await foreach (var _ in jobs.FollowAsync(Ours, new JobId(Guid.NewGuid()), null, Ct)) Assert.Fail("nobody is there");
        });
    }

    [Fact]
    public async Task A_refusal_without_a_place_is_thrown_with_its_code()
    {
        using var line = new Line { Answers = () => Problem(HttpStatusCode.Forbidden, "forbidden") };
        using var jobs = Over(line);
        Assert.Equal("forbidden", (await Assert.ThrowsAsync<JobRefusedException>(async () => await jobs.GetAsync(Ours, new JobId(Guid.NewGuid()), Ct))).Refusal.Code);
        Assert.Equal("forbidden", Assert.IsType<SubmitOutcome.Refused>(await jobs.SubmitAsync(Square(1), Ct)).Refusal.Code);
        Assert.Equal(2, line.Sent);
    }

    [Fact]
    public async Task A_stream_that_breaks_is_taken_up_behind_its_last_event()
    {
        var id = (await AcceptedAsync(Square(5) with { Delay = TimeSpan.FromHours(1) })).Row.Id;
        using var line = new Line();
        using var jobs = Over(line);
        var states = new List<(long, JobState)>();
        await foreach (var happened in jobs.FollowAsync(Ours, id, null, Ct))
        {
            if (happened is JobEvent.State state) states.Add((state.Place.Seq, state.Now.Row.State));
            if (happened is JobEvent.Done done) states.Add((done.Place.Seq, done.Now.Row.State));
            if (line.Sent != 1) continue;
            line.Cut();
            await Jobs.RunNowAsync(Ours, id, Ct);
            await Jobs.WaitFinishedAsync(Ours, id, TimeSpan.FromSeconds(20), Ct);
        }
        Assert.True(line.Sent > 1);
        Assert.Equal([JobState.Scheduled, JobState.Queued, JobState.Running, JobState.Succeeded], states.Select(state => state.Item2));
        Assert.Equal(states.OrderBy(state => state.Item1), states);
    }

    [Fact]
    public async Task A_stream_that_goes_silent_is_taken_up_again()
    {
        var time = new ManualTime();
        using var line = new Line();
        line.Answers = () => line.Sent > 1 ? Problem(HttpStatusCode.NotFound, "unknown-job") : new HttpResponseMessage { Content = new StreamContent(new System.IO.Pipelines.Pipe().Reader.AsStream()) };
        using var jobs = new HttpJobs(new ClientOptions { Address = Root(Host!), FirstPause = Short, LongestPause = Short }, line, time);
        var following = jobs.FollowAsync(Ours, new JobId(Guid.NewGuid()), null, Ct).ToListAsync(Ct).AsTask();
        await Eventually.Is(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(15));
                return following.IsCompleted;
            },
            "the stream is asked for again");
        Assert.Empty(await following);
        Assert.Equal(2, line.Sent);
    }

    [Fact]
    public async Task What_the_wire_cannot_say_is_not_said_in_silence()
    {
        Assert.Throws<NotSupportedException>(() => Jobs.Statistics(Ours));
        await Assert.ThrowsAsync<NotSupportedException>(async () => await Jobs.SubmitAsync(Square(1) with { Workflow = "w" }, Ct));
        await Assert.ThrowsAsync<NotSupportedException>(async () => await Jobs.SubmitManyAsync([Square(1) with { IdempotencyKey = "k" }], atomic: true, Ct));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Jobs.SubmitManyAsync([Square(1), Square(2) with { Namespace = Namespace.Parse("another") }], atomic: false, Ct));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Jobs.ListAsync(new JobQuery { Namespace = Ours, Before = 99 }, Ct));
        Assert.Throws<ArgumentException>(() => new HttpJobs(new ClientOptions { Address = new Uri("ftp://node") }));
    }

    private HttpJobs Over(Line line, int retries = 6) => new(
        new ClientOptions { Address = Root(Host!), Retries = retries, FirstPause = Short, LongestPause = Short }, line);

    private static Uri Root(NodeHost host) => new(host.Client.BaseAddress!, "/");

    private static HttpResponseMessage Problem(HttpStatusCode status, string code) => new(status)
    {
        Content = new StringContent($$"""{"code": "{{code}}", "detail": "said the test"}""", System.Text.Encoding.UTF8, "application/problem+json"),
    };

    /// <summary>A connection that loses answers, gives its own, and can be cut.</summary>
    private sealed class Line() : DelegatingHandler(new SocketsHttpHandler())
    {
        private CancellationTokenSource _cut = new();

        public int Sent { get; set; }

        /// <summary>So many answers are lost after the node has given them.</summary>
        public int Losses { get; set; }

        public Func<HttpResponseMessage>? Answers { get; set; }

        public void Cut() => Interlocked.Exchange(ref _cut, new CancellationTokenSource()).Cancel();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Sent++;
            if (Answers is { } answers) return answers();
            var response = await base.SendAsync(request, cancellationToken);
            if (Losses == 0)
            {
                if (response.Content.Headers.ContentType?.MediaType == "text/event-stream")
                    response.Content = new StreamContent(new CutStream(await response.Content.ReadAsStreamAsync(cancellationToken), _cut.Token));
                return response;
            }
            Losses--;
            response.Dispose();
            throw new HttpRequestException("The connection was closed.");
        }
    }

    private sealed class CutStream(Stream inner, CancellationToken cut) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cut, cancellationToken);
            try
            {
                return await inner.ReadAsync(buffer, either.Token);
            }
            catch (OperationCanceledException) when (cut.IsCancellationRequested)
            {
                throw new IOException("The connection was cut.");
            }
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override void Flush() => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
