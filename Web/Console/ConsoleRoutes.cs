using ActorPerf.Cluster;
using System.Security.Claims;
using ActorPerf.Jobs;
using ActorPerf.Tasks;
using ActorPerf.Web.Console.Access;
using ActorPerf.Web.Security;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ActorPerf.Web.Console;

/// <summary>Maps the console's routes, each behind the same door: headers, sign-in, namespace, right, form token, and errors in the console's own look.</summary>
internal sealed class ConsoleRoutes(IEndpointRouteBuilder root)
{
    private const long MaxFormBytes = 1024 * 1024;

    /// <summary>A page or another thing to read.</summary>
    public void Get(string pattern, Right right, Func<ConsoleRequest, Task<IResult>> answer) =>
        root.MapGet(Rooted(pattern), Behind(pattern, right, answer)).ChecksAccessItself((Scope)(int)right).ExcludeFromDescription();

    /// <summary>A form that was posted; its token is checked before <paramref name="answer"/> sees it.</summary>
    /// <param name="ofAll">It changes what belongs to all namespaces together.</param>
    public void Post(string pattern, Right right, Func<ConsoleRequest, Task<IResult>> answer, bool ofAll = false) =>
        root.MapPost(Rooted(pattern), Behind(pattern, right, answer, ofAll)).ChecksAccessItself((Scope)(int)right).ExcludeFromDescription();

    /// <summary>One of the console's own files; nothing of the visitor is read.</summary>
    public void Asset(string pattern) => root.MapGet(Rooted(pattern), static http =>
    {
        ConsoleHeaders.Apply(http.Response);
        return ConsoleAssets.WriteAsync(http, http.Request.RouteValues["name"] as string ?? "");
    }).OpenToAll().ExcludeFromDescription();

    private static string Rooted(string pattern) => "/" + pattern;

    private static RequestDelegate Behind(string pattern, Right right, Func<ConsoleRequest, Task<IResult>> answer, bool ofAll = false)
    {
        var depth = Segments(pattern);
        return async http =>
        {
            ConsoleHeaders.Apply(http.Response);
            var prefix = PrefixOf(http.Request, depth);
            var (request, denial) = await ReadAsync(http, prefix, right, ofAll);
            // As over the API: what an operator began goes on to its end and into the audit, whoever hangs up.
            if (right is Right.Operate or Right.Admin && HttpMethods.IsPost(http.Request.Method)) http.RequestAborted = CancellationToken.None;
            await Guarded(request, denial ?? answer);
        };
    }

    /// <summary>What stands before the console's own part of the path: it may be mounted anywhere, even below a route parameter.</summary>
    private static string PrefixOf(HttpRequest request, int depth)
    {
        var path = request.Path.ToUriComponent().TrimEnd('/');
        for (var i = 0; i < depth; i++) path = path[..Math.Max(path.LastIndexOf('/'), 0)];
        return request.PathBase.ToUriComponent() + path;
    }

    private static int Segments(string pattern) => pattern.Length == 0 ? 0 : pattern.Count(c => c == '/') + 1;

    private static async Task<(ConsoleRequest Request, Func<ConsoleRequest, Task<IResult>>? Denial)> ReadAsync(HttpContext http, string prefix, Right right, bool ofAll)
    {
        var signIn = http.RequestServices.GetRequiredService<IConsoleSignIn>();
        var guest = HostCaller.Of(http);
        var principal = guest is null ? Who(http, signIn, prefix) : null;
        var rights = guest is not null ? ConsoleRights.Of(guest) : !signIn.Required ? ConsoleRights.Everything : principal is null ? ConsoleRights.Nothing : ConsoleRights.Of(principal);
        var asked = http.Request.Query[Links.NamespaceKey].ToString();
        var known = Namespace.TryParse(asked.Length == 0 ? rights.Home.Name : asked, out var ns);
        var links = new Links(prefix, ns == rights.Home ? null : ns.Name);
        var view = ViewOf(http, links, ns, rights) with
        {
            SignInRequired = guest is null && signIn.Required, SignedInAs = guest?.Name ?? principal?.Identity?.Name, IsHostsUser = guest is not null,
        };
        var (form, formFault) = await FormAsync(http);
        var request = new ConsoleRequest(http, view, form);
        return (request, Denial(request, right, ofAll, known, formFault));
    }

    private static ConsoleView ViewOf(HttpContext http, Links links, Namespace ns, ConsoleRights rights)
    {
        var request = http.Request;
        return new ConsoleView
        {
            Links = links,
            Namespace = ns,
            Rights = rights,
            Now = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow(),
            Origin = $"{request.Scheme}://{request.Host.ToUriComponent()}{links.Prefix}",
            Here = !HttpMethods.IsPost(request.Method) ? request.PathBase.ToUriComponent() + request.Path.ToUriComponent() + request.QueryString.ToUriComponent() : links.To(""),
            Theme = request.Cookies[ThemeCookie] is "light" or "dark" ? request.Cookies[ThemeCookie] ?? "system" : "system",
            FormToken = new(() => TokenFor(http)),
        };
    }

    private static KeyValuePair<string, string> TokenFor(HttpContext http)
    {
        var tokens = http.RequestServices.GetRequiredService<IAntiforgery>().GetAndStoreTokens(http);
        return new(tokens.FormFieldName, tokens.RequestToken ?? "");
    }

    /// <summary>Holds <c>light</c> or <c>dark</c>; written by the theme form and by theme.js.</summary>
    public const string ThemeCookie = "actorperf-theme";

    private static ClaimsPrincipal? Who(HttpContext http, IConsoleSignIn signIn, string prefix)
    {
        if (!signIn.Required) return null;
        if (http.RequestServices.GetRequiredService<ConsoleSession>().Read(http, prefix) is not { } principal || !signIn.StillHolds(principal)) return null;
        http.User = principal; // form tokens are bound to whoever is signed in
        return principal;
    }

    private static async Task<(IFormCollection Form, string? Fault)> FormAsync(HttpContext http)
    {
        if (!HttpMethods.IsPost(http.Request.Method)) return (FormCollection.Empty, null);
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = MaxFormBytes;
        try
        {
            await http.RequestServices.GetRequiredService<IAntiforgery>().ValidateRequestAsync(http);
            if (!http.Request.HasFormContentType) return (FormCollection.Empty, "What was sent is no form.");
            return (await http.Request.ReadFormAsync(http.RequestAborted), null);
        }
        catch (AntiforgeryValidationException)
        {
            return (FormCollection.Empty, "This form was made for another session or is too old. Go back, reload the page and send it again.");
        }
        catch (Exception fault) when (fault is InvalidDataException or BadHttpRequestException or IOException)
        {
            return (FormCollection.Empty, $"The form could not be read: it is malformed or larger than {Words.Bytes(MaxFormBytes)}.");
        }
    }

    private static Func<ConsoleRequest, Task<IResult>>? Denial(ConsoleRequest request, Right right, bool ofAll, bool namespaceKnown, string? formFault)
    {
        var view = request.View;
        if (right != Right.None)
        {
            if (view.SignInRequired && view.SignedInAs is null) return AskToSignIn;
            if (!namespaceKnown) return r => Answer(r, 404, "No such namespace", "A namespace has 1 to 64 of a-z 0-9 . _ - and begins with a letter or digit.");
            if (!view.Rights.Sees(view.Namespace)) return r => Answer(r, 403, "Not yours to see", $"Your key is not bound to the namespace '{view.Namespace}'.");
            if (!view.Rights.May(right)) return r => Answer(r, 403, "Not yours to do", $"This needs the scope '{right.ToString().ToLowerInvariant()}', which your key does not have.");
            if (ofAll && view.Rights.IsBound) return r => Answer(r, 403, "Not yours to do", "This is of all namespaces together, and your key is bound to some.");
        }
        if (formFault is not null) return r => Answer(r, 400, "Form refused", formFault);
        return null;

        static Task<IResult> Answer(ConsoleRequest request, int status, string title, string sentence) => Task.FromResult(request.Failure(status, title, sentence));
    }

    private static Task<IResult> AskToSignIn(ConsoleRequest request)
    {
        var isPage = !HttpMethods.IsPost(request.Http.Request.Method) && request.Http.Request.Headers.Accept.ToString() is var accept
            && !accept.Contains("event-stream", StringComparison.Ordinal) && !accept.Contains("json", StringComparison.Ordinal);
        return Task.FromResult(isPage
            ? request.Redirect(request.Links.To("sign-in", "returnTo", request.View.Here))
            : request.Failure(StatusCodes.Status401Unauthorized, "Sign in first", "Your session has ended. Sign in, then send it again."));
    }

    private static async Task Guarded(ConsoleRequest request, Func<ConsoleRequest, Task<IResult>> answer)
    {
        try
        {
            await (await answer(request)).ExecuteAsync(request.Http);
        }
        catch (OperationCanceledException) when (request.Aborted.IsCancellationRequested)
        {
            // The visitor has left; nobody reads an answer.
        }
        catch (StoreFullException full) when (!request.Http.Response.HasStarted)
        {
            await request.Failure(StatusCodes.Status507InsufficientStorage, "Disk full", full.Message).ExecuteAsync(request.Http);
        }
        catch (StoreUnavailableException away) when (!request.Http.Response.HasStarted)
        {
            request.Http.Response.Headers.RetryAfter = "2";
            await request.Failure(StatusCodes.Status503ServiceUnavailable, "Store away", away.Message).ExecuteAsync(request.Http);
        }
        catch (Exception fault) when (!request.Http.Response.HasStarted)
        {
            request.Log.PageFailed(fault, request.Http.Request.Path, request.Http.TraceIdentifier);
            await request.Failure(
                StatusCodes.Status500InternalServerError, "Our fault",
                "The page could not be made. The node's log holds the reason under the number below.").ExecuteAsync(request.Http);
        }
    }
}
