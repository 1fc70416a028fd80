using System.Diagnostics;

namespace ActorPerf.Tests.Kernel;

/// <summary>The compiler of the SDK that built these tests, run on texts that no project compiles.</summary>
internal static class Csc
{
    /// <summary>Compiles a library.</summary>
    /// <param name="output">Path of the library.</param>
    /// <param name="sources">Paths.</param>
    /// <param name="options">Such as <c>-nullable:enable</c>.</param>
    /// <returns>What the compiler complains about, one a line; empty when it compiled.</returns>
    /// <remarks>The code may use the framework and the libraries of this process, the product's own left out.</remarks>
    public static async Task<string> CompileAsync(string output, IEnumerable<string> sources, params string[] options)
    {
        var arguments = Path.ChangeExtension(output, ".rsp");
        await File.WriteAllLinesAsync(arguments,
        [
            "-target:library", $"-out:\"{output}\"", "-nologo", "-nostdlib", "-langversion:14", "-debug-", "-unsafe",
            .. options, .. Assemblies().Select(path => $"-r:\"{path}\""),
            .. sources.Select(path => $"\"{path}\""),
        ]);
        using var compiler = Process.Start(new ProcessStartInfo(Dotnet, [CompilerPath, "-noconfig", $"@{arguments}"]) { RedirectStandardOutput = true })!;
        var said = await compiler.StandardOutput.ReadToEndAsync();
        await compiler.WaitForExitAsync();
        return compiler.ExitCode == 0 ? "" : said;
    }

    private static string Root { get; } = FindRoot();

    /// <summary>The program that runs the SDK.</summary>
    public static string Dotnet => Path.Combine(Root, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");

    private static string CompilerPath => Path.Combine(Newest(Path.Combine(Root, "sdk")), "Roslyn", "bincore", "csc.dll");

    private static readonly string[] Packs = ["Microsoft.NETCore.App.Ref", "Microsoft.AspNetCore.App.Ref"];

    /// <summary>The framework as projects are compiled against it, and the libraries that this process has beside it.</summary>
    private static IEnumerable<string> Assemblies() =>
        Packs.SelectMany(pack => Directory.EnumerateFiles(Newest(Path.Combine(Pack(pack), "ref")), "*.dll"))
            .Concat(((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Where(path =>
                !path.StartsWith(Path.Combine(Root, "shared"), StringComparison.Ordinal)
                && !Path.GetFileName(path).StartsWith("ActorPerf.", StringComparison.Ordinal) && Path.GetFileName(path) != "actorperf.dll"));

    private static string Pack(string name) => Newest(Path.Combine(Root, "packs", name));

    private static string Newest(string folder) => Directory.EnumerateDirectories(folder).OrderBy(VersionOf).Last();

    private static Version VersionOf(string folder) =>
        Version.TryParse(Path.GetFileName(folder).Split('-')[0].Replace("net", "", StringComparison.Ordinal), out var version) ? version : new Version();

    /// <summary>The folder of the runtime, three above that of its own assemblies: shared/Microsoft.NETCore.App/version.</summary>
    private static string FindRoot() => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));
}
