namespace ActorPerf.Kernel;

/// <summary>An alarm that is its own place in an <see cref="AlarmQueue"/>, so that setting it allocates nothing more.</summary>
internal abstract class LaneAlarm
{
    // The queue's alone, under its lock.
    internal LaneAlarm? Earlier;
    internal LaneAlarm? Later;
    internal long Due;

    /// <summary>Where the alarm waits; null before, and from the moment it is taken out or rings.</summary>
    internal AlarmQueue? Queue;

    public abstract void Ring();

    /// <summary>Takes the alarm out of its lane, if it is in one. It may be ringing already.</summary>
    protected void LeaveLane() => Volatile.Read(ref Queue)?.Leave(this);
}
