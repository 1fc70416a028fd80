using System.Text;
using ActorPerf.Web.Console.Access;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ActorPerf.Web.Console;

/// <summary>Answers with one rendered component. The page is complete before its first byte goes out, so that a fault still becomes an error page.</summary>
internal static class ConsolePage
{
    /// <param name="model">Given to the component's parameter <c>Model</c>; its <c>View</c> gets <paramref name="view"/>.</param>
    public static IResult Of<TPage>(ConsoleView view, object model, int status = StatusCodes.Status200OK)
        where TPage : IComponent => new Rendered<TPage>(view, model, status);

    private sealed class Rendered<TPage>(ConsoleView view, object model, int status) : IResult
        where TPage : IComponent
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var html = await RenderAsync(httpContext.RequestServices);
            ConsoleHeaders.Apply(httpContext.Response); // again: the form token's service has its own ideas of caching and frames
            httpContext.Response.StatusCode = status;
            httpContext.Response.ContentType = "text/html; charset=utf-8";
            var whole = Encoding.UTF8.GetBytes(html);
            var body = Compression.Pack(httpContext, whole) ?? whole;
            httpContext.Response.ContentLength = body.Length;
            await httpContext.Response.Body.WriteAsync(body, httpContext.RequestAborted);
        }

        private async Task<string> RenderAsync(IServiceProvider services)
        {
            await using var renderer = new HtmlRenderer(services, services.GetRequiredService<ILoggerFactory>());
            return await renderer.Dispatcher.InvokeAsync(async () =>
            {
                var parameters = ParameterView.FromDictionary(new Dictionary<string, object?> { ["View"] = view, ["Model"] = model });
                var root = await renderer.RenderComponentAsync<TPage>(parameters);
                return root.ToHtmlString();
            });
        }
    }
}
