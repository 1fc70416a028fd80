using System.Collections.Concurrent;
using ActorPerf.Tasks;

namespace ActorPerf.Web.Security;

/// <summary>Counts what each namespace has taken of something that all share.</summary>
/// <param name="most">That one namespace may have at once.</param>
internal sealed class NamespaceGate(int most)
{
    private readonly ConcurrentDictionary<Namespace, int> _taken = new();

    public bool TryEnter(Namespace ns, int places = 1)
    {
        if (_taken.AddOrUpdate(ns, places, (_, taken) => taken + places) <= most) return true;
        Leave(ns, places);
        return false;
    }

    public void Leave(Namespace ns, int places = 1)
    {
        if (_taken.AddOrUpdate(ns, 0, (_, taken) => taken - places) == 0) _taken.TryRemove(new(ns, 0));
    }
}
