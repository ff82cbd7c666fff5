using System.Globalization;
using Switchboard.Core.Ids;

namespace Switchboard.Api.FrontDoors;

/// <summary>
/// Counts the starts of this installation in a file. The front-door number is computed from it, so that a restart in the same second, or
/// one after the clock was set back, repeats no request id (I4, I5).
/// </summary>
internal static class StartCounter
{
    public const string FileName = "front-door-starts";

    /// <summary>Returns the number of a start: 1 to 65,535, wrapping around.</summary>
    public static ushort NumberOf(ulong start) => FrontDoorNumber.OfStart(start);

    /// <summary>
    /// Counts one start. Processes that share the folder count one after the other. A crash at any point leaves the old number or the new
    /// one, never a part of one.
    /// </summary>
    /// <exception cref="IOException">The folder cannot be written to, or the file contains no number.</exception>
    public static ulong CountOne(string folder)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, FileName);
        using var exclusive = Lock(path + ".lock");
        var next = Read(path) + 1;
        var temporary = path + ".new";
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
        {
            return 0;
        }

        var text = File.ReadAllText(path).Trim();
        return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? count
            : throw new IOException($"'{path}' holds no number. Put one in it that is higher than every earlier count of starts.");
    }

    // The other holder only counts, but it waits for the disk while it does. After its first iterations the spinner sleeps 1 ms at a time,
    // so that so many tries take seconds; a process that has no lock by then reports that.
    private static FileStream Lock(string path)
    {
        SpinWait spinner = default;
        for (var tried = 1; ; tried++)
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
