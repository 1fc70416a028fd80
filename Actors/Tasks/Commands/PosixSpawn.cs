using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;

namespace ActorPerf.Tasks.Commands;

/// <summary>Starts a program as the leader of a session of its own, with three pipes, an environment of its own and nothing else of ours:
/// no other file, no blocked or ignored signal.</summary>
[UnsupportedOSPlatform("windows")]
internal static unsafe class PosixSpawn
{
    private const int FirstOther = 3; // after standard input, output and error

    /// <returns>The child's process id; or 0 and the system's error number.</returns>
    public static (int Pid, int Error) Start(ChildSpec spec, string program, int input, int output, int error)
    {
        using var arguments = new NativeStrings([spec.Command[0], .. spec.Command.Skip(1)]);
        using var environment = new NativeStrings(spec.Environment.Select(variable => $"{variable.Key}={variable.Value}"));
        var actions = NativeMemory.AllocZeroed(PosixNative.OpaqueSize);
        var attributes = NativeMemory.AllocZeroed(PosixNative.OpaqueSize);
        var signals = NativeMemory.AllocZeroed(PosixNative.OpaqueSize);
        try
        {
            Check(PosixNative.InitActions(actions));
            Check(PosixNative.InitAttributes(attributes));
            Check(PosixNative.AddDuplicate(actions, input, 0));
            Check(PosixNative.AddDuplicate(actions, output, 1));
            Check(PosixNative.AddDuplicate(actions, error, 2));
            Check(PosixNative.AddFolder(actions, spec.Folder));
            CloseOthers(actions);
            // The runtime ignores SIGPIPE, and a thread may block signals: neither is for the child.
            Check(PosixNative.FillSignals(signals));
            Check(PosixNative.SetDefaults(attributes, signals));
            Check(PosixNative.EmptySignals(signals));
            Check(PosixNative.SetMask(attributes, signals));
            Check(PosixNative.SetFlags(attributes, PosixNative.Flags));
            var failure = PosixNative.Spawn(out var pid, program, actions, attributes, arguments.Pointer, environment.Pointer);
            return failure == 0 ? (pid, 0) : (0, failure);
        }
        finally
        {
            _ = PosixNative.DestroyActions(actions);
            _ = PosixNative.DestroyAttributes(attributes);
            NativeMemory.Free(actions);
            NativeMemory.Free(attributes);
            NativeMemory.Free(signals);
        }
    }

    /// <summary>Files that native code opened without the close-on-exec mark; where the library lacks the call the mark alone has to do.</summary>
    private static void CloseOthers(void* actions)
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            Check(PosixNative.AddCloseFrom(actions, FirstOther));
        }
        catch (EntryPointNotFoundException)
        {
        }
    }

    private static void Check(int error)
    {
        if (error != 0) throw new IOException($"The start of a child process could not be prepared: {Marshal.GetPInvokeErrorMessage(error)}.");
    }

    /// <summary>A null-terminated array of C strings.</summary>
    private sealed class NativeStrings : IDisposable
    {
        private readonly int _count;

        public NativeStrings(IEnumerable<string> texts)
        {
            var all = texts.ToArray();
            Pointer = (byte**)NativeMemory.AllocZeroed((nuint)(all.Length + 1), (nuint)sizeof(byte*));
            foreach (var text in all) Pointer[_count++] = Copy(text);
        }

        public byte** Pointer { get; }

        public void Dispose()
        {
            for (var i = 0; i < _count; i++) NativeMemory.Free(Pointer[i]);
            NativeMemory.Free(Pointer);
        }

        private static byte* Copy(string text)
        {
            var length = Encoding.UTF8.GetByteCount(text);
            var copy = (byte*)NativeMemory.Alloc((nuint)length + 1);
            Encoding.UTF8.GetBytes(text, new Span<byte>(copy, length));
            copy[length] = 0;
            return copy;
        }
    }
}
