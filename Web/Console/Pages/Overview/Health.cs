using ActorPerf.Cluster;
using ActorPerf.Jobs;
using ActorPerf.Tracing;

namespace ActorPerf.Web.Console.Pages;

/// <summary>How much something wants to be looked at. The words are the values of <c>data-level</c>.</summary>
public enum Level
{
    Good,
    Notice,
    Bad,
}

/// <summary>Something that wants to be looked at.</summary>
/// <param name="Key">What it is about, without numbers: two samples with the same keys list the same problems.</param>
/// <param name="Link">The page where it can be seen.</param>
public sealed record Problem(string Key, Level Level, string Text, string Link);

/// <summary>What health is judged by: one moment of a node and its queues.</summary>
/// <param name="RecentFailures">The newest failed jobs, newest first.</param>
public sealed record HealthReading(
    NodeCondition Condition, IReadOnlyList<Member> Members, IReadOnlyList<QueueView> Queues, JobStatistics Statistics,
    IReadOnlyList<Job> RecentFailures, DateTimeOffset Now)
{
    /// <summary>What the node was like.</summary>
    public Timelines Node { get; init; } = new(Now, new Dictionary<string, IReadOnlyList<double>>());

    /// <summary>The actors of this node with the longest mailboxes, by path.</summary>
    public IReadOnlyList<(string Path, long Waiting)> Mailboxes { get; init; } = [];
}

/// <summary>Judges health. Pure.</summary>
public static class Health
{
    /// <summary>A queued job that waits longer than this is worth a line.</summary>
    public static readonly TimeSpan LongWait = TimeSpan.FromMinutes(1);

    /// <summary>Failures older than this are history.</summary>
    public static readonly TimeSpan Recent = TimeSpan.FromMinutes(15);

    /// <summary>Messages in one mailbox that are worth a line.</summary>
    public const long LongMailbox = 10_000;

    /// <summary>The worst first.</summary>
    public static IReadOnlyList<Problem> Problems(HealthReading reading, Links links) => [.. Found(reading, links).OrderByDescending(static problem => problem.Level)];

    private static IEnumerable<Problem> Found(HealthReading reading, Links links) =>
    [
        .. NodeProblems(reading, links),
        .. reading.Members.Where(member => member.Unreachable || member.Status == "down").Select(member => MemberProblem(member, reading.Now, links)),
        .. reading.Queues.SelectMany(queue => QueueProblems(queue, links)),
        .. FailureProblems(reading, links),
        .. MailboxProblems(reading, links),
    ];

    /// <summary>One sentence: the worst first, else what is going on.</summary>
    public static (Level Level, string Sentence) Sentence(HealthReading reading, IReadOnlyList<Problem> problems)
    {
        var level = problems.Count == 0 ? Level.Good : problems.Max(problem => problem.Level);
        if (problems.Count > 0)
        {
            var worst = problems.First(problem => problem.Level == level);
            return (level, problems.Count == 1 ? worst.Text : $"{worst.Text} And {Words.Count(problems.Count - 1, "more thing", "more things")} to look at.");
        }
        var running = reading.Queues.Sum(Running);
        var waiting = reading.Queues.Sum(Waiting);
        return (level, (running, waiting) switch
        {
            (0, 0) => "All well: nothing waits, nothing runs.",
            (_, 0) => $"All well: {Words.Count(running, "job runs", "jobs run")}, nothing waits.",
            _ => $"All well: {Words.Count(running, "job runs", "jobs run")}, {Words.Count(waiting, "waits", "wait")} for a free routee.",
        });
    }

    public static long Running(QueueView queue) => Of(queue, JobState.Running) + Of(queue, JobState.Cancelling);

    public static long Waiting(QueueView queue) => Of(queue, JobState.Queued);

    public static long Of(QueueView queue, JobState state) => queue.Counts.TryGetValue(state, out var count) ? count : 0;

    private static IEnumerable<Problem> NodeProblems(HealthReading reading, Links links)
    {
        var condition = reading.Condition;
        if (condition.Draining) yield return new("node", Level.Notice, "This node drains: it finishes what runs and takes nothing new.", links.To("cluster"));
        else if (!condition.Ready) yield return new("node", Level.Bad, $"This node takes no work: {condition.Reason ?? "it does not say why"}.", links.To("cluster"));
        else if (condition.Reason is { } reason) yield return new("node", Level.Notice, $"This node works with a handicap: {reason}.", links.To("cluster"));
    }

    private static IEnumerable<Problem> MailboxProblems(HealthReading reading, Links links) => reading.Mailboxes
        .Where(mailbox => mailbox.Waiting > LongMailbox)
        .Select(mailbox => new Problem(
            $"mailbox:{mailbox.Path}", Level.Notice, $"Actor {mailbox.Path} falls behind: {Words.Count(mailbox.Waiting)} messages in its mailbox.",
            links.To("cluster/self", "actor", mailbox.Path)));

    private static Problem MemberProblem(Member member, DateTimeOffset now, Links links) => new(
        $"member:{member.Name}", Level.Bad,
        $"Node {member.Name} is {(member.Unreachable ? "unreachable" : "down")}; its last heartbeat came {Words.Relative(member.LastHeartbeat, now)}.",
        links.Member(member.Name));

    private static IEnumerable<Problem> QueueProblems(QueueView queue, Links links)
    {
        var waiting = Waiting(queue);
        if (waiting == 0) yield break;
        var link = links.To("jobs", [new("state", "queued"), new("queue", queue.Name)]);
        var jobs = Words.Count(waiting, "job waits", "jobs wait");
        if (queue.Paused) yield return new($"paused:{queue.Name}", Level.Notice, $"Queue {queue.Name} is paused; {jobs} in it.", links.Queue(queue.Name));
        else if (queue.Routees == 0) yield return new($"unserved:{queue.Name}", Level.Bad, $"No node serves queue {queue.Name}; {jobs} in it.", link);
        else if (queue.OldestWaiting > LongWait)
            yield return new($"slow:{queue.Name}", Level.Notice, $"Queue {queue.Name} is behind: {jobs}, the oldest for {Words.Duration(queue.OldestWaiting)}.", link);
    }

    private static IEnumerable<Problem> FailureProblems(HealthReading reading, Links links) => reading.RecentFailures
        .Where(job => job.Row.FinishedAt > reading.Now - Recent)
        .GroupBy(job => job.Row.Task, StringComparer.Ordinal)
        .OrderByDescending(task => task.Count())
        .Select(task => new Problem(
            $"failing:{task.Key}", Level.Bad,
            $"Task {task.Key} fails: {Words.Count(task.Count(), "job", "jobs")} in the last 15 minutes, the newest with {task.First().Row.Error?.Type ?? "an unknown error"}.",
            links.To("jobs", [new("state", "failed"), new("task", task.Key)])));
}
