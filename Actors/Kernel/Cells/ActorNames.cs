namespace ActorPerf.Kernel;

/// <summary>Names of actors: which are allowed, and the generated ones.</summary>
internal static class ActorNames
{
    private const string Digits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+~";

    public static void Check(string name, ActorPath parent)
    {
        if (ActorPath.IsValidPathElement(name)) return;
        throw new InvalidActorNameException(name.Length == 0
            ? $"An actor under {parent} was given an empty name. Pass null for a generated one."
            : $"Illegal actor name [{name}] under {parent}: it may not start with '$' and may hold only ASCII letters, digits and -_.*$+:@&=,!~';()%.");
    }

    /// <summary>'$' and the number in base 64, least digit first: $a, $b, …</summary>
    public static string Generated(long number)
    {
        Span<char> name = stackalloc char[12];
        name[0] = '$';
        var length = 1;
        do
        {
            name[length++] = Digits[(int)(number & 63)];
            number >>= 6;
        }
        while (number != 0);
        return new string(name[..length]);
    }
}
