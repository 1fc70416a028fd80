using System.Globalization;
using System.Text;

namespace ActorPerf.Storage.Sqlite;

/// <summary>Holds <c>FILE.lock</c> for the life of a process: who holds it proves every earlier owner dead.</summary>
internal sealed class SqliteLock : IDisposable
{
    private static readonly HashSet<string> NetworkKinds = new(StringComparer.OrdinalIgnoreCase)
    {
        "nfs", "nfs4", "cifs", "smb", "smbfs", "smb2", "smb3", "ncpfs", "afs", "9p", "ceph", "glusterfs", "fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "lustre", "gpfs",
    };

    private readonly FileStream _file;

    private SqliteLock(FileStream file) => _file = file;

    /// <exception cref="StorageSetupException">Another process holds it (named by its id), or the folder cannot be written.</exception>
    public static SqliteLock Take(string database)
    {
        var path = database + ".lock";
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new StorageSetupException(
                $"This user may not write {path}. Change the folder's permissions, or set actorperf.storage.connection-string to another folder.", exception);
        }
        catch (IOException exception)
        {
            if (Owner(path) is { } owner)
            {
                throw new StorageSetupException(
                    $"{database} is in use by process {owner}. One process has a SQLite file: stop that one, give this one another file "
                    + "(--storage:connection-string \"Data Source=…\"), or use a database server for several nodes.", exception);
            }
            throw new StorageSetupException($"{path} cannot be written: {exception.Message}", exception);
        }
        file.SetLength(0);
        file.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
        file.Flush();
        return new SqliteLock(file);
    }

    /// <summary>The process id in a lock file that somebody holds; null when it cannot be read.</summary>
    public static string? Owner(string lockFile)
    {
        try
        {
            using var file = new FileStream(lockFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(file, Encoding.ASCII);
            var text = reader.ReadToEnd().Trim();
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

    public void Dispose() => _file.Dispose();
}
