namespace ActorPerf.TestKit.MultiNode;

/// <summary>A test with roles, as <see cref="MultiNodeTest"/> is, whose roles run as <c>actorperf</c> processes over PostgreSQL. At the end the database is verified.</summary>
/// <remarks>What a role does is said in the test's process: its code speaks to its own node by HTTP, kills and freezes it, and cuts its line.
/// <code>
/// public sealed class Failover() : ProcessTest("one", "two")
/// {
///     protected override Task&lt;ProcessOptions&gt; OptionsAsync() => …;       // an empty database, and your tasks
///
///     [Fact]
///     public Task A_lost_job_runs_elsewhere() => PlayAsync(async role =>
///     {
///         if (role.Is("one")) await role.Node.KillAsync();
///         await role.EnterAsync("dead");                          // waits for every role
///         …
///     });
/// }
/// </code>
/// Where a role fails, the others are called off, and the failure carries the logs of all nodes and says where they are kept.</remarks>
public abstract class ProcessTest(params string[] roles)
{
    /// <summary>How long a whole play may take. Default 3 min.</summary>
    protected virtual TimeSpan Patience => TimeSpan.FromMinutes(3);

    /// <summary>One node for each role: <see cref="ProcessOptions.Names"/> are set to them.</summary>
    protected abstract Task<ProcessOptions> OptionsAsync();

    /// <exception cref="MultiNodeException">A role failed, a barrier was not reached by all, or the database does not hold together.</exception>
    protected async Task PlayAsync(Func<ProcessRole, Task> play)
    {
        ArgumentNullException.ThrowIfNull(play);
        using var calledOff = new CancellationTokenSource(Patience);
        await using var cluster = await ProcessCluster.StartAsync(await OptionsAsync() with { Names = roles }, calledOff.Token);
        var barriers = new Barriers(roles.Length);
        await Task.WhenAll(roles.Select(role => PlayAsync(new ProcessRole(role, cluster, barriers, calledOff.Token), play, calledOff))).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (barriers.Failure is { } failure)
            throw new MultiNodeException($"Role '{failure.Role}' failed: {failure.Cause.Message}\nLogs are kept in {cluster.KeepLogs()}.\n{cluster.Logs()}", failure.Cause);
        await cluster.VerifyAsync(CancellationToken.None);
    }

    private static async Task PlayAsync(ProcessRole role, Func<ProcessRole, Task> play, CancellationTokenSource calledOff)
    {
        try
        {
            await play(role);
        }
#pragma warning disable CA1031 // Whatever it was, it is the play's failure, and the other roles must not wait for this one.
        catch (Exception cause)
#pragma warning restore CA1031
        {
            role.Fail(cause);
            await calledOff.CancelAsync();
        }
    }
}

/// <summary>One role of a test of processes, as it plays.</summary>
public sealed class ProcessRole
{
    private readonly Barriers _barriers;

    internal ProcessRole(string name, ProcessCluster cluster, Barriers barriers, CancellationToken ct)
    {
        (Name, Cluster, _barriers, Ct) = (name, cluster, barriers, ct);
        Node = cluster[name];
    }

    public string Name { get; }

    /// <summary>Its own node.</summary>
    public ProcessNode Node { get; }

    public ProcessCluster Cluster { get; }

    /// <summary>Cancelled when another role failed, or the test's time is over.</summary>
    public CancellationToken Ct { get; }

    public bool Is(params ReadOnlySpan<string> names) => names.Contains(Name);

    /// <summary>Waits until every role has come to this place. Names must come in the same order in every role.</summary>
    public Task EnterAsync(string barrier) => _barriers.EnterAsync(barrier, Ct);

    internal void Fail(Exception cause) => _barriers.Fail(Name, cause);
}
