namespace ActorPerf.Kernel;

/// <summary>Something of the kernel that is woken once.</summary>
internal interface IAlarmClock
{
    void Ring();
}
