using System.Runtime.InteropServices;
using ActorPerf.Tasks;

namespace ActorPerf.Web.Wire;

/// <summary>The body of <c>POST /jobs/{id}/rerun</c>: nothing, or <c>{"args": …}</c>, kept to the byte.</summary>
internal static class RerunBody
{
    /// <summary>Null with the new arguments (null for the old ones).</summary>
    /// <param name="most">Bytes that arguments may have.</param>
    public static Refusal? TryRead(ReadOnlyMemory<byte> body, int depth, long most, out ReadOnlyMemory<byte>? args)
    {
        args = null;
        if (body.IsEmpty) return null;
        var refusal = SmallBody.TryRead(body, depth, ["args"], out var document);
        using (document)
        {
            if (refusal is not null || document is null || !document.Has("args", out var value)) return refusal;
            var bytes = JsonMarshal.GetRawUtf8Value(value);
            if (bytes.Length > most) return SubmissionRules.ArgsTooLarge(bytes.Length, most);
            args = bytes.ToArray();
            return null;
        }
    }
}
