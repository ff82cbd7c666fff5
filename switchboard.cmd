@rem Runs the command line tool of this repository, from any folder.
@dotnet run --project "%~dp0src\Cli" --no-launch-profile --verbosity quiet -- %*
