using System.Text.RegularExpressions;

namespace ActorPerf.Tests.Architecture;

/// <summary>Who may know whom: each folder of the library only those above it, the web part only front doors, the executable only the setup.</summary>
public sealed partial class ArrowTests
{
    /// <summary>From those that know nobody to the one that knows everybody.</summary>
    private static readonly string[] Order =
    [
        "Configuration", "Tracing", "Kernel", "Streams", "Cluster", "Tasks", "Compute", "Caching", "Data", "Jobs", "Queries", "Load", "Storage", "Setup",
    ];

    /// <summary>What the web part may know besides itself: the features' front doors and words, and how settings are written.</summary>
    private static readonly string[] FrontDoors = ["Web", "Configuration", "Tasks", "Jobs", "Caching", "Cluster", "Data", "Tracing", "Load"];

    /// <summary>What shows the actor tree knows how it is looked at (<see cref="IActorInspector"/>), and no actor.</summary>
    private static readonly string[] ShowsActors = ["Web/Api/ActorEndpoints.cs", "Web/Api/FrontDoors.cs", "Web/Console/Pages/Cluster/ActorTree.cs"];

    /// <summary>Inside those features, what is no front door: actors, their messages, stores.</summary>
    [GeneratedRegex(@"\b(IActorRef|ActorSystem|Props|ReceiveActor|JobTracker|TrackerCommand|TrackerParts|JobDispatcher|DispatcherCommand|JobRules|RunningAttempts?|CachingActor|CachingShards|CacheCommand|MemoTable|MemoShard|MemberActor|I\w+Store)\b")]
    private static partial Regex BehindTheDoors();

    [GeneratedRegex(@"(?<![\w.])ActorPerf\.([A-Z]\w+)")]
    private static partial Regex Mentioned();

    [Fact]
    public void Every_folder_of_the_library_has_its_place_in_the_order()
    {
        var folders = Directory.EnumerateDirectories(Path.Combine(SourceTree.Root, "Actors")).Select(Path.GetFileName).Where(name => name is not ("bin" or "obj"));
        Assert.Empty(folders.Except(Order));
    }

    [Fact]
    public void No_arrow_of_the_library_runs_upwards()
    {
        var arrows =
            (from file in SourceTree.Files("Actors", ".cs")
             where file.Name != "Actors/ActorUsings.cs"            // names aliases, for whoever may use them
             let folder = file.Name.Split('/')[1]
             from known in Known(file)
             where known != folder
             select (file.Name, Folder: folder, Known: known)).ToList();
        Assert.Contains(arrows, arrow => arrow is ("Actors/Setup/NodeRuntime.cs", "Setup", "Jobs"));
        Assert.DoesNotContain(arrows, arrow => Array.IndexOf(Order, arrow.Known) > Array.IndexOf(Order, arrow.Folder));
    }

    [Fact]
    public void Files_stand_in_the_namespace_of_their_folder()
    {
        var strangers =
            from file in SourceTree.Files("Actors", ".cs")
            where file.Name != "Actors/ActorUsings.cs"
            let folder = file.Name.Split('/')[1]
            where !Regex.IsMatch(file.Code, $@"^namespace ActorPerf\.{folder}(\.\w+)*;", RegexOptions.Multiline)
            select file.Name;
        Assert.Empty(strangers);
    }

    [Fact]
    public void The_web_part_knows_front_doors_and_nothing_behind_them()
    {
        var files = SourceTree.Files("Web", ".cs", ".razor").ToList();
        Assert.Empty(
            from file in files
            from known in Known(file)
            where !FrontDoors.Contains(known) && !(known == "Kernel" && ShowsActors.Contains(file.Name))
            select $"{file.Name} knows {known}");
        Assert.Empty(files.SelectMany(file => file.Places(BehindTheDoors())));
    }

    [Fact]
    public void The_executable_knows_the_setup_and_the_wire()
    {
        // Hosting a node needs its settings, its tasks' assemblies and the words for a store that cannot be used; commands need HTTP alone,
        // and what the wire writes in one way: durations, and the hash of a key.
        string[] hosting = ["Node", "Setup", "Web", "Configuration", "Tasks", "Storage"];
        Assert.Empty(
            from file in SourceTree.Files("Node", ".cs")
            let allowed = file.Name.StartsWith("Node/Serving/", StringComparison.Ordinal) || file.Name.StartsWith("Node/Akka/", StringComparison.Ordinal) ? hosting
                : file.Name.StartsWith("Node/Commands/Key/", StringComparison.Ordinal) ? ["Node", "Configuration", "Tasks", "Web"]      // reads the keys of a configuration
                : file.Name.StartsWith("Node/Commands/Load/", StringComparison.Ordinal) ? ["Node", "Load", "Setup", "Configuration", "Tasks"]         // makes load in its own process
                : file.Name == "Node/Commands/CommandConfiguration.cs" ? ["Node", "Configuration"]
                : (string[])["Node", "Tasks"]
            from known in Known(file)
            where !allowed.Contains(known)
            select $"{file.Name} knows {known}");
    }

    [Fact]
    public void The_client_knows_the_front_door_of_jobs_and_nothing_behind_it()
    {
        string[] allowed = ["Client", "Jobs", "Tasks", "Cluster"];
        var files = SourceTree.Files("Client", ".cs").ToList();
        Assert.NotEmpty(files);
        Assert.Empty(
            from file in files
            from known in Known(file)
            where !allowed.Contains(known)
            select $"{file.Name} knows {known}");
        Assert.Empty(files.SelectMany(file => file.Places(BehindTheDoors())).Where(place => !place.EndsWith("JobRules", StringComparison.Ordinal)));
    }

    [Fact]
    public void Folders_of_the_tests_mirror_those_of_the_code()
    {
        string[] own = ["Architecture", "Docs", "Processes"];     // about the whole
        var code = Directory.EnumerateDirectories(Path.Combine(SourceTree.Root, "Actors")).Select(Path.GetFileName).Concat(["Web", "Node", "Client", "Benchmarks", "Simulation", "TestKit"]);
        var tests = Directory.EnumerateDirectories(Path.Combine(SourceTree.Root, "Actors.Tests")).Select(Path.GetFileName)
            .Where(name => name is not ("bin" or "obj" or "TestResults"));
        Assert.Empty(tests.Except(code).Except(own));
    }

    private static IEnumerable<string> Known(SourceFile file) =>
        Mentioned().Matches(file.Code).Select(match => match.Groups[1].Value).Where(name => Order.Contains(name) || name is "Web" or "Node").Distinct();
}
