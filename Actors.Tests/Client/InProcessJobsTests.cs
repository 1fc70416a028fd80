using ActorPerf.Jobs;
using ActorPerf.Tests.Web.Api;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Tests.Client;

public sealed class InProcessJobsTests : JobsBehaviour
{
    private protected override IJobs Open(NodeHost host) => host.Services.GetRequiredService<IJobs>();
}
