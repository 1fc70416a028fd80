using ActorPerf.Configuration;
using ActorPerf.Load;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Web.Wire;

/// <summary>Where this node finds itself: not by what its caller calls it, which behind a proxy or a published port is a name of the other side.</summary>
internal static class OwnAddress
{
    /// <summary>An address that the server listens on, loopback and without TLS before others, with the path under which the node is mounted; what the caller says where the server tells none.</summary>
    public static string Of(HttpContext context)
    {
        var request = context.Request;
        var listens = context.RequestServices.GetService<IServer>()?.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        var own = listens.Select(ListenAddresses.Reachable).OrderBy(static address => (IsHere(address) ? 0 : 2) + (address.StartsWith("http:", StringComparison.Ordinal) ? 0 : 1)).FirstOrDefault();
        return $"{own?.TrimEnd('/') ?? $"{request.Scheme}://{request.Host.ToUriComponent()}"}{request.PathBase.ToUriComponent()}";
    }

    private static bool IsHere(string address) => Uri.TryCreate(address, UriKind.Absolute, out var url) && LoadPlanCheck.IsLoopback(url);
}
