namespace ActorPerf.Load;

/// <summary>What can be asked of a run, or of the desk that has it.</summary>
internal abstract record LoadCommand
{
    private LoadCommand()
    {
    }

    /// <summary>To the desk: begin a run.</summary>
    public sealed record Start(LoadPlan Plan, LoadScenario Scenario, IReadOnlyDictionary<string, LoadRows> Tables, TaskCompletionSource<LoadOutcome> Reply) : LoadCommand;

    public sealed record Stop(Guid Id, TaskCompletionSource<LoadOutcome> Reply) : LoadCommand;

    public sealed record Edit(Guid Id, LoadEdit Change, TaskCompletionSource<LoadOutcome> Reply) : LoadCommand;

    public sealed record Reset(Guid Id, TaskCompletionSource<LoadOutcome> Reply) : LoadCommand;
}

/// <summary>What a run tells its users.</summary>
internal abstract record UserCommand
{
    private UserCommand()
    {
    }

    /// <summary>Begin an iteration that was planned for a moment (a timestamp of the run's clock). Open models only.</summary>
    public sealed record Begin(long PlannedAt) : UserCommand;

    /// <summary>Finish what you do, say goodbye to the server, and go.</summary>
    public sealed record Leave : UserCommand
    {
        public static Leave Instance { get; } = new();
    }
}

/// <summary>What users tell their run.</summary>
internal abstract record UserNote
{
    private UserNote()
    {
    }

    /// <summary>Ready for an iteration. Open models only.</summary>
    public sealed record Idle : UserNote
    {
        public static Idle Instance { get; } = new();
    }

    /// <summary>It is no more. <paramref name="OfItself"/>: it has done all it was to do.</summary>
    public sealed record Gone(int User, bool OfItself) : UserNote;
}
