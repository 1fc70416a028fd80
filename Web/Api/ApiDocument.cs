using ActorPerf.Tasks;
using ActorPerf.Web.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Scope = ActorPerf.Web.Security.Scope;

namespace ActorPerf.Web.Api;

/// <summary>The OpenAPI document at <c>/openapi/v1.json</c>, written from what each route says of itself.</summary>
internal static class ApiDocument
{
    private const string Version = "v1";

    public static IServiceCollection AddActorPerfOpenApi(this IServiceCollection services) => services.AddOpenApi(Version, options =>
    {
        options.ShouldInclude = static _ => false;           // other routes of the host are not ours to describe
        options.AddDocumentTransformer(static (document, context, _) =>
        {
            Fill(document, RouteCheck.Own(context.ApplicationServices.GetRequiredService<EndpointDataSource>().Endpoints));
            return Task.CompletedTask;
        });
    });

    public static void Map(IEndpointRouteBuilder root, AccessCheck access)
    {
        var route = root.MapOpenApi($"/openapi/{Version}.json");
        route.WithAccess(new AccessRule(Scope.Read));
        route.Finally(endpoint =>
        {
            var inner = endpoint.RequestDelegate ?? throw new InvalidOperationException("The OpenAPI route has no handler.");
            endpoint.RequestDelegate = context => access.Check(context, Scope.Read, out _) is { } refusal ? Problems.WriteAsync(context, refusal) : inner(context);
        });
    }

    private static void Fill(OpenApiDocument document, IEnumerable<RouteEndpoint> routes)
    {
        document.Info = new OpenApiInfo { Title = "ActorPerf", Version = Version, Description = "Memoised computations and durable jobs." };
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.Schemas = ApiSchemas.All();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            ["key"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "A key of the node; none is needed on a node that has no keys." },
        };
        document.Paths = [];
        foreach (var route in routes)
        {
            if (route.Metadata.GetMetadata<ApiDoc>() is not { } doc || route.RoutePattern.RawText is not { } pattern) continue;
            var path = pattern[0] == '/' ? pattern : "/" + pattern;
            if (!document.Paths.TryGetValue(path, out var item)) document.Paths[path] = item = new OpenApiPathItem();
            var method = route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods[0] ?? HttpMethods.Get;
            ((OpenApiPathItem)item).AddOperation(new HttpMethod(method), Operation(route, doc, document));
        }
    }

    private static OpenApiOperation Operation(RouteEndpoint route, ApiDoc doc, OpenApiDocument document)
    {
        var operation = new OpenApiOperation
        {
            OperationId = doc.Id,
            Summary = doc.Summary,
            Description = doc.OfAll ? "Of all namespaces together: not for keys that are bound to some." : null,
            Tags = new HashSet<OpenApiTagReference> { new(doc.Group, document) },
            Parameters = [],
            Responses = [],
        };
        foreach (var parameter in route.RoutePattern.Parameters)
            operation.Parameters.Add(new OpenApiParameter { Name = parameter.Name, In = ParameterLocation.Path, Required = true, Schema = Text() });
        foreach (var parameter in doc.Parameters) operation.Parameters.Add(Parameter(parameter));
        var scope = route.Metadata.GetMetadata<AccessRule>()?.Scope ?? Scope.None;
        if (scope != Scope.None) operation.Parameters.Add(Parameter(new ApiParameter(AccessCheck.NamespaceHeader, "header", "The namespace; default unless given.")));
        if (doc.Body is { } body) operation.RequestBody = new OpenApiRequestBody { Required = true, Content = doc.Takes.ToDictionary(static type => type, _ => Media(body, document)) };
        foreach (var (status, schema) in doc.Answers)
            operation.Responses[status.ToString(System.Globalization.CultureInfo.InvariantCulture)] = new OpenApiResponse
            {
                Description = Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status),
                Content = schema is null ? null : new Dictionary<string, OpenApiMediaType> { [doc.Produces] = Media(schema, document) },
            };
        operation.Responses["default"] = new OpenApiResponse
        {
            Description = "A refusal.",
            Content = new Dictionary<string, OpenApiMediaType> { [Problems.ContentType] = Media("Problem", document) },
        };
        if (scope != Scope.None) operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("key", document)] = [] }];
        return operation;
    }

    private static OpenApiParameter Parameter(ApiParameter parameter) => new()
    {
        Name = parameter.Name,
        In = parameter.In == "query" ? ParameterLocation.Query : ParameterLocation.Header,
        Description = parameter.Summary,
        Schema = Text(),
    };

    private static OpenApiMediaType Media(string schema, OpenApiDocument document) => new OpenApiMediaType { Schema = new OpenApiSchemaReference(schema, document) };

    private static OpenApiSchema Text() => new() { Type = JsonSchemaType.String };
}
