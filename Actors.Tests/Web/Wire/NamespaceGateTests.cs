using ActorPerf.Tasks;
using ActorPerf.Web.Security;

namespace ActorPerf.Tests.Web.Wire;

public sealed class NamespaceGateTests
{
    [Fact]
    public void A_namespace_takes_no_more_than_its_share_and_none_of_anothers()
    {
        var (gate, other) = (new NamespaceGate(10), Namespace.Parse("other"));
        Assert.True(gate.TryEnter(Namespace.Default, 6));
        Assert.False(gate.TryEnter(Namespace.Default, 5));
        Assert.True(gate.TryEnter(other, 10));
        Assert.True(gate.TryEnter(Namespace.Default, 4));
        gate.Leave(Namespace.Default, 6);
        Assert.True(gate.TryEnter(Namespace.Default, 6));
    }
}
