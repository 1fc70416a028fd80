using System.Reflection;
using System.Text.RegularExpressions;

namespace ActorPerf.Tests.Kernel;

/// <summary>The kernel and its TestKit offer nothing that Akka.NET lacks: what compiles against them compiles against the packages.</summary>
public sealed partial class SurfaceTests
{
    /// <summary>Our own interface in both builds, and what the kit adds to Akka.NET's.</summary>
    private static readonly HashSet<string> OurOwn =
    [
        "IActorInspector", "ActorView", "ActorTypeFigures", "ActorRestarts", "ManualTime", "ActorSimulation", "SimulationFailedException",
        "TaskSimulation", "SeededTaskScheduler", "ScriptedEntityStore", "ScriptedStatement", "ScriptedSort",
        "HeldJobs", "InlineJobs", "TestJobOptions", "TestJobs", "TestJobsSetup",
    ];

    /// <summary>Members that the kernel declares one type lower or higher than Akka.NET, or that differ in what no caller can notice.</summary>
    private static readonly HashSet<string> Excused =
    [
        "EventStream: void Publish(object event)",         // of its base EventBus<TEvent, TClassifier, TSubscriber>
        "Nobody: bool Equals(IActorRef other)",            // of its base ActorRefBase
        "TestScheduler: new(Config schedulerConfig)",      // made by the system from its configuration; Akka.NET's takes a log as well
    ];

    [Fact]
    public void Every_public_member_of_the_kernel_is_Akka_s()
    {
        var listing = Listing();
        var unknown = PublicTypes().SelectMany(type => Members(type).Where(member => !IsListed(listing, type, member)).Select(member => $"{NameOf(type)}: {member}"))
            .Where(member => !Excused.Contains(member)).Order().ToArray();
        Assert.True(unknown.Length == 0, "Not so in Akka.NET 1.5.30's listing:\n" + string.Join('\n', unknown));
    }

    [Fact]
    public void Every_public_type_of_the_kernel_exists_in_Akka() =>
        Assert.Empty(PublicTypes().Select(NameOf).Except(AkkaListing.Read().Select(type => InNamespace().Replace(type.Path, ""))));

    [Fact]
    public void Every_name_chosen_for_the_packages_is_in_the_listing()
    {
        var listed = AkkaListing.Read().Select(type => type.Path).ToHashSet();
        var chosen = Chosen().Matches(Architecture.SourceTree.Read("Actors", "ActorUsings.cs") + Architecture.SourceTree.Read("Actors.Tests", "TestKit", "TestKitUsings.cs"));
        Assert.Empty(chosen.Select(name => name.Groups[1].Value).Except(listed));
        Assert.True(chosen.Count > 80);
    }

    private static IEnumerable<Type> PublicTypes() =>
        typeof(ActorSystem).Assembly.GetExportedTypes().Where(type => type.Namespace == typeof(ActorSystem).Namespace)
            .Concat(typeof(TestKitBase).Assembly.GetExportedTypes().Where(type => type.Namespace == typeof(TestKitBase).Namespace))
            .Where(type => !OurOwn.Contains(Outermost(type).Name));

    private static Type Outermost(Type type) => type.DeclaringType is { } outer ? Outermost(outer) : type;

    private static bool IsListed(Dictionary<string, HashSet<string>> listing, Type type, string member) =>
        Family(type).Any(relative => listing.TryGetValue(NameOf(relative), out var members) && members.Contains(member));

    private static IEnumerable<Type> Family(Type type)
    {
        for (var relative = type; relative is not null; relative = relative.BaseType) yield return relative;
        foreach (var relative in type.GetInterfaces()) yield return relative;
    }

    private static IEnumerable<string> Members(Type type)
    {
        const BindingFlags own = BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;
        if (type.IsEnum) return Enum.GetNames(type);
        if (typeof(Delegate).IsAssignableFrom(type)) return [Signature("", type.GetMethod("Invoke")!)];
        var methods = type.GetMethods(own).Where(IsVisible).Where(m => !m.IsSpecialName && m.GetBaseDefinition().DeclaringType != typeof(object)).Select(m => Signature(m.Name, m));
        var constructors = type.GetConstructors(own).Where(IsVisible).Select(c => $"new({Parameters(c)})");
        var properties = type.GetProperties(own).Where(p => p.GetMethod is { } get && IsVisible(get)).Select(p => $"{Static(p.GetMethod!.IsStatic)}{Name(p.PropertyType)} {p.Name}");
        var fields = type.GetFields(own).Where(f => f.IsPublic || f.IsFamily).Select(f => $"{Static(f.IsStatic)}{Name(f.FieldType)} {f.Name}");
        return methods.Concat(constructors).Concat(properties).Concat(fields);
    }

    private static string Signature(string name, MethodInfo method) => $"{Static(method.IsStatic)}{Name(method.ReturnType)} {name}({Parameters(method)})";

    private static string Static(bool isStatic) => isStatic ? "static " : "";

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    /// <summary>Types and names, for callers may name arguments; a question mark where the argument may be left out.</summary>
    private static string Parameters(MethodBase method) =>
        string.Join(", ", method.GetParameters().Select(parameter => $"{Name(parameter.ParameterType)} {parameter.Name}{(parameter.IsOptional ? "?" : "")}"));

    private static string NameOf(Type type) => type.IsNested ? $"{NameOf(type.DeclaringType!)}.{type.Name}" : type.Name;

    private static string Name(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } value) return Name(value) + "?";
        if (type.IsArray) return Name(type.GetElementType()!) + "[]";
        if (type.IsGenericType) return $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(",", type.GetGenericArguments().Select(Name))}>";
        return type.Name switch
        {
            "String" => "string", "Object" => "object", "Int32" => "int", "Int64" => "long", "Boolean" => "bool", "Void" => "void", var name => name,
        };
    }

    /// <summary>Members by their type, without its namespace.</summary>
    private static Dictionary<string, HashSet<string>> Listing() => AkkaListing.Read().ToDictionary(
        type => InNamespace().Replace(type.Path, ""),
        type => type.Members.SelectMany(member => type.Kind == "enum" ? AkkaListing.Split(member) : [Member(member)]).ToHashSet());

    private static string Member(string line)
    {
        line = Qualifier().Replace(line, "");
        var isStatic = line.Contains("static ", StringComparison.Ordinal) ? "static " : "";
        line = Modifier().Replace(line, "");
        if (line.EndsWith('}') || !line.Contains('(', StringComparison.Ordinal)) return isStatic + Tight(line.Split('{')[0].Trim());
        var open = line.IndexOf('(', StringComparison.Ordinal);
        var parameters = AkkaListing.Split(line[(open + 1)..line.LastIndexOf(')')]).Select(Parameter);
        return $"{isStatic}{Head(line[..open])}({string.Join(", ", parameters)})";
    }

    /// <summary>Result and name, without the method's own type parameters.</summary>
    private static string Head(string text) => text is "new" ? text : Tight(OwnParameters().Replace(text, "")) is var head && !head.Contains(' ', StringComparison.Ordinal) ? head + " " : head;

    private static string Parameter(string text)
    {
        var parts = text.Replace("params ", "", StringComparison.Ordinal).Replace("ref ", "", StringComparison.Ordinal).Split('=', 2);
        return Tight(parts[0].Trim()) + (parts.Length == 2 ? "?" : "");
    }

    private static string Tight(string text) => text.Replace(", ", ",", StringComparison.Ordinal);

    [GeneratedRegex(@"^(?:Akka|Petabridge)\.(?:(?:Actor|Event|Routing|Pattern|Configuration|TestKit|Hosting|Cmd|Host|Cluster)\.)*")]
    private static partial Regex InNamespace();

    [GeneratedRegex(@"(?:\w+\.)+(?=\w)")]
    private static partial Regex Qualifier();

    [GeneratedRegex("^(?:(?:protected|static|abstract|virtual|override|sealed) )*")]
    private static partial Regex Modifier();

    [GeneratedRegex(@"(?<=\s\w+)<[^>]*>$")]
    private static partial Regex OwnParameters();

    [GeneratedRegex(@"\b((?:Akka)(?:\.\w+)+);")]
    private static partial Regex Chosen();
}
