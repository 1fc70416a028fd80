using System.Globalization;
using System.Text;

namespace ActorPerf.Storage.Sqlite;

/// <summary>Holds <c>FILE.lock</c> for the life of a process: who holds it proves every earlier owner dead.</summary>
/// <remarks>The holder's process id stands beside it, in <c>FILE.pid</c>: a file that is held can be read by nobody else.</remarks>
internal sealed class SqliteLock : IDisposable
{
    private static readonly HashSet<string> NetworkKinds = new(StringComparer.OrdinalIgnoreCase)
    {
        "nfs", "nfs4", "cifs", "smb", "smbfs", "smb2", "smb3", "ncpfs", "afs", "9p", "ceph", "glusterfs", "fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "lustre", "gpfs",
    };

    private readonly FileStream _file;
    private readonly string _ownerFile;

    private SqliteLock(FileStream file, string ownerFile) => (_file, _ownerFile) = (file, ownerFile);

    /// <exception cref="StorageSetupException">Another process holds it (named by its id), or the folder cannot be written.</exception>
    public static SqliteLock Take(string database)
    {
        var path = database + ".lock";
        try
        {
            var held = new SqliteLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None), database + ".pid");
            held.NameOwner();
            return held;
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new StorageSetupException(
                $"This user may not write {path}. Change the folder's permissions, or set actorperf.storage.connection-string to another folder.", exception);
        }
        catch (IOException exception)
        {
            if (Owner(database) is { } owner)
            {
                throw new StorageSetupException(
                    $"{database} is in use by process {owner}. One process has a SQLite file: stop that one, give this one another file "
                    + "(--storage:connection-string \"Data Source=…\"), or use a database server for several nodes.", exception);
            }
            throw new StorageSetupException($"{path} cannot be written: {exception.Message}", exception);
        }
    }

    /// <summary>The id of the process that holds a database's lock, or held it last and was killed; null when nobody left one.</summary>
    public static string? Owner(string database)
    {
        try
        {
            var text = File.ReadAllText(database + ".pid", Encoding.ASCII).Trim();
            return text.Length is > 0 and < 12 ? text : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The kind of network file system a folder is on; null for a local one.</summary>
    public static string? NetworkFileSystem(string folder)
    {
        try
        {
            var full = Path.GetFullPath(folder);
            var drive = DriveInfo.GetDrives()
                .Where(drive => full.StartsWith(drive.Name, StringComparison.Ordinal))
                .MaxBy(drive => drive.Name.Length);
            if (drive is null) return null;
            return drive.DriveType == DriveType.Network || NetworkKinds.Contains(drive.DriveFormat) ? drive.DriveFormat : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;     // Where the system does not say, the lock and the syncs still do their part.
        }
    }

    public void Dispose()
    {
        TryQuietly(() => File.Delete(_ownerFile));
        _file.Dispose();
    }

    private void NameOwner() =>
        TryQuietly(() => File.WriteAllText(_ownerFile, Environment.ProcessId.ToString(CultureInfo.InvariantCulture), Encoding.ASCII));

    // The lock holds without the name, which is for people: a full disk must not keep a node from starting.
    private static void TryQuietly(Action change)
    {
        try
        {
            change();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // As said above.
        }
    }
}
