using System.Globalization;
using Switchboard.Core.Ids;

namespace Switchboard.Api.FrontDoors;

/// <summary>
/// Counts the starts of this installation in a file. The front-door number comes from it, so that a restart in the same second, or
/// one after the clock was set back, repeats no request id (I4, I5).
/// </summary>
internal static class StartCounter
{
    public const string FileName = "front-door-starts";

    /// <summary>The number of a start: 1 to 65,535, going round.</summary>
    public static ushort NumberOf(ulong start) => FrontDoorNumber.OfStart(start);

    /// <summary>
    /// Counts one start. Two processes that share the folder count one after the other. A crash at any point leaves the old figure
    /// or the new one, never half of one.
    /// </summary>
    /// <exception cref="IOException">The folder cannot be written to, or the file holds no number.</exception>
    public static ulong CountOne(string folder)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, FileName);
        using FileStream exclusive = Lock(path + ".lock");
        ulong next = Read(path) + 1;
        string temporary = path + ".new";
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(next.ToString(CultureInfo.InvariantCulture)));
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: true);
        return next;
    }

    private static ulong Read(string path)
    {
        if (!File.Exists(path))
            return 0;
        string text = File.ReadAllText(path).Trim();
        return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong count)
            ? count
            : throw new IOException($"'{path}' holds no number. Put one in it that is higher than every earlier count of starts.");
    }

    // The other holder only counts, but it waits for the disk while it does. After its first few turns the spinner sleeps 1 ms at a time,
    // so that so many tries are a matter of seconds; who has not got the lock by then says so.
    private static FileStream Lock(string path)
    {
        SpinWait spinner = default;
        for (int tried = 1; ; tried++)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (tried < 5_000)
            {
                spinner.SpinOnce(sleep1Threshold: 10);
            }
        }
    }
}
