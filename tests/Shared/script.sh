# Sourced by tests/Interop/run and tests/Packaging/run: how they count, and how they start the gateway. They set $suite first.
# A check prints "ok …" or "FAIL …"; the last line is "SUITE: N passed, N failed". What they write is in $work.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$root/artifacts/$suite
mkdir -p "$work"
log=$work/log.txt
: > "$log"
started=()
trap 'for p in "${started[@]}"; do kill "$p" 2> /dev/null; done' EXIT
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

say() { printf '%s\n' "$*" | tee -a "$log"; }

# run NAME COMMAND...: its output is kept in $work/NAME.txt; where it fails, its first errors are said, or its end.
run() {
  local name=$1; shift
  if ! "$@" > "$work/$name.txt" 2>&1; then
    say "FAIL $name: $*: $({ grep -m 2 -iw error "$work/$name.txt" || tail -n 3 "$work/$name.txt"; } | tr '\n' ' ')"
    return 1
  fi
}

finish() {
  local passed failed
  passed=$(grep -c '^ok ' "$log"); failed=$(grep -c '^FAIL ' "$log")
  printf '%s: %s passed, %s failed\n' "$suite" "$passed" "$failed"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
  exit
}

# A port that nobody listens on, below those that the system itself hands out.
free_port() {
  local port=
  until [ -n "$port" ] && ! (: < "/dev/tcp/127.0.0.1/$port") 2> /dev/null; do port=$((20000 + RANDOM % 12000)); done
  echo "$port"
}

# start_gateway COMMAND...: waits for its banner; sets $gateway (its process), $rest and $grpc (host:port). Its log is $work/gateway.txt.
start_gateway() {
  # What an earlier run left must not be taken for this one's words.
  : > "$work/gateway.txt"
  "$@" --Switchboard:Listen:HttpPort=0 --Switchboard:Listen:GrpcPort=0 --Switchboard:Listen:AdminPort=0 --Logging:Console:FormatterName=simple \
    "--Switchboard:Silo:SiloPort=$(free_port)" "--Switchboard:Silo:GatewayPort=$(free_port)" \
    "--Switchboard:FrontDoor:DataFolder=$work/data" "--Switchboard:Storage:Path=$work/data/switchboard.db" > "$work/gateway.txt" 2>&1 &
  gateway=$!
  started+=("$gateway")
  for _ in $(seq 600); do
    rest=$(sed -nE 's,^ +REST +http://,,p' "$work/gateway.txt")
    grpc=$(sed -nE 's,^ +gRPC +http://,,p' "$work/gateway.txt")
    [ -n "$rest" ] && [ -n "$grpc" ] && return 0
    kill -0 "$gateway" 2> /dev/null || break
    sleep 0.1
  done
  say "FAIL the gateway did not start: $(tail -n 3 "$work/gateway.txt" | tr '\n' ' ')"
  return 1
}

# Stops it as an operator does, and judges how it went: it must still be there, end well, and have had nothing for a person to look at.
stop_gateway() {
  local rc=0
  kill "$gateway" 2> /dev/null
  wait "$gateway" || rc=$?
  [ "$rc" -eq 0 ] && say "ok the gateway is there to the end" || say "FAIL the gateway is there to the end: exit code $rc"
  # But for the framework's own race: a client that resets a call whose message is still coming may be seen by the read of the message
  # before the cancellation, and gRPC for .NET logs that as an error of the method's.
  grep -E '^(fail|crit):' "$work/gateway.txt" | grep -vE 'ServerCallHandler\[6\].*IOException: The client reset the request stream' > "$work/errors.txt"
  if [ -s "$work/errors.txt" ]; then
    say "FAIL the gateway logs no error: $(grep -c . "$work/errors.txt"), the first: $(head -n 1 "$work/errors.txt")"
  else
    say "ok the gateway logs no error"
  fi
}
