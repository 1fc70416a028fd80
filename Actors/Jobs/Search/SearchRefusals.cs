using ActorPerf.Tasks;

namespace ActorPerf.Jobs.Search;

/// <summary>The refusals of searches.</summary>
public static class SearchRefusals
{
    /// <summary>Rows that one search may look at.</summary>
    public const int MaxLooked = 100_000;

    public static Refusal TooWide(JobSort sort) => new("search-too-wide",
        $"To order by {sort} all that match are looked at first, and more than {MaxLooked} jobs come into question. Narrow the search by a tag, an indexed argument or a state with fewer jobs, or order by createdAt.");

    public static Refusal Empty { get; } = new("invalid-search",
        "An operation needs a search that says on which jobs. To act on all of them write one that all meet, such as created>2000-01-01.")
    {
        Faults = [new FieldFault("/q", "It is empty.")],
    };

    public static Refusal Unreadable(FilterFault fault) => new("invalid-search", fault.ToString())
    {
        Faults = [new FieldFault("/q", fault.ToString())],
    };
}
