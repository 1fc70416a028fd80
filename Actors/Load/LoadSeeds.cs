namespace ActorPerf.Load;

/// <summary>Seeds of a run's users from the run's own, so that each has chance of its own and a run can be repeated.</summary>
internal static class LoadSeeds
{
    /// <summary>Mixes as SplitMix64 does: neighbouring users get seeds that have nothing in common.</summary>
    public static int OfUser(int seed, int user)
    {
        var mixed = ((ulong)(uint)seed << 32 | (uint)user) + 0x9e3779b97f4a7c15;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
        return (int)(mixed ^ (mixed >> 31));
    }
}
