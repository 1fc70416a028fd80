namespace ActorPerf.Tasks.Commands;

/// <summary>A running process of ours with its three pipes. Owned by one call or worker.</summary>
internal interface IChild : IAsyncDisposable
{
    int Pid { get; }

    /// <summary>Ends the process's input when disposed.</summary>
    Stream Input { get; }

    Stream Output { get; }

    Stream Errors { get; }

    /// <summary>Ends when the process has ended and was taken off the system's table.</summary>
    Task<ChildExit> Exited { get; }

    /// <summary>Asks the process and those of its group to end.</summary>
    void Terminate();

    /// <summary>Ends it and everything that it started, also what left its group.</summary>
    Task KillTreeAsync();

    /// <summary>Ends what is left of its group, after it ended by itself: one call of the system, or nothing.</summary>
    void KillGroup();
}
