using System.Diagnostics.CodeAnalysis;
using System.Text;
using Switchboard.Api.Sessions;
using Switchboard.Core.Agents;
using Switchboard.V1;

namespace Switchboard.Api.Grpc;

/// <summary>Validates what an agent sends about itself. Each problem names the field and the limit.</summary>
internal static class SubscriberRules
{
    public const int MaxLabelKeyLength = 128;
    public const int MaxLabelValueLength = 256;
    public const int MaxVersionLength = 128;

    public static bool TryRead(
        SubscriberInfo info, AgentSessionOptions options, [NotNullWhen(true)] out Subscriber? subscriber, [NotNullWhen(false)] out string? problem)
    {
        subscriber = null;
        if (!AgentKey.TryCreate(AgentKey.DefaultTenant, info.AgentId, out var agent, out problem))
        {
            return false;
        }

        problem = Problem(info, options);
        if (problem is not null)
        {
            return false;
        }

        subscriber = new Subscriber
        {
            Agent = agent,
            // Kept for as long as the session, and sent to the index: a plain dictionary is the smallest type for both.
            Labels = new Dictionary<string, string>(info.Labels),
            SoftwareVersion = info.SoftwareVersion,
            MaxInFlight = info.MaxInFlight,
        };
        return true;
    }

    private static string? Problem(SubscriberInfo info, AgentSessionOptions options)
    {
        if (info.Labels.Count > options.MaxLabels)
        {
            return $"labels: there are {info.Labels.Count}; at most {options.MaxLabels} are allowed";
        }

        long bytes = 0;
        foreach (var (key, value) in info.Labels)
        {
            bytes += Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value);
            if (key.Length is 0 or > MaxLabelKeyLength)
            {
                return $"labels: a key must be 1 to {MaxLabelKeyLength} characters long";
            }

            if (value.Length > MaxLabelValueLength)
            {
                return $"labels: the value of {key} must be at most {MaxLabelValueLength} characters long";
            }

            if (HasControl(key) || HasControl(value))
            {
                return "labels: a key or value contains a control character";
            }
        }
        if (bytes > options.MaxLabelBytes)
        {
            return $"labels are {bytes} bytes long together; at most {options.MaxLabelBytes} are allowed";
        }

        if (info.SoftwareVersion.Length > MaxVersionLength)
        {
            return $"software_version must be at most {MaxVersionLength} characters long";
        }

        return HasControl(info.SoftwareVersion) ? "software_version contains a control character" : null;
    }

    private static bool HasControl(string text)
    {
        foreach (var c in text)
        {
            if (char.IsControl(c))
            {
                return true;
            }
        }
        return false;
    }
}
