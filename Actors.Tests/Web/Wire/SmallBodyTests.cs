using System.Text;
using ActorPerf.Web.Wire;

namespace ActorPerf.Tests.Web.Wire;

public sealed class SmallBodyTests
{
    // http.limits.depth at its most, and the three levels of a graph around a job's arguments.
    [Theory]
    [InlineData(67, true)]
    [InlineData(68, false)]
    [InlineData(200, false)]
    public void A_body_is_as_deep_as_it_may_be_and_no_deeper(int levels, bool taken)
    {
        var body = $"{{\"a\":{new string('[', levels - 1)}{new string(']', levels - 1)}}}";
        var refusal = SmallBody.TryRead(Encoding.UTF8.GetBytes(body), depth: 67, ["a"], out var document);
        document?.Dispose();
        Assert.Equal(taken ? null : "invalid-json", refusal?.Code);
    }
}
