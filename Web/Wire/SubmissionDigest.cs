using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using ActorPerf.Jobs;

namespace ActorPerf.Web.Wire;

/// <summary>Tells a repeat of a submission from another one under the same id or key: <c>submission-1</c>, docs/formats/submission-digest.md.</summary>
internal static class SubmissionDigest
{
    private const int FixedBytes = 256;

    public static Guid Of(Submission submission)
    {
        var size = FixedBytes + 3 * submission.Task.Length + submission.Args.Length + submission.Meta.Length + 3 * (submission.Queue?.Length ?? 0);
        size += 3 * ((submission.UniqueKey?.Length ?? 0) + (submission.LimitKey?.Length ?? 0) + (submission.Callback?.Length ?? 0)) + 22 * submission.DependsOn.Count;
        foreach (var tag in submission.Tags) size += 5 + 3 * tag.Length;
        var rented = ArrayPool<byte>.Shared.Rent(size);
        var view = new View(rented);
        view.Text(1, submission.Task);
        view.Bytes(2, submission.Args.Span);
        if (submission.Id is { } id) view.Bytes(3, id.Value.ToByteArray(bigEndian: true));
        if (submission.Queue is { } queue) view.Text(4, queue);
        if (submission.Priority != 5) view.Number(5, submission.Priority);
        if (submission.RunAt is { } runAt) view.Number(6, runAt.UtcTicks);
        if (submission.Delay is { } delay) view.Number(7, delay.Ticks);
        if (submission.ExpiresIn is { } expiresIn) view.Number(8, expiresIn.Ticks);
        if (submission.Timeout is { } timeout) view.Number(9, timeout.Ticks);
        if (submission.MaxAttempts is { } attempts) view.Number(10, attempts);
        if (submission.Backoff is { } backoff)
        {
            view.Number(11, backoff.Initial.Ticks);
            view.Number(12, BitConverter.DoubleToInt64Bits(backoff.Factor));
            view.Number(13, backoff.Max.Ticks);
        }
        foreach (var tag in submission.Tags) view.Text(14, tag);
        if (!submission.Meta.IsEmpty) view.Bytes(15, submission.Meta.Span);
        if (submission.UniqueKey is { } uniqueKey) view.Text(16, uniqueKey);
        if (submission.UniquePolicy != UniquePolicy.Return) view.Number(17, (long)submission.UniquePolicy);
        if (submission.UniqueUntil != UniqueUntil.Finished) view.Number(18, (long)submission.UniqueUntil);
        if (submission.LimitKey is { } limitKey) view.Text(19, limitKey);
        foreach (var parent in submission.DependsOn) view.Parent(20, parent);
        if (submission.Callback is { } callback) view.Text(21, callback);

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(view.Written, hash);
        ArrayPool<byte>.Shared.Return(rented);
        return new Guid(hash[..16], bigEndian: true);
    }

    private ref struct View(Span<byte> into)
    {
        private readonly Span<byte> _into = into;
        private int _length;

        public readonly ReadOnlySpan<byte> Written => _into[.._length];

        public void Text(byte member, string text)
        {
            var length = Encoding.UTF8.GetBytes(text, _into[(_length + 5)..]);
            Head(member, length);
            _length += length;
        }

        public void Bytes(byte member, ReadOnlySpan<byte> bytes)
        {
            Head(member, bytes.Length);
            bytes.CopyTo(_into[_length..]);
            _length += bytes.Length;
        }

        public void Number(byte member, long value)
        {
            Head(member, sizeof(long));
            BinaryPrimitives.WriteInt64LittleEndian(_into[_length..], value);
            _length += sizeof(long);
        }

        public void Parent(byte member, JobDependency parent)
        {
            Head(member, 17);
            parent.Job.Value.TryWriteBytes(_into[_length..], bigEndian: true, out _);
            _into[_length + 16] = (byte)parent.On;
            _length += 17;
        }

        private void Head(byte member, int length)
        {
            _into[_length] = member;
            BinaryPrimitives.WriteInt32LittleEndian(_into[(_length + 1)..], length);
            _length += 5;
        }
    }
}
