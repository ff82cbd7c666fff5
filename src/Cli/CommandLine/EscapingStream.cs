namespace Switchboard.Cli.CommandLine;

/// <summary>
/// Escapes control characters on their way to a terminal: an agent's response must not move the cursor, set the title or send input on
/// behalf of the keyboard (ECMA-48). Tab, line feed and carriage return pass. Not for pipes and files, which get every byte unchanged.
/// </summary>
internal sealed class EscapingStream(Stream inner) : Stream
{
    // In UTF-8 the C1 controls, U+0080 to U+009F, are this byte and one of 0x80 to 0x9f.
    private const byte C1Lead = 0xc2;
    private bool _afterC1Lead;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer) => inner.Write(Escape(buffer));

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        await inner.WriteAsync(Escape(buffer.Span), cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private byte[] Escape(ReadOnlySpan<byte> text)
    {
        List<byte> shown = new(text.Length);
        foreach (var b in text)
        {
            var c1 = _afterC1Lead && b is >= 0x80 and <= 0x9f;
            if (_afterC1Lead && !c1)
            {
                shown.Add(C1Lead);
            }

            _afterC1Lead = b == C1Lead;
            if (_afterC1Lead)
            {
                continue;
            }

            if (c1 || (b < 0x20 && b is not ((byte)'\t' or (byte)'\n' or (byte)'\r')) || b == 0x7f)
            {
                shown.AddRange("\\x"u8);
                shown.AddRange(System.Text.Encoding.ASCII.GetBytes(b.ToString("x2", System.Globalization.CultureInfo.InvariantCulture)));
            }
            else
            {
                shown.Add(b);
            }
        }

        return [.. shown];
    }
}
