using System.Diagnostics.Metrics;
using Switchboard.Abstractions.Telemetry;

namespace Switchboard.Silo.Storage.Sqlite;

/// <summary>Measures the file, its log, and how writes share commits.</summary>
internal sealed class SqliteMeter
{
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly Counter<long> _commits;
    private readonly Histogram<long> _writes;
    private readonly Histogram<double> _duration;

    public SqliteMeter(IMeterFactory factory, string path, Func<long> waiting, TimeProvider time)
    {
        (_path, _time) = (path, time);
        var meter = factory.Create(MetricNames.Meter);
        _commits = meter.CreateCounter<long>(MetricNames.StorageCommits, "{commit}", "Transactions that the disk confirmed.");
        _writes = meter.CreateHistogram<long>(MetricNames.StorageWritesPerCommit, "{write}", "Writes that shared one transaction.");
        _duration = meter.CreateHistogram<double>(MetricNames.StorageCommitDuration, "s", "Time of a transaction, the disk's confirmation included.");
        meter.CreateObservableGauge(MetricNames.StorageSize, () => Length(path), "By", "Length of the storage's file.");
        meter.CreateObservableGauge(MetricNames.StorageLog, LogBytes, "By", "Length of its log.");
        meter.CreateObservableGauge(MetricNames.StorageQueue, waiting, "{write}", "Writes that wait for a transaction.");
    }

    /// <summary>Returns the length of the log. Asks for it by name: to open and close the file would take SQLite's locks away.</summary>
    public long LogBytes() => Length(_path + "-wal");

    /// <summary>Returns the present, for <see cref="Committed"/>.</summary>
    public long Now() => _time.GetTimestamp();

    /// <summary>Counts a transaction.</summary>
    /// <param name="writes">How many writes it had.</param>
    /// <param name="began">When it began.</param>
    public void Committed(int writes, long began)
    {
        _commits.Add(1);
        _writes.Record(writes);
        _duration.Record(_time.GetElapsedTime(began).TotalSeconds);
    }

    private static long Length(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;
}
