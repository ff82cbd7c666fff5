using Switchboard.Core.Requests;

namespace Switchboard.Api.Requests;

/// <summary>Describes why a request is rejected. Nothing is kept of it.</summary>
/// <param name="Verdict">Its verdict.</param>
/// <param name="Detail">The error, for display.</param>
internal readonly record struct Rejection(Verdict Verdict, string Detail);
