using System.Reflection;
using System.Text.RegularExpressions;

namespace ActorPerf.Tests.Kernel;

/// <summary>The kernel offers nothing that Akka.NET lacks: what compiles against it compiles against the packages.</summary>
public sealed partial class SurfaceTests
{
    /// <summary>Types whose members the listing does not have; all exist in Akka.NET under the namespace given.</summary>
    private static readonly Dictionary<string, string> Unlisted = new()
    {
        ["ActorRefRoutee"] = "Akka.Routing", ["ActorSystemTerminateReason"] = "Akka.Actor.CoordinatedShutdown", ["AdjustPoolSize"] = "Akka.Routing",
        ["AkkaException"] = "Akka.Actor", ["AllDeadLetters"] = "Akka.Event", ["ClrExitReason"] = "Akka.Actor.CoordinatedShutdown",
        ["ConfigurationException"] = "Akka.Configuration", ["ConsistentHashMapping"] = "Akka.Routing", ["ConsistentHashableEnvelope"] = "Akka.Routing",
        ["CurrentChild"] = "Akka.Pattern.BackoffSupervisor", ["DeadLetter"] = "Akka.Event", ["DeathPactException"] = "Akka.Actor", ["Done"] = "Akka",
        ["Envelope"] = "Akka.Actor", ["GetCurrentChild"] = "Akka.Pattern.BackoffSupervisor", ["GetRestartCount"] = "Akka.Pattern.BackoffSupervisor",
        ["IActionScheduler"] = "Akka.Actor", ["IAdvancedScheduler"] = "Akka.Actor", ["ICanWatch"] = "Akka.Actor", ["IDeadLetterSuppression"] = "Akka.Event",
        ["ITimeProvider"] = "Akka.Actor", ["IllegalActorStateException"] = "Akka.Actor", ["InvalidMessageException"] = "Akka.Actor",
        ["LocalOnlyDecider"] = "Akka.Actor", ["PostRestartException"] = "Akka.Actor", ["Reason"] = "Akka.Actor.CoordinatedShutdown", ["Receive"] = "Akka.Actor",
        ["Reset"] = "Akka.Pattern.BackoffSupervisor", ["RestartCount"] = "Akka.Pattern.BackoffSupervisor", ["Routee"] = "Akka.Routing",
        ["RouterEnvelope"] = "Akka.Routing", ["RouterManagementMessage"] = "Akka.Routing", ["StashOverflowException"] = "Akka.Actor",
        ["UnknownReason"] = "Akka.Actor.CoordinatedShutdown", ["UntypedReceive"] = "Akka.Actor",
    };

    /// <summary>Members that Akka.NET declares on a base type which the kernel does not have.</summary>
    private static readonly HashSet<string> Inherited =
    [
        "EventStream.Publish(object)",     // of EventBus
        "Nobody.Equals(IActorRef)",        // of ActorRefBase
    ];

    /// <summary>Our own interface in both builds.</summary>
    private static readonly HashSet<string> Inspector = ["IActorInspector", "ActorView"];

    [Fact]
    public void Every_public_member_of_the_kernel_is_Akka_s()
    {
        var listing = Read();
        var unknown = PublicTypes()
            .Where(type => !Inspector.Contains(type.Name) && !Unlisted.ContainsKey(type.Name))
            .SelectMany(type => Members(type).Where(member => !IsListed(listing, type, member)).Select(member => $"{type.Name}.{member}"))
            .Where(member => !Inherited.Contains(member))
            .Order().ToArray();
        Assert.True(unknown.Length == 0, "Not in Akka.NET 1.5.30's listing:\n" + string.Join('\n', unknown));
    }

    [Fact]
    public void Every_public_type_of_the_kernel_exists_in_Akka()
    {
        string[] reached = ["ActorSystemTerminateReason", "ClrExitReason", "Reason", "UnknownReason", "Success", "Failure",
            "CurrentChild", "GetCurrentChild", "GetRestartCount", "Reset", "RestartCount", "RouterEnvelope", "RouterManagementMessage"];
        Assert.Empty(PublicTypes().Select(type => type.Name).Except([.. Unlisted.Keys, .. Read().Keys, .. Inspector, .. reached]));
    }

    private static IEnumerable<Type> PublicTypes() =>
        typeof(ActorSystem).Assembly.GetExportedTypes().Where(type => type.Namespace == typeof(ActorSystem).Namespace);

    private static bool IsListed(Dictionary<string, HashSet<string>> listing, Type type, string member) =>
        Family(type).Any(relative => listing.TryGetValue(relative.Name, out var members) && members.Contains(member));

    private static IEnumerable<Type> Family(Type type)
    {
        for (var relative = type; relative is not null; relative = relative.BaseType) yield return relative;
        foreach (var relative in type.GetInterfaces()) yield return relative;
    }

    private static IEnumerable<string> Members(Type type)
    {
        const BindingFlags own = BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;
        if (type.IsEnum) return [];
        var methods = type.GetMethods(own).Where(IsVisible).Where(m => !m.IsSpecialName && m.GetBaseDefinition().DeclaringType != typeof(object))
            .Select(m => $"{m.Name}({Parameters(m)})");
        var constructors = type.GetConstructors(own).Where(IsVisible).Select(c => $"new({Parameters(c)})");
        var properties = type.GetProperties(own).Where(p => p.GetMethod is { } get && IsVisible(get)).Select(p => p.Name);
        var fields = type.GetFields(own).Where(f => f.IsPublic || f.IsFamily).Select(f => f.Name);
        return methods.Concat(constructors).Concat(properties).Concat(fields);
    }

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Parameters(MethodBase method) => string.Join(',', method.GetParameters().Select(parameter => Name(parameter.ParameterType)));

    private static string Name(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } value) return Name(value) + "?";
        if (type.IsArray) return Name(type.GetElementType()!) + "[]";
        if (type.IsGenericType) return $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(',', type.GetGenericArguments().Select(Name))}>";
        return type.Name switch
        {
            "String" => "string", "Object" => "object", "Int32" => "int", "Int64" => "long", "Boolean" => "bool", var name => name,
        };
    }

    /// <summary>Members by the simple name of their type, each as <c>Name</c> or <c>Name(types)</c>.</summary>
    private static Dictionary<string, HashSet<string>> Read()
    {
        using var stream = typeof(SurfaceTests).Assembly.GetManifestResourceStream("akka-surface.txt")!;
        using var reader = new StreamReader(stream);
        var listing = new Dictionary<string, HashSet<string>>();
        HashSet<string>? members = null;
        foreach (var line in reader.ReadToEnd().Split('\n').Skip(1))
        {
            if (TypeLine().Match(line) is { Success: true } type) listing[type.Groups[1].Value] = members = [];
            else if (line.StartsWith("  ", StringComparison.Ordinal)) members!.Add(Member(line.Trim()));
        }
        return listing;
    }

    private static string Member(string line)
    {
        line = Qualifier().Replace(line, "");
        var open = line.IndexOf('(', StringComparison.Ordinal);
        if (open < 0) return line.Split('{')[0].Trim().Split(' ')[^1];
        var name = Generic().Replace(line[..open], "").Split(' ')[^1];
        var types = SplitOutsideBrackets(line[(open + 1)..line.LastIndexOf(')')]).Select(parameter => TypeOf(parameter.Split('=')[0].Trim()));
        return $"{name}({string.Join(',', types)})";
    }

    private static string TypeOf(string parameter)
    {
        parameter = parameter.Replace("params ", "", StringComparison.Ordinal);
        var space = parameter.LastIndexOf(' ');
        return (space < 0 ? parameter : parameter[..space]).Replace(" ", "", StringComparison.Ordinal);
    }

    private static IEnumerable<string> SplitOutsideBrackets(string text)
    {
        var (depth, start) = (0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            depth += text[i] == '<' ? 1 : text[i] == '>' ? -1 : 0;
            if (text[i] != ',' || depth > 0) continue;
            yield return text[start..i].Trim();
            start = i + 1;
        }
        if (text[start..].Trim() is { Length: > 0 } last) yield return last;
    }

    [GeneratedRegex(@"^(?:abstract |sealed |static )*(?:class|interface|enum|struct) (?:\w+\.)*(\w+)")]
    private static partial Regex TypeLine();

    [GeneratedRegex(@"(?:\w+\.)+(?=\w)")]
    private static partial Regex Qualifier();

    [GeneratedRegex(@"<[^>]*>$")]
    private static partial Regex Generic();
}
