using ActorPerf.Web.Console.Access;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages;

/// <summary>Keeps the chosen theme in a cookie, so that the server can render it: no flash of the other one, and no script needed.</summary>
internal static class ThemeHandler
{
    public static Task<IResult> SetAsync(ConsoleRequest request)
    {
        var options = new CookieOptions { SameSite = SameSiteMode.Strict, Path = request.Links.CookiePath, MaxAge = TimeSpan.FromDays(365), Secure = request.Http.Request.IsHttps };
        if (request.Field("theme") is ("light" or "dark") and var theme) request.Http.Response.Cookies.Append(ConsoleRoutes.ThemeCookie, theme, options);
        else request.Http.Response.Cookies.Delete(ConsoleRoutes.ThemeCookie, options);
        return Task.FromResult(request.Redirect(request.Links.Back(request.Field("returnTo"))));
    }
}
