using ActorPerf.Jobs;
using ActorPerf.Jobs.Operations;
using ActorPerf.Jobs.Search;
using ActorPerf.Tasks;

namespace ActorPerf.Tests.Web.Api;

/// <summary>Operations of a node that has none and starts none.</summary>
internal sealed class FakeOperations : IOperations
{
    public ValueTask<OperationReply> CountAsync(Namespace ns, string q, CancellationToken ct) => new((OperationReply?)Read(q) ?? new OperationReply.Counted(q, 0));

    public ValueTask<OperationReply> StartAsync(Namespace ns, OperationAction action, string q, CancellationToken ct) =>
        new((OperationReply?)Read(q) ?? new OperationReply.Refused(JobRefusals.Draining));

    public ValueTask<Operation?> GetAsync(Namespace ns, JobId id, CancellationToken ct) => new((Operation?)null);

    public ValueTask<OperationPage> ListAsync(Namespace ns, long? before, int limit, CancellationToken ct) => new(new OperationPage([], null));

    public ValueTask<OperationReply?> CancelAsync(Namespace ns, JobId id, CancellationToken ct) => new((OperationReply?)null);

    private static OperationReply.Refused? Read(string q) => !FilterText.TryParse(q, out var filter, out var fault)
        ? new OperationReply.Refused(SearchRefusals.Unreadable(fault!))
        : filter == JobFilter.Everything ? new OperationReply.Refused(SearchRefusals.Empty) : null;
}
