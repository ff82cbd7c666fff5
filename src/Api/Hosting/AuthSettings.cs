using System.Net;
using Microsoft.Extensions.Options;

namespace Switchboard.Api.Hosting;

/// <summary>Who may use the gateway. There is no authentication yet: the one setting says that this is known.</summary>
public sealed class AuthSettings
{
    /// <summary>The section.</summary>
    public const string SectionName = "Switchboard:Auth";

    /// <summary>
    /// Whether anybody who reaches the ports may use them. Default false: nothing but loopback is listened on, and a start that would
    /// listen elsewhere ends.
    /// </summary>
    public bool AllowAnonymous { get; set; }

    /// <summary>Refuses to listen beyond loopback unless that was allowed.</summary>
    internal sealed class Validation(IOptions<AuthSettings> auth) : IValidateOptions<ListenSettings>
    {
        public ValidateOptionsResult Validate(string? name, ListenSettings options)
        {
            if (auth.ValueIfRight() is not { AllowAnonymous: false })
            {
                return ValidateOptionsResult.Success;
            }

            var open = new[] { (nameof(options.Address), options.Address), (nameof(options.AdminAddress), options.AdminAddress) }
                .Where(static a => IPAddress.TryParse(a.Item2, out var address) && !IPAddress.IsLoopback(address))
                .Select(static a =>
                    $"{ListenSettings.SectionName}:{a.Item1} is '{a.Item2}', beyond loopback, and there is no authentication: whoever reaches "
                    + $"it could be any agent and call any agent. Set {SectionName}:{nameof(AllowAnonymous)}=true if that is meant.")
                .ToList();
            return open.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(open);
        }
    }
}
