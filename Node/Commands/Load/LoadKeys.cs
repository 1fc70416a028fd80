using ActorPerf.Load;
using ActorPerf.Load.Figures;

namespace ActorPerf.Node.Commands;

/// <summary>Locust's keys while a run goes on: <c>w W s S</c> change how much load there is, <c>q</c> ends the run in order.</summary>
internal sealed class LoadKeys(ILoadTests tests, Guid run)
{
    /// <summary>As Locust has it: who is asked for by a key comes at once, however slowly the run began.</summary>
    private const double SpawnRate = 100;

    /// <summary>What the keys do, for the line below the table.</summary>
    public static string Words(LoadModel model) => model is LoadModel.Open
        ? "Keys: w W one, ten iterations more in a time unit; s S less; q ends the run"
        : "Keys: w W one, ten users more; s S less; q ends the run";

    /// <summary>Why the last key did nothing; null where it did.</summary>
    public string? Fault { get; private set; }

    /// <summary>Does what keys ask for, one after another, until there are no more or the token is cancelled, which is their usual end.</summary>
    public async Task FollowAsync(Func<CancellationToken, IAsyncEnumerable<char>> keys, CancellationToken ct)
    {
        try
        {
            await foreach (var key in keys(ct).ConfigureAwait(false)) await DoAsync(key).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The run is over.
        }
    }

    /// <summary>What a key changes of a run; null for any other key. Pure.</summary>
    /// <remarks>Counted from what the plan wants, not from who is there already: two keys in a row are two users. Of a run with stages those to come are dropped.</remarks>
    public static LoadEdit? EditOf(char key, LoadProgress run)
    {
        if (Step(key) is not { } step) return null;
        switch (run.Plan.Model)
        {
            case LoadModel.Closed closed:
                var wanted = closed.Stages.Count > 0 ? run.TargetUsers : closed.Users;
                // Those who are still to come keep their pace: a key asks for one more, not for all of them at once.
                var coming = closed.Stages.Count > 0 || run.Users < wanted;
                return new LoadEdit(Users: Math.Max(0, wanted + step), SpawnRate: coming ? null : Math.Max(SpawnRate, closed.SpawnRate));
            case LoadModel.Open open:
                var rate = run.PlannedRate is { } now ? now * open.TimeUnit.TotalSeconds : open.Rate;
                return new LoadEdit(Rate: Math.Max(0, Math.Round(rate + step, 6)));
            default:
                return null;
        }
    }

    private async Task DoAsync(char key)
    {
        if (key == 'q') await tests.StopAsync(run, CancellationToken.None).ConfigureAwait(false);
        else if (tests.Find(run) is { } now && EditOf(key, now) is { } edit)
            Fault = await tests.EditAsync(run, edit, CancellationToken.None).ConfigureAwait(false) is LoadOutcome.Refused refused ? refused.Refusal.Detail : null;
    }

    private static int? Step(char key) => key switch { 'w' => 1, 'W' => 10, 's' => -1, 'S' => -10, _ => null };
}
