import type { Host, RunResult } from "../../remote/host";
import { PROCESS_FUNCTIONS } from "../manager/processes";
import { etcOf, type ManagerSpec, type Role, scriptOf } from "../names";
import { JOURNAL_SCRIPT } from "./journal";

/** Seconds a stop or a start may take before it is reported. A stop takes 3 to 5 s, a start 1 to 2 s. */
export const STOP_LIMIT_SECONDS = 60;
export const START_LIMIT_SECONDS = 20;

/**
 * Service control of a manager as POSIX scripts, which `@pulumi/command` runs during an `up` and this package
 * runs itself when a step finds a manager in the wrong state. Idempotent, bounded, judged by the process table.
 */
const COMMON = `
umask 022
cd /
${PROCESS_FUNCTIONS}
elevate() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
runner_of() {
  [ -n "$runner" ] || runner=$(sed -n 's/^ *\\(export \\)\\{0,1\\}RUNNER_USER=["'"'"']\\{0,1\\}\\([A-Za-z0-9_.-]*\\).*/\\2/p' "$etc/leo_manager.environment" 2>/dev/null | tail -n 1)
  [ -n "$runner" ] || runner=leofs
}
# Runs on its own, without this script's output: whoever reads that would wait for the end of a command that hangs.
aside() { ( exec >/dev/null 2>&1 </dev/null; "$@" ) & }
doze() { sleep 0.1 2>/dev/null || sleep 1; }
unit_of() {
  if command -v systemctl >/dev/null 2>&1 && [ -d /run/systemd/system ]; then
    for unit in leofs-manager-master leofs-manager-slave; do
      case "$(systemctl show -p ExecStart "$unit" 2>/dev/null)" in
        *"$home/bin/leo_manager"*) case "$(systemctl is-enabled "$unit" 2>/dev/null) $(systemctl is-active "$unit" 2>/dev/null)" in
          enabled*|*" active") printf '%s\\n' "$unit"; return 0 ;; esac ;;
      esac
    done
  fi
  return 1
}
as_runner() {
  runner=$1; shift
  if [ -z "$runner" ] || [ "$(id -un)" = "$runner" ]; then "$@"
  elif [ "$(id -u)" = 0 ]; then if command -v runuser >/dev/null 2>&1; then runuser -u "$runner" -- "$@"; else sudo -n -H -u "$runner" "$@"; fi
  else sudo -n -H -u "$runner" "$@"; fi
}
ask() {
  if unit=$(unit_of); then
    how="systemctl $1 $unit"
    aside elevate systemctl "$1" "$unit"
  else
    how="$home/bin/leo_manager $1"
    aside as_runner "$runner" "$home/bin/leo_manager" "$1"
  fi
  asked=$(date +%s)
}
gone() { [ -z "$(beams "$node")" ]; }
there() { ! gone; }
settled() { there || [ -z "$(starting "$home")" ]; }
await() {
  until "$1"; do
    [ $(( $(date +%s) - asked )) -lt "$2" ] || return 1
    doze
  done
}
# Waits for a start that somebody made before: this script's own would be a second one beside it.
settle() {
  settled && return 0
  asked=$(date +%s)
  await settled "$1" && return 0
  echo "a start of $node is under way on $(uname -n) and brought no VM within $1 s: process $(starting "$home" | tr '\\n' ' ')"
  echo "See in $home/log/erlang.log.* what it waits for, end it by hand, then run pulumi up again."
  exit 1
}
halt() {
  ask stop
  await gone "$1" && return 0
  echo "$node still runs $1 s after '$how': process $(beams "$node" | tr '\\n' ' ')on $(uname -n)."
  echo "Nothing was killed, because it may be writing its Mnesia files. Look at $home/log/app/error, stop it by hand, then run pulumi up again."
  exit 1
}`;

/** Writes a journal entry as the user LeoFS runs as; needs `$runner` and `$incident`. */
const NOTE = `
now() { date +%s.%N | sed 's/[^0-9.].*//'; }
note() {
  as_runner "$runner" sh -c '${JOURNAL_SCRIPT}' sh "$incident" "$1" "$2" || echo "the journal in $incident could not be written; the next run looks at the processes instead" >&2
}
noted() { as_runner "$runner" test -e "$incident/journal/$1"; }`;

/** Prints who holds the lock `$1`: the last file of its chain says so (see remote/lockFiles.ts). */
const HOLDER = `
file=$1 holder=
while [ -f "$file" ]; do
  { read -r id; read -r holder; } < "$file" || break
  file=$1.$id.next
done
printf "%s\\n" "$holder"`;

/**
 * Ends the script when a recovery of another incident holds the manager's lock: an `up` that resumes comes here before
 * any step that takes it.
 */
const RESPECT = `
respect() {
  [ -n "$lock" ] || return 0
  holder=$(as_runner "$runner" sh -c '${HOLDER}' sh "$lock" 2>/dev/null)
  case $holder in "" | *'"released":true'* | *"$owner"*) return 0 ;; esac
  said() { printf '%s\\n' "$holder" | sed -n 's/.*"'"$1"'":"\\([^"]*\\)".*/\\1/p'; }
  echo "Another recovery works on this pair: $(said who), incident $(said incident), since $(said since). Nothing was done to $node."
  echo "Wait for it. If it is certain that it is over, break its lock with 'rm $lock' on $(uname -n) and try again."
  exit 1
}`;

/**
 * Stops a manager and proves it from the process table. Arguments: node, home, seconds to wait, run-as
 * user (empty: as bin/leo_manager finds it), conf directory, lock and its owner (empty: not looked at), incident directory, the journal entry that makes
 * stopping unnecessary.
 *
 * Exit codes of `bin/leo_manager stop` are not used: it exits 1 for a node that runs under a changed cookie.
 * heart is not an issue for a clean stop (init:stop ends it). A VM that outlives the limit is reported, never
 * killed: it may be writing Mnesia's files.
 */
export const STOP_SCRIPT = `${COMMON}
${RESPECT}
${NOTE}
node=$1 home=$2 limit=$3 runner=$4 etc=$5 lock=$6 owner=$7 incident=$8 past=$9
runner_of
respect
if [ -n "$past" ] && noted rollback.begun; then
  echo "The incident of $incident was rolled back, or ended because another one began: $node is left as it is. Give a new incident name to recover again."
  exit 1
fi
if [ -n "$past" ] && noted "$past"; then
  echo "$node was stopped for this incident before and the recovery went on since ($past): left as it is"
  exit 0
fi
settle "$limit"
if gone; then
  echo "$node is down already: no beam process with -name $node"
else
  pids=$(beams "$node" | tr '\\n' ' ')
  noted "stop.$node.begun" || note "stop.$node.begun" "{\\"epoch\\":$(now)}"
  halt "$limit"
  note "stop.$node.done" "{\\"epoch\\":$(now)}"
  echo "$node stopped ($how): process \${pids}gone"
fi
if there; then echo "$node came back after it was stopped: something starts it again on $(uname -n)"; exit 1; fi
`;

/**
 * Starts a manager, or finds it running, and proves that its VM is there and reads what its conf says.
 * Arguments: node, home, seconds to wait, run-as user, conf directory, lock and its owner, the partner it must have been started
 * with (empty: not looked at), the role it must have had at its last start to be started at all (empty: any).
 *
 * `bin/leo_manager start` exits 0 whatever follows, and starts with the old app.config when the conf does not
 * parse or a new one cannot be written: so the generated files are compared with what was asked, and one that runs with
 * older ones is started again.
 */
export const START_SCRIPT = `${COMMON}
${RESPECT}
node=$1 home=$2 limit=$3 runner=$4 etc=$5 lock=$6 owner=$7 partner=$8 only=$9
runner_of
respect
if [ -n "$only" ] && [ ! -r "$etc/app.config" ]; then
  echo "$node: $(id -un) cannot read $etc/app.config on $(uname -n), so it is not known whether it is the $only of the pair. Nothing was started."
  echo "See to it that the login user may read it, then run pulumi up again."
  exit 1
fi
if [ -n "$only" ] && ! grep -q "{manager_mode, *$only}" "$etc/app.config" 2>/dev/null; then
  echo "$node is not the $only of the pair: it is started after it"
  exit 0
fi
other_partner() { [ -n "$partner" ] && [ -r "$etc/app.config" ] && ! grep -qF -e "'$partner'" "$etc/app.config"; }
conf_names_it() {
  PARTNER=$partner awk '/^[ \\t]*manager[.]partner[ \\t]*=/ { value = $0; sub(/^[^=]*=[ \\t]*/, "", value); sub(/[ \\t\\r]*$/, "", value) }
    END { exit value != ENVIRON["PARTNER"] }' "$etc/leo_manager.conf" 2>/dev/null
}
how="it ran already"
settled || { settle "$limit"; gone || how="a start was under way"; }
if there && other_partner && conf_names_it; then
  echo "$node was started before its conf named $partner, or could not read it (a full disc): stopped, to be started again"
  halt ${STOP_LIMIT_SECONDS}
fi
if gone; then
  ask start
  if ! await there "$limit"; then
    echo "$node did not start: no beam process with -name $node on $(uname -n) $limit s after '$how'."
    echo "Look at $home/log/erlang.log.* and $home/log/app/error, mend the cause, then run pulumi up again."
    exit 1
  fi
fi
if other_partner; then
  echo "$node runs, but with another partner than $partner: $etc/app.config was generated from something else."
  echo "It says: $(tr -d '\\n' < "$etc/app.config" | grep -o 'manager_partners,[^}]*' | head -n 1)"
  echo "Stop it, see why $etc/leo_manager.conf is not what LeoFS reads, then run pulumi up again."
  exit 1
fi
echo "$node runs ($how): process $(beams "$node" | tr '\\n' ' ')"
`;

/** The lock that a service step respects when no step before it has taken it. */
export interface RespectedLock {
  /** The lock file. */
  path: string;
  /** The incident that may hold it, as the lock file names it. */
  incident: string;
}

/** Arguments that every control script begins with. */
const common = (manager: ManagerSpec, limitSeconds: number, lock?: RespectedLock): string[] => [
  manager.node,
  manager.home,
  String(limitSeconds),
  manager.runAs ?? "",
  etcOf(manager),
  lock?.path ?? "",
  lock ? `"incident":${JSON.stringify(lock.incident)}` : "",
];

/**
 * The arguments of `STOP_SCRIPT`.
 *
 * @param incident the incident's directory on that host
 * @param past the journal entry after which a stop would undo a recovery; empty: stop whatever was done
 * @param lock nothing is stopped while another recovery holds it; default: not looked at
 */
export const stopArguments = (
  manager: ManagerSpec,
  incident: string,
  past: string,
  lock?: RespectedLock,
): string[] => [...common(manager, STOP_LIMIT_SECONDS, lock), incident, past];

/**
 * The arguments of `START_SCRIPT`.
 *
 * @param partner with whom it must come up; empty: not looked at
 * @param only start it only if it has this role; empty: whatever its role
 * @param lock nothing is started while another recovery holds it; default: not looked at
 */
export const startArguments = (
  manager: ManagerSpec,
  partner: string,
  only: Role | "" = "",
  lock?: RespectedLock,
): string[] => [...common(manager, START_LIMIT_SECONDS, lock), partner, only];

async function control(host: Host, script: string, args: string[], limitSeconds: number): Promise<string> {
  const result: RunResult = await host.run(script, args, { timeoutMs: (limitSeconds + 15) * 1000 });
  const said = result.stdout.trim();
  if (result.code !== 0) throw new Error(`${host.label}: ${said || result.stderr.trim()}`);
  return said;
}

/** Stops a manager from within a step; the text is the evidence. */
export const stopManager = (host: Host, manager: ManagerSpec, incident: string): Promise<string> =>
  control(host, STOP_SCRIPT, stopArguments(manager, incident, ""), 2 * STOP_LIMIT_SECONDS);

/** Starts a manager from within a step; the text is the evidence. */
export const startManager = (host: Host, manager: ManagerSpec, partner: string): Promise<string> =>
  control(host, START_SCRIPT, startArguments(manager, partner), STOP_LIMIT_SECONDS + 2 * START_LIMIT_SECONDS);

/** For plans: the command a person would type. */
export const stopCommand = (manager: ManagerSpec): string => `${scriptOf(manager)} stop`;
export const startCommand = (manager: ManagerSpec): string => `${scriptOf(manager)} start`;
