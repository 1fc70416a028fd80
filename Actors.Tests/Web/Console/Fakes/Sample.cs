using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Web.Console.Fakes;

/// <summary>Jobs, queues, tasks and members to look at.</summary>
internal static class Sample
{
    public static readonly Guid Here = new("01990000-0000-7000-8000-00000000beef");

    public static JobId Id(long seq) => new(new Guid($"01990000-0000-7000-8000-{seq.ToString("x12", CultureInfo.InvariantCulture)}"));

    /// <summary>A job as it would be at noon, in any state.</summary>
    public static Job Job(string task, JobState state, long seq = 1, string queue = "default", string args = """{"n":12}""", string? tag = null, DateTimeOffset? at = null)
    {
        var created = at ?? FakeJobs.Noon.AddSeconds(-90);
        var began = state.IsActive || state is JobState.Succeeded or JobState.Failed or JobState.Retrying;
        return new Job(
            new JobRow
            {
                Seq = seq,
                Id = Id(seq),
                Namespace = Namespace.Default,
                Task = task,
                Queue = queue,
                State = state,
                RunAt = state is JobState.Scheduled or JobState.Retrying ? FakeJobs.Noon.AddMinutes(4) : created,
                CreatedAt = created,
                StartedAt = began ? created.AddSeconds(1.25) : null,
                FinishedAt = state.IsFinal ? created.AddSeconds(4.5) : null,
                Attempt = began ? 1 : 0,
                Node = began ? "node-1" : null,
                Tags = tag is null ? [] : [tag],
                Error = state is JobState.Failed or JobState.Retrying ? new TaskError("HttpRequestException", "The upstream at reports.internal answered 503 after 30 s.") : null,
                Version = 3,
            },
            Encoding.UTF8.GetBytes(args), state == JobState.Succeeded ? "144"u8.ToArray() : (ReadOnlyMemory<byte>?)null, null);
    }

    public static QueueView Queue(string name, long queued = 0, long running = 0, TimeSpan? oldest = null, int routees = 4, int busy = 0, bool paused = false) => new(
        name, new Dictionary<JobState, long> { [JobState.Queued] = queued, [JobState.Running] = running }, oldest, routees, busy) { Limits = new QueueLimits { Paused = paused } };

    public static Member Member(string name = "node-1", string status = "up", bool unreachable = false, Guid? incarnation = null) => new(
        name, $"http://10.0.0.{name.Length}:8080", ["web", "compute"], status, unreachable, "0.1.0", incarnation ?? Here, FakeJobs.Noon.AddHours(-30), FakeJobs.Noon.AddSeconds(-3),
        0.42, 187_000_000, 3, ["default", "io", "cpu"]);

    public static TaskDescriptor Task(string name, string summary, string schema, string queue = "default", Memoization? memoize = null) => new()
    {
        Name = name,
        Summary = summary,
        Queue = queue,
        Memoize = memoize,
        ArgsSchema = JsonNode.Parse(schema) ?? throw new ArgumentException("The schema is null.", nameof(schema)),
        Runner = new NoRunner(),
    };

    private sealed class NoRunner : ITaskRunner
    {
        public Refusal? Check(ReadOnlyMemory<byte> args) => null;

        public bool TryCanonicalize(ReadOnlyMemory<byte> args, out ReadOnlyMemory<byte> canonical, out Refusal? refusal)
        {
            (canonical, refusal) = (args, null);
            return true;
        }

        public ValueTask<ReadOnlyMemory<byte>> RunAsync(ReadOnlyMemory<byte> args, TaskContext context, CancellationToken ct) => ValueTask.FromResult(args);
    }
}
