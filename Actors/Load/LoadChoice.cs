namespace ActorPerf.Load;

/// <summary>Which kinds of users there are, and what each does next. Pure but for the chance it is given.</summary>
internal static class LoadChoice
{
    /// <summary>The tasks of a kind of user that the plan's tags leave.</summary>
    public static IReadOnlyList<LoadTask> Tasks(LoadUser user, LoadPlan plan) =>
        plan.Tags.Count == 0 && plan.ExcludeTags.Count == 0 ? user.Tasks
            : [.. user.Tasks.Where(task => (plan.Tags.Count == 0 || task.Tags.Any(plan.Tags.Contains)) && !task.Tags.Any(plan.ExcludeTags.Contains))];

    /// <summary>The kinds of users that have anything to do.</summary>
    public static IReadOnlyList<LoadUser> Users(LoadScenario scenario, LoadPlan plan) =>
        [.. scenario.Users.Select(user => user with { Tasks = Tasks(user, plan) }).Where(static user => user.Tasks.Count > 0)];

    /// <summary>One of several by weight.</summary>
    /// <param name="weights">Each above 0; their sum fits an <see cref="int"/>.</param>
    public static int Pick(Random random, ReadOnlySpan<int> weights)
    {
        var total = 0;
        foreach (var weight in weights) total += weight;
        var drawn = random.Next(total);
        for (var i = 0; i < weights.Length; i++)
            if ((drawn -= weights[i]) < 0) return i;
        return weights.Length - 1;
    }

    /// <summary>Of which kind the next user is to be: fixed counts first, then the kind that lacks most in comparison with its weight.</summary>
    /// <param name="users">Kinds of users; at least one.</param>
    /// <param name="present">How many there are of each.</param>
    public static int NextUser(IReadOnlyList<LoadUser> users, IReadOnlyList<int> present, bool equal)
    {
        for (var i = 0; i < users.Count; i++)
            if (users[i].FixedCount > present[i]) return i;
        var (best, least) = (0, double.MaxValue);
        for (var i = 0; i < users.Count; i++)
        {
            if (users[i].FixedCount > 0 && users.Any(static user => user.FixedCount == 0)) continue;
            // Where it would stand with one more: the smallest goes first, so that at any number shares are as near as whole users allow.
            var share = (present[i] + 1.0) / (equal ? 1 : users[i].Weight);
            if (share < least) (best, least) = (i, share);
        }
        return best;
    }

    /// <summary>Which user goes when there are too many: of the kind that has most in comparison with its weight; fixed counts last.</summary>
    public static int Surplus(IReadOnlyList<LoadUser> users, IReadOnlyList<int> present, bool equal)
    {
        var (best, most) = (-1, double.MinValue);
        for (var i = 0; i < users.Count; i++)
        {
            if (present[i] == 0) continue;
            var share = users[i].FixedCount > 0 ? 0 : (double)present[i] / (equal ? 1 : users[i].Weight);
            if (share > most) (best, most) = (i, share);
        }
        return best;
    }
}
