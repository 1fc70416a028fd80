namespace ActorPerf.TestKit.MultiNode;

/// <summary>A test with roles: each plays on a node of its own, all at the same time, and they meet at barriers. At the end the database is verified.</summary>
/// <remarks>
/// As with Akka.NET's multi-node specs one piece of code plays every role, and asks who it is:
/// <code>
/// public sealed class Waiting() : MultiNodeTest("submitter", "worker")
/// {
///     protected override MultiNodeOptions Options => base.Options with { Configure = (role, node) => … };
///
///     [Fact]
///     public Task A_waiter_hears() => PlayAsync(async role =>
///     {
///         if (role.Is("submitter")) …
///         await role.EnterAsync("submitted");
///     });
/// }
/// </code>
/// Where a role fails, the others are called off, and the failure carries the logs of all nodes.
/// </remarks>
public abstract class MultiNodeTest(params string[] roles)
{
    /// <summary>How long a whole play may take. Default 2 min.</summary>
    protected virtual TimeSpan Patience => TimeSpan.FromMinutes(2);

    /// <summary>One node for each role.</summary>
    protected virtual MultiNodeOptions Options => new() { Names = roles };

    /// <exception cref="MultiNodeException">A role failed, a barrier was not reached by all, or the database does not hold together.</exception>
    protected async Task PlayAsync(Func<MultiNodeRole, Task> play)
    {
        ArgumentNullException.ThrowIfNull(play);
        using var calledOff = new CancellationTokenSource(Patience);
        await using var cluster = await MultiNodeCluster.StartAsync(Options, calledOff.Token);
        var barriers = new Barriers(roles.Length);
        await Task.WhenAll(roles.Select(role => PlayAsync(new MultiNodeRole(role, cluster, barriers, calledOff.Token), play, calledOff))).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (barriers.Failure is { } failure) throw new MultiNodeException($"Role '{failure.Role}' failed: {failure.Cause.Message}\n{cluster.Logs()}", failure.Cause);
        await cluster.VerifyAsync(CancellationToken.None);
    }

    private static async Task PlayAsync(MultiNodeRole role, Func<MultiNodeRole, Task> play, CancellationTokenSource calledOff)
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

/// <summary>One role of a test, as it plays.</summary>
public sealed class MultiNodeRole
{
    private readonly Barriers _barriers;

    internal MultiNodeRole(string name, MultiNodeCluster cluster, Barriers barriers, CancellationToken ct)
    {
        (Name, Cluster, _barriers, Ct) = (name, cluster, barriers, ct);
        Node = cluster[name];
    }

    public string Name { get; }

    /// <summary>The node it was given at the start.</summary>
    public TestNode Node { get; }

    public MultiNodeCluster Cluster { get; }

    /// <summary>Cancelled when another role failed, or the test's time is over.</summary>
    public CancellationToken Ct { get; }

    public bool Is(params ReadOnlySpan<string> names) => names.Contains(Name);

    /// <summary>Waits until every role has come to this place. Names must come in the same order in every role.</summary>
    public Task EnterAsync(string barrier) => _barriers.EnterAsync(barrier, Ct);

    internal void Fail(Exception cause) => _barriers.Fail(Name, cause);
}

/// <summary>Where the roles of a test meet.</summary>
internal sealed class Barriers(int roles)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (int Arrived, TaskCompletionSource All)> _barriers = new(StringComparer.Ordinal);

    public (string Role, Exception Cause)? Failure { get; private set; }

    public async Task EnterAsync(string name, CancellationToken ct)
    {
        Task all;
        lock (_gate)
        {
            var (arrived, everyone) = _barriers.TryGetValue(name, out var known) ? known : (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            _barriers[name] = (arrived + 1, everyone);
            if (arrived + 1 == roles) everyone.TrySetResult();
            all = everyone.Task;
        }
        await all.WaitAsync(ct);
    }

    /// <summary>The first failure is the play's; others follow from it.</summary>
    public void Fail(string role, Exception cause)
    {
        lock (_gate) Failure ??= (role, cause);
    }
}
