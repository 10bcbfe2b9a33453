import { posix } from "node:path";
import { dataFiles, type ManagerView } from "../../leofs/checks/view";
import { keptIn } from "../../leofs/conf/changeConf";
import { etcOf } from "../../leofs/manager/lookedAt";
import { partnerFile } from "../../leofs/manager/settings";
import type { ManagerTarget } from "../../providers/targets/arguments";
import type { EndpointArgs } from "../../remote/connection";
import { quote } from "../../remote/quote";
import { expectedHostKey } from "../../remote/ssh/hostKeys";
import { unitOf } from "../shared/service";

/** One of the two managers as the steps of a runbook name it. */
export type SideName = "good" | "other";

/** What a runbook must know of a manager: from the settings and from one look at its host. */
export interface Actor {
  side: SideName;
  target: ManagerTarget;
  view: ManagerView;
  /** Where its backups go on its host. */
  directory: string;
}

export const mnesiaOf = ({ view }: Actor): string => view.manager.settings.mnesiaDirectory;
export const confOf = ({ view }: Actor): string => partnerFile(view.manager).path;
/** Each has its own: two managers of one host may share a directory. */
export const keptConfOf = (one: Actor): string => keptIn(one.directory, confOf(one), one.target.node);
export const unitNameOf = ({ view }: Actor): string => unitOf(view.manager) ?? "";
export const didRun = ({ view }: Actor): boolean => view.manager.facts.beams.length > 0;
export const hasFiles = ({ view }: Actor): boolean => dataFiles(view).length > 0;

/** The shell function by which the runbook reaches the hosts, as `ssh` does it, with the pinned host keys. */
export function reachFunction(actors: readonly Actor[]): string {
  const cases = actors.map(({ side, target }) => {
    const { host, port = 22, user = "root", proxy } = target.connection;
    const options = [
      "-T",
      "-o BatchMode=yes",
      "-o StrictHostKeyChecking=yes",
      '-o UserKnownHostsFile="$known"',
      `-p ${port}`,
      ...(target.privateKeyFile ? [`-i ${quote(target.privateKeyFile)}`] : []),
      ...(proxy ? [`-o "ProxyCommand=${jumpThrough(proxy)}"`] : []),
    ];
    return `    ${side}) ssh ${options.join(" ")} ${quote(`${user}@${host}`)} "$2" ;;`;
  });
  return `reach() {\n  case $1 in\n${cases.join("\n")}\n  esac\n}`;
}

/** What `ssh -J` would do, which takes no host keys that are pinned here. Stands in double quotes. */
function jumpThrough({ host, port = 22, user = "root" }: EndpointArgs): string {
  const jump = quote(`${user}@${host}`)
    .replaceAll("%", "%%")
    .replace(/[$`"\\]/g, "\\$&");
  return `ssh -T -o BatchMode=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile='$known' -p ${port} -W [%h]:%p ${jump}`;
}

/** The hosts' public keys in known_hosts format. */
export function hostKeysFunction(actors: readonly Actor[]): string {
  const lines = actors.flatMap(({ target: { connection } }) =>
    [connection, ...(connection.proxy ? [connection.proxy] : [])].map(
      ({ host, port = 22, hostKey }) =>
        `${port === 22 ? host : `[${host}]:${port}`} ${hostKey ?? expectedHostKey(host, port)}`,
    ),
  );
  return `host_keys() {\n  cat <<'KEYS'\n${[...new Set(lines)].join("\n")}\nKEYS\n}`;
}

/** A shell function that says something of each manager. */
const saysOf = (name: string, actors: readonly Actor[], say: (one: Actor) => string): string =>
  `${name}() {\n  case $1 in\n${actors.map((one) => `    ${one.side}) printf %s ${quote(say(one))} ;;`).join("\n")}\n  esac\n}`;

/** Whom the login user must become to act as LeoFS does; nothing where it is that user. */
export const becomeFunction = (actors: readonly Actor[]): string =>
  saysOf("become", actors, ({ view }) => view.manager.as ?? "");

/** By what name LeoFS's script knows the second manager of one installation (NODE_EXTRA_NAME). */
export const extraFunction = (actors: readonly Actor[]): string =>
  saysOf("extra_of", actors, ({ target, view }) => {
    const [first, etc] = [posix.basename(target.home), posix.basename(etcOf(view.manager.facts))];
    return etc.startsWith(`${first}_`) ? etc.slice(first.length + 1) : "";
  });

/** A command on a manager's console: by its leofs-adm, or straight to the port. */
export function consoleFunction(actors: readonly Actor[]): string {
  const cases = actors.map(({ side, view: { manager } }) => {
    const { consoleAddress: address, consolePort: port } = manager.settings;
    const { adm } = manager.facts.tools;
    const script = adm
      ? `TERM=dumb exec ${quote(adm)} -h ${address} -p ${port} "$@"`
      : `printf "%s\\r\\n" "$*" | nc -w 10 ${address} ${port}`;
    return `    ${side}) remote ${side} ${quote(script)} "$@" </dev/null ;;`;
  });
  return `adm_of() {\n  side=$1; shift\n  case $side in\n${cases.join("\n")}\n  esac\n}`;
}
