namespace ActorPerf.Jobs;

/// <summary>A job's public name: a UUID, version 7 when we make it, the client's own otherwise. Written in lower case.</summary>
public readonly record struct JobId(Guid Value)
{
    /// <summary>Reads the 36-character form; upper case is refused, for an id has one spelling.</summary>
    public static bool TryParse(string? text, out JobId id)
    {
        id = default;
        if (text is not { Length: 36 } || !Guid.TryParseExact(text, "D", out var value)) return false;
        foreach (var c in text)
            if (c is >= 'A' and <= 'F') return false;
        id = new JobId(value);
        return true;
    }

    public override string ToString() => Value.ToString("D");
}

/// <summary>One life of a node's process: a fresh UUID at every start, so a run of an earlier life can never pass for a run of this one.</summary>
public readonly record struct Incarnation(Guid Value)
{
    public override string ToString() => Value.ToString("D");
}

/// <summary>One run of a job: who runs it, under which lease, as which attempt. All three must match, or the report is late.</summary>
public readonly record struct Run(Incarnation Owner, Guid Lease, int Attempt)
{
    /// <summary>A lease that no other run has: 128 random bits.</summary>
    internal static Guid NewLease(Random random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }
}
