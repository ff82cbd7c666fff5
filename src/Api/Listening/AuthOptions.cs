using System.Net;
using Microsoft.Extensions.Options;
using Switchboard.Api.Hosting;

namespace Switchboard.Api.Listening;

/// <summary>Provides options for authentication. There is none yet: the one setting acknowledges that.</summary>
public sealed class AuthOptions
{
    /// <summary>The section.</summary>
    public const string SectionName = "Switchboard:Auth";

    /// <summary>
    /// Whether any client that reaches the ports may use them. Default false: only loopback is listened on, and a start that would listen
    /// elsewhere fails.
    /// </summary>
    public bool AllowAnonymous { get; set; }

    /// <summary>Refuses to listen beyond loopback unless that was allowed.</summary>
    internal sealed class Validation(IOptions<AuthOptions> auth) : IValidateOptions<ListeningOptions>
    {
        public ValidateOptionsResult Validate(string? name, ListeningOptions options)
        {
            if (auth.ValueIfRight() is not { AllowAnonymous: false })
            {
                return ValidateOptionsResult.Success;
            }

            var open = new[] { (nameof(options.Address), options.Address), (nameof(options.AdminAddress), options.AdminAddress) }
                .Where(static a => IPAddress.TryParse(a.Item2, out var address) && !IPAddress.IsLoopback(address))
                .Select(static a =>
                    $"{ListeningOptions.SectionName}:{a.Item1} is '{a.Item2}', beyond loopback, and there is no authentication: whoever reaches "
                    + $"it could be any agent and call any agent. Set {SectionName}:{nameof(AllowAnonymous)}=true if that is meant.")
                .ToList();
            return open.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(open);
        }
    }
}
