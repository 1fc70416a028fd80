using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace ActorPerf.Tasks.Commands;

/// <summary>Calls of the C library that the framework's own process class has no words for: a child in a session of its own, and signals to groups.</summary>
/// <remarks>Signatures of POSIX.1-2024; the flags are those of glibc and musl, and of macOS where they differ.</remarks>
[UnsupportedOSPlatform("windows")]
internal static unsafe partial class PosixNative
{
    private const string Library = "libc";

    public const int Interrupted = 4;         // EINTR

    public const int Kill = 9;
    public const int Terminate = 15;
    public static readonly int Continue = OperatingSystem.IsMacOS() ? 19 : 18;

    /// <summary>Default signals (4), no signal blocked (8), a session of its own; on macOS also: close everything that was not named in the file actions.</summary>
    public static readonly short Flags = OperatingSystem.IsMacOS() ? (short)(0x04 + 0x08 + 0x400 + 0x4000) : (short)(0x04 + 0x08 + 0x80);

    public const int ByPid = 1;               // P_PID
    public const int NoHang = 1;
    public const int Ended = 4;               // WEXITED
    public static readonly int Leave = OperatingSystem.IsMacOS() ? 0x20 : 0x01000000; // WNOWAIT

    /// <summary>Where <c>siginfo_t</c> has its code (1: ended by itself) and its status: after the process id and the user id.</summary>
    public const int CodeAt = 8;
    public const int EndedByItself = 1;
    public static readonly int StatusAt = OperatingSystem.IsLinux() && nint.Size == 8 ? 24 : 20;

    /// <summary>More than any known library needs for one of its opaque types (336 bytes at most).</summary>
    public const int OpaqueSize = 1024;

    [LibraryImport(Library, EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Spawn(out int pid, string path, void* actions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_init")]
    public static partial int InitActions(void* actions);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_destroy")]
    public static partial int DestroyActions(void* actions);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_adddup2")]
    public static partial int AddDuplicate(void* actions, int from, int to);

    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_addchdir_np", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int AddFolder(void* actions, string path);

    /// <summary>glibc 2.34 and up.</summary>
    [LibraryImport(Library, EntryPoint = "posix_spawn_file_actions_addclosefrom_np")]
    public static partial int AddCloseFrom(void* actions, int first);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_init")]
    public static partial int InitAttributes(void* attributes);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_destroy")]
    public static partial int DestroyAttributes(void* attributes);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setflags")]
    public static partial int SetFlags(void* attributes, short flags);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setsigdefault")]
    public static partial int SetDefaults(void* attributes, void* signals);

    [LibraryImport(Library, EntryPoint = "posix_spawnattr_setsigmask")]
    public static partial int SetMask(void* attributes, void* signals);

    [LibraryImport(Library, EntryPoint = "sigfillset")]
    public static partial int FillSignals(void* signals);

    [LibraryImport(Library, EntryPoint = "sigemptyset")]
    public static partial int EmptySignals(void* signals);

    [LibraryImport(Library, EntryPoint = "kill", SetLastError = true)]
    public static partial int Signal(int pid, int signal);

    [LibraryImport(Library, EntryPoint = "waitid", SetLastError = true)]
    public static partial int WaitForState(int kind, int pid, byte* info, int options);

    [LibraryImport(Library, EntryPoint = "waitpid", SetLastError = true)]
    public static partial int WaitFor(int pid, out int status, int options);
}

/// <summary>Error numbers of the system, as they are on Linux and macOS.</summary>
internal static class SystemErrors
{
    public const int NoSuchFile = 2;          // ENOENT
    public const int TextBusy = 26;           // ETXTBSY
    public const int NoAccess = 13;           // EACCES
    public const int NoExecFormat = 8;        // ENOEXEC
    public const int TooLong = 7;             // E2BIG
}
