namespace ActorPerf.Tasks;

/// <summary>Canonical forms of spellings seen lately: a page asks with the same bytes again and again, and the same bytes have the same form.</summary>
/// <remarks>A small table without locks or order: a new spelling takes the slot of an old one, a lost one is worked out again. At most 256 slots
/// of 2 KiB per task.</remarks>
internal sealed class KnownSpellings
{
    private const int Slots = 256;
    private const int MaxLength = 1024;

    private readonly Spelling?[] _slots = new Spelling?[Slots];

    public bool TryGet(ReadOnlySpan<byte> args, out ReadOnlyMemory<byte> canonical)
    {
        canonical = default;
        if (args.Length > MaxLength) return false;
        if (Volatile.Read(ref _slots[Slot(args)]) is not { } known || !args.SequenceEqual(known.Args)) return false;
        canonical = known.Canonical;
        return true;
    }

    /// <param name="canonical">Not copied; must never change.</param>
    public void Keep(ReadOnlySpan<byte> args, byte[] canonical)
    {
        if (args.Length > MaxLength || canonical.Length > MaxLength) return;
        Volatile.Write(ref _slots[Slot(args)], new Spelling(args.ToArray(), canonical));
    }

    /// <summary>Seeded per process, so that nobody outside can choose spellings that take each other's slot.</summary>
    private static int Slot(ReadOnlySpan<byte> args)
    {
        var hash = new HashCode();
        hash.AddBytes(args);
        return hash.ToHashCode() & (Slots - 1);
    }

    private sealed record Spelling(byte[] Args, byte[] Canonical);
}
