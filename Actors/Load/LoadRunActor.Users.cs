namespace ActorPerf.Load;

/// <summary>Users come and go, and in open models are told when to begin.</summary>
internal sealed partial class LoadRunActor
{
    /// <summary>An iteration may begin so much before its time: timers ring by the millisecond, and half of one to either side is the nearest they get.</summary>
    private static readonly TimeSpan Nearest = TimeSpan.FromMilliseconds(0.5);

    private readonly Dictionary<int, (IActorRef Actor, int Kind)> _users = [];
    private readonly List<int>[] _active;       // users that were not told to leave, by kind, the latest last
    private readonly int[] _present;            // how many of each kind are active
    private readonly int[] _everPresent;
    private readonly Stack<IActorRef> _idle = new();
    private readonly Queue<long> _backlog = new();
    private UserPlan? _userPlan;
    private ArrivalPlan? _arrivals;
    private TimeSpan _arrivalsArmedFor;
    private int _spawned;
    private int _mostUsers;
    private int _doneOfThemselves;

    private int Active => _present.Sum();

    private void Plan()
    {
        if (_plan.Model is LoadModel.Open open) _arrivals = ArrivalPlan.Of(open);
        else _userPlan = UserPlan.Of((LoadModel.Closed)_plan.Model);
    }

    private void Begin()
    {
        if (_plan.Model is LoadModel.Open open)
            for (var i = 0; i < open.PreAllocatedUsers; i++) Spawn();
        Follow();
    }

    /// <summary>Does what the plan has for now.</summary>
    private void Follow()
    {
        if (_arrivals is not null) Arrive();
        else Adjust();
    }

    private void EditUsers(LoadModel.Closed model, LoadEdit change)
    {
        var target = change.Users ?? _userPlan!.At(_userPlan.End);
        var rate = change.SpawnRate ?? model.SpawnRate;
        _plan = _plan with { Model = model with { Users = target, SpawnRate = rate, Stages = [] } };
        _userPlan = UserPlan.To(_userPlan!.At(Elapsed), target, rate, Elapsed);
    }

    private void EditRate(LoadModel.Open model, double rate)
    {
        _plan = _plan with { Model = model with { Rate = rate, Stages = [] } };
        _arrivals = new ArrivalPlan(Elapsed, rate / model.TimeUnit.TotalSeconds, []);
    }

    /// <summary>Brings the number of users to where the plan has it now, and looks again when the plan has another.</summary>
    private void Adjust()
    {
        var at = Elapsed;
        var target = _userPlan!.At(at);
        while (Active + _doneOfThemselves < target) Spawn();
        while (Active > target) Dismiss();
        if (_userPlan.NextChange(at) is { } next) Timers.StartSingleTimer(What.Adjust, Due.Adjust, Whole(next - at));
    }

    /// <param name="plannedAt">Of the iteration that the user is to begin with as soon as it is ready; it does not call itself idle before.</param>
    private void Spawn(long? plannedAt = null)
    {
        var (run, owner, user, kind) = (_run, Self, _spawned++, LoadChoice.NextUser(_run.Users, _present, _plan.EqualWeights));
        var actor = Context.ActorOf(Props.Create(() => new VirtualUser(run, kind, user, owner, plannedAt)), $"user-{user}");
        _users.Add(user, (actor, kind));
        _mostUsers = Math.Max(_mostUsers, _users.Count);
        _active[kind].Add(user);
        _present[kind]++;
        _everPresent[kind]++;
    }

    private void Dismiss()
    {
        var kind = LoadChoice.Surplus(_run.Users, _present, _plan.EqualWeights);
        var user = _active[kind][^1];
        _active[kind].RemoveAt(_active[kind].Count - 1);
        _present[kind]--;
        _users[user].Actor.Tell(UserCommand.Leave.Instance, Self);
    }

    private void Gone(UserNote.Gone gone)
    {
        if (!_users.Remove(gone.User, out var user)) return;
        if (_active[user.Kind].Remove(gone.User)) _present[user.Kind]--;
        if (gone.OfItself) _doneOfThemselves++;
        if (_stopsAt is not null)
        {
            if (_users.Count == 0) Finish();
        }
        else if (_users.Count == 0 && _doneOfThemselves > 0 && (_run.Book.IsSpent || _userPlan?.NextChange(Elapsed) is null)) End(LoadState.Finished, null);
    }

    /// <summary>Begins all iterations whose time has come, and looks again when the next one's has.</summary>
    private void Arrive()
    {
        var at = Elapsed;
        if (_arrivalsArmedFor > TimeSpan.Zero) _run.Book.TimerLateness.Record(at - _arrivalsArmedFor);
        while (_arrivals!.Next is { } due && due <= at + Nearest && due < _endsAt)
        {
            _arrivals.Take();
            Assign(_startedAt + _run.TicksOf(due));
        }
        _arrivalsArmedFor = TimeSpan.Zero;
        if (_arrivals.Next is not { } next || next >= _endsAt) return;
        var wait = Whole(next - at);
        _arrivalsArmedFor = at + wait;
        Timers.StartSingleTimer(What.Arrive, Due.Arrive, wait);
    }

    /// <summary>What was to start before the end and did not is dropped: it must not be missing from the figures in silence.</summary>
    private void GiveUpArrivals()
    {
        for (; _backlog.Count > 0; _backlog.Dequeue()) _run.Book.Drop();
        var end = _endsAt < _stopsAt!.Value ? _endsAt : _stopsAt.Value;
        for (; _arrivals?.Next is { } due && due < end; _arrivals.Take()) _run.Book.Drop();
    }

    private void Assign(long plannedAt)
    {
        if (_run.Book.IsSpent) return;
        var model = (LoadModel.Open)_plan.Model;
        if (_idle.TryPop(out var user)) user.Tell(new UserCommand.Begin(plannedAt), Self);
        else if (_users.Count < model.MaxUsers) Spawn(plannedAt);
        else if (_backlog.Count < model.Backlog) _backlog.Enqueue(plannedAt);
        else _run.Book.Drop();
    }

    /// <summary>A user is free: it takes what waits longest, or waits itself.</summary>
    private void Serve(IActorRef user)
    {
        if (_stopsAt is not null) return;
        if (_backlog.TryDequeue(out var plannedAt)) user.Tell(new UserCommand.Begin(plannedAt), Self);
        else _idle.Push(user);
    }

    /// <summary>To the nearest millisecond, at least one: a timer that is cut to zero rings at once, again and again.</summary>
    private static TimeSpan Whole(TimeSpan wait) => TimeSpan.FromMilliseconds(Math.Max(1, Math.Round(wait.TotalMilliseconds)));
}
