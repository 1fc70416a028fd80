using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Access;

/// <summary>Who is signed in, kept in a signed and encrypted cookie: for scripts unreadable, sent by this site's own pages only, and over TLS
/// only unless the host named is loopback. Twelve hours, renewed while it is used.</summary>
/// <remarks>The ticket is the framework's own, but no scheme is registered: a lone scheme becomes the default of the whole application (and the
/// API would take the cookie), and a second one takes that default away from an application that mounts the console.</remarks>
internal sealed class ConsoleSession(IDataProtectionProvider protection, TimeProvider time)
{
    public const string Scheme = "ActorPerf.Console";
    public const string CookieName = "actorperf-console";
    private static readonly TimeSpan Life = TimeSpan.FromHours(12);

    private readonly TicketDataFormat _format = new(protection.CreateProtector(Scheme, "v1"));

    /// <param name="prefix">Where the console stands, "" at the root: the cookie goes nowhere else.</param>
    public void Begin(HttpContext http, ClaimsPrincipal principal, string prefix)
    {
        var ends = time.GetUtcNow() + Life;
        var ticket = new AuthenticationTicket(principal, new AuthenticationProperties { ExpiresUtc = ends }, Scheme);
        http.Response.Cookies.Append(CookieName, _format.Protect(ticket), Options(http, Life, prefix));
    }

    /// <summary>Null when nobody is signed in, the cookie is not ours, or its time is over.</summary>
    public ClaimsPrincipal? Read(HttpContext http, string prefix)
    {
        if (http.Request.Cookies[CookieName] is not { Length: > 0 } cookie || _format.Unprotect(cookie) is not { } ticket) return null;
        var left = (ticket.Properties.ExpiresUtc ?? DateTimeOffset.MinValue) - time.GetUtcNow();
        if (left <= TimeSpan.Zero || ticket.AuthenticationScheme != Scheme) return null;
        if (left < Life / 2) Begin(http, ticket.Principal, prefix);
        return ticket.Principal;
    }

    public static void End(HttpContext http, string prefix) => http.Response.Cookies.Delete(CookieName, Options(http, null, prefix));

    public static bool IsLoopback(string host) => host is "localhost"
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    /// <param name="life">Told as an age, so that a browser whose clock is wrong keeps the cookie just as long.</param>
    private static CookieOptions Options(HttpContext http, TimeSpan? life, string prefix) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = http.Request.IsHttps || !IsLoopback(http.Request.Host.Host),
        Path = prefix.Length > 0 ? prefix : "/",
        IsEssential = true,
        MaxAge = life,
    };
}
