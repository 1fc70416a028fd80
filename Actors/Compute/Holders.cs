namespace ActorPerf.Compute;

/// <summary>Who wants permits for jobs and who holds some that are not used yet. For one actor.</summary>
internal sealed class Holders
{
    private readonly Dictionary<IActorRef, Holder> _holders = [];
    private readonly Queue<Holder> _turns = [];     // those that want; each at most once
    private bool _untold;

    /// <summary>Permits wanted by all.</summary>
    public int Wanted { get; private set; }

    /// <returns>True when the holder is new.</returns>
    public bool Want(IActorRef actor, int count)
    {
        var known = _holders.TryGetValue(actor, out var holder);
        if (holder is null)
        {
            if (count == 0) return false;
            holder = _holders[actor] = new Holder(actor);
        }
        // Bounded, so that the sum of what all want stays a number.
        count = Math.Min(count, 1_000_000);
        Wanted += count - holder.Wanted;
        holder.Wanted = count;
        Enqueue(holder);
        return !known;
    }

    /// <summary>Takes one permit for the holder whose turn it is. Only while somebody wants one.</summary>
    public void GrantOne()
    {
        var holder = NextInTurn();
        while (holder.Wanted == 0) holder = NextInTurn(); // it changed its mind, or is gone
        Wanted--;
        holder.Wanted--;
        holder.Granted++;
        holder.Untold++;
        _untold = true;
        Enqueue(holder);
    }

    /// <summary>The actor took permits by itself.</summary>
    public void Took(IActorRef actor, int count)
    {
        if (!_holders.TryGetValue(actor, out var holder)) holder = _holders[actor] = new Holder(actor);
        holder.Granted += count;
    }

    /// <summary>Tells every holder what it was granted since the last call.</summary>
    public void TellGranted(IActorRef gate)
    {
        if (!_untold) return;
        _untold = false;
        foreach (var holder in _holders.Values)
        {
            if (holder.Untold == 0) continue;
            holder.Actor.Tell(new GateReply.Granted(holder.Untold), gate);
            holder.Untold = 0;
        }
    }

    /// <summary>Uses one permit; false when the actor holds none.</summary>
    public bool Use(IActorRef actor)
    {
        if (!_holders.TryGetValue(actor, out var holder) || holder.Granted == 0) return false;
        holder.Granted--;
        return true;
    }

    /// <returns>How many it really held, at most <paramref name="count"/>.</returns>
    public int Return(IActorRef actor, int count)
    {
        if (!_holders.TryGetValue(actor, out var holder)) return 0;
        var returned = Math.Clamp(count, 0, holder.Granted);
        holder.Granted -= returned;
        return returned;
    }

    /// <summary>The actor is gone.</summary>
    /// <returns>The permits it held.</returns>
    public int Forget(IActorRef actor)
    {
        if (!_holders.Remove(actor, out var holder)) return 0;
        Wanted -= holder.Wanted;
        holder.Wanted = 0;
        return holder.Granted;
    }

    private Holder NextInTurn()
    {
        var holder = _turns.Dequeue();
        holder.Queued = false;
        return holder;
    }

    private void Enqueue(Holder holder)
    {
        if (holder.Wanted == 0 || holder.Queued) return;
        holder.Queued = true;
        _turns.Enqueue(holder);
    }

    private sealed class Holder(IActorRef actor)
    {
        public IActorRef Actor { get; } = actor;
        public int Wanted { get; set; }
        public int Granted { get; set; }
        public int Untold { get; set; }
        public bool Queued { get; set; }
    }
}
