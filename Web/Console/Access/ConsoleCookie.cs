using System.Net;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Access;

/// <summary>The sign-in cookie: for scripts unreadable, sent by this site's own pages only, and over TLS only unless the host named is loopback.</summary>
internal sealed class ConsoleCookie : CookieBuilder
{
    public const string Scheme = "ActorPerf.Console";

    public override CookieOptions Build(HttpContext context, DateTimeOffset expiresFrom)
    {
        var options = base.Build(context, expiresFrom);
        options.Secure = context.Request.IsHttps || !IsLoopback(context.Request.Host.Host);
        options.Path = context.Request.PathBase.HasValue ? context.Request.PathBase.ToUriComponent() : "/";
        return options;
    }

    public static bool IsLoopback(string host) => host is "localhost"
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
