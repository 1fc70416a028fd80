using ActorPerf.Web.Console.Access;
using Microsoft.AspNetCore.Http;

namespace ActorPerf.Web.Console.Pages;

/// <summary>Turns an API key into a cookie, and back into nothing.</summary>
internal static class SignInHandler
{
    public static Task<IResult> ShowAsync(ConsoleRequest request) => Task.FromResult(
        request.View.SignInRequired && request.View.SignedInAs is null
            ? Form(request, request.Query("returnTo"), null, StatusCodes.Status200OK)
            : request.Redirect(request.Links.Back(request.Query("returnTo"))));

    public static Task<IResult> SignInAsync(ConsoleRequest request) => Task.FromResult(SignIn(request));

    private static IResult SignIn(ConsoleRequest request)
    {
        var returnTo = request.Field("returnTo");
        if (!request.View.SignInRequired) return request.Redirect(request.Links.To(""));
        var address = request.Http.Connection.RemoteIpAddress?.ToString() ?? "unknown";
        var log = request.Log;
        if (!request.Service<SignInAttempts>().TryBegin(address))
        {
            log.SignInRefused(address, "too many attempts");
            request.Http.Response.Headers.RetryAfter = "60";
            return Form(request, returnTo, "Too many attempts. Wait a minute, then try again.", StatusCodes.Status429TooManyRequests);
        }
        if (request.Service<IConsoleSignIn>().Check(request.Field("key")?.Trim() ?? "") is not { } principal)
        {
            log.SignInRefused(address, "no such key");
            return Form(request, returnTo, "No key of this node reads like that. Make one with: actorperf key new NAME", StatusCodes.Status403Forbidden);
        }
        request.Service<ConsoleSession>().Begin(request.Http, principal, request.Links.Prefix);
        log.SignedIn(principal.Identity?.Name ?? "somebody", address);
        return request.Redirect(request.Links.Back(returnTo));
    }

    public static Task<IResult> SignOutAsync(ConsoleRequest request)
    {
        ConsoleSession.End(request.Http, request.Links.Prefix);
        return Task.FromResult(request.Redirect(request.Links.To(request.View.SignInRequired ? "sign-in" : "")));
    }

    private static IResult Form(ConsoleRequest request, string? returnTo, string? fault, int status) =>
        ConsolePage.Of<SignInPage>(request.View, new SignInModel(returnTo, fault), status);
}

/// <param name="ReturnTo">Where to go afterwards, if it is a page of ours.</param>
public sealed record SignInModel(string? ReturnTo, string? Fault);
