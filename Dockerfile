# syntax=docker/dockerfile:1
# The gateway: docker build -t switchboard .
# The program alone, on an image without a shell or a package manager, as a user who is not root. See docs/kubernetes.md.

FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG TARGETARCH
WORKDIR /source
# First what decides about packages: they are fetched anew only when that changes.
COPY global.json Directory.Build.props Directory.Packages.props ./
COPY src/Abstractions/*.csproj src/Abstractions/
COPY src/Api/*.csproj src/Api/
COPY src/Client/*.csproj src/Client/
COPY src/Core/*.csproj src/Core/
COPY src/Grains/*.csproj src/Grains/
COPY src/Protocol/*.csproj src/Protocol/
COPY src/Silo/*.csproj src/Silo/
RUN dotnet restore src/Silo -a $TARGETARCH
COPY . .
RUN dotnet publish src/Silo -a $TARGETARCH --no-restore --no-self-contained -o /program && mkdir /data

FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled
# The base names a port of its own, which the gateway's settings overrule, and Kestrel warns of it.
ENV ASPNETCORE_HTTP_PORTS=
WORKDIR /app
COPY --from=build /program .
# What a gateway that is alone keeps; a cluster keeps nothing here.
COPY --from=build --chown=$APP_UID:$APP_UID /data data
USER $APP_UID
# REST, gRPC, both over TLS. The other ports are for other silos and for whoever operates it.
EXPOSE 8080 8081 8443
# On loopback until it is told otherwise: without authentication that takes Switchboard__Auth__AllowAnonymous=true too.
ENTRYPOINT ["dotnet", "Switchboard.Silo.dll"]
