using System.Globalization;

namespace ActorPerf.Benchmarks.Harness;

/// <summary>What a figure has to reach.</summary>
internal abstract record Promise
{
    private Promise()
    {
    }

    public abstract bool IsKept(double value);

    public abstract string Words { get; }

    public sealed record AtLeast(double Bound, double AimFor = 0) : Promise
    {
        public override bool IsKept(double value) => value >= Bound;

        public override string Words => string.Create(CultureInfo.InvariantCulture, $"at least {Bound:#,0.##}{(AimFor > 0 ? $", aim for {AimFor:#,0.##}" : "")}");
    }

    public sealed record Under(double Bound) : Promise
    {
        public override bool IsKept(double value) => value < Bound;

        public override string Words => string.Create(CultureInfo.InvariantCulture, $"under {Bound:#,0.##}");
    }

    public sealed record Within(double Bound) : Promise
    {
        public override bool IsKept(double value) => value <= Bound;

        public override string Words => string.Create(CultureInfo.InvariantCulture, $"within {Bound:#,0.##}");
    }

    public sealed record Exactly(double Bound) : Promise
    {
        public override bool IsKept(double value) => value == Bound;

        public override string Words => string.Create(CultureInfo.InvariantCulture, $"exactly {Bound:#,0.##}");
    }
}
