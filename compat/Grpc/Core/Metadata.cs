using System.Collections;
using System.Text;

namespace Grpc.Core;

/// <summary>Headers or trailers of a call, in order; a key may repeat. A key that ends in "-bin" has bytes for its value.</summary>
public sealed class Metadata : IEnumerable<Metadata.Entry>
{
    public const string BinaryHeaderSuffix = "-bin";

    /// <summary>An empty collection that nobody can change.</summary>
    public static readonly Metadata Empty = [];

    private readonly List<Entry> _entries = [];

    public int Count => _entries.Count;

    /// <summary>The last entry of this name, or null.</summary>
    public Entry? Get(string key) => _entries.FindLast(entry => entry.Is(key));

    /// <summary>The last text value of this name, or null. Throws where that entry is binary.</summary>
    public string? GetValue(string key) => Get(key)?.Value;

    /// <summary>The last value of this name as bytes (text as ASCII), or null.</summary>
    public byte[]? GetValueBytes(string key) => Get(key)?.ValueBytes;

    public IEnumerable<Entry> GetAll(string key) => _entries.Where(entry => entry.Is(key));
    public void Add(string key, string value) => Add(new Entry(key, value));
    public void Add(string key, byte[] valueBytes) => Add(new Entry(key, valueBytes));
    public void Add(Entry item)
    {
        if (ReferenceEquals(this, Empty)) throw new InvalidOperationException("Object is read only");
        _entries.Add(item ?? throw new ArgumentNullException(nameof(item)));
    }

    public IEnumerator<Entry> GetEnumerator() => _entries.GetEnumerator();
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>One header; never changes.</summary>
    public class Entry
    {
        private readonly string? _text;
        private readonly byte[]? _bytes;

        /// <summary>A binary entry; the key must end in "-bin". The bytes are copied.</summary>
        public Entry(string key, byte[] valueBytes)
            : this(key, binary: true) => _bytes = [.. valueBytes ?? throw new ArgumentNullException(nameof(valueBytes))];

        /// <summary>A text entry; the key must not end in "-bin".</summary>
        public Entry(string key, string value)
            : this(key, binary: false) => _text = value ?? throw new ArgumentNullException(nameof(value));

        private Entry(string key, bool binary)
        {
            ArgumentNullException.ThrowIfNull(key);
            if (key.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-')))
            {
                throw new ArgumentException("Metadata entry key not valid. Keys can only contain lowercase alphanumeric characters, "
                    + "underscores, hyphens and dots.");
            }

            Key = key.ToLowerInvariant();
            if (binary != Key.EndsWith(BinaryHeaderSuffix, StringComparison.Ordinal))
            {
                throw new ArgumentException(binary
                    ? "Key for binary valued metadata entry needs to have '-bin' suffix indicating binary value."
                    : "Key for ASCII valued metadata entry cannot have suffix indicating binary value.");
            }
        }

        /// <summary>The name in lower case.</summary>
        public string Key { get; }
        public bool IsBinary => _bytes is not null;
        public string Value => _text ?? throw new InvalidOperationException("Cannot access string value of a binary metadata entry");

        /// <summary>A copy of the bytes, or the text as ASCII.</summary>
        public byte[] ValueBytes => _bytes is not null ? [.. _bytes] : Encoding.ASCII.GetBytes(_text!);

        internal string WireValue => _text ?? Convert.ToBase64String(_bytes!);

        public override string ToString() => $"[Entry: key={Key}, {(IsBinary ? $"valueBytes={_bytes}" : $"value={_text}")}]";

        internal bool Is(string key) => string.Equals(Key, key, StringComparison.OrdinalIgnoreCase);
    }
}
