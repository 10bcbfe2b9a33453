import { stringify } from "yaml";
import type { ManagerState } from "../../leofs/checks/view";
import { expectedHostKey } from "../../remote/ssh/hostKeys";
import type { Diagnosis } from "./diagnosis";
import type { FoundManager } from "./findManagers";

/** What a person decides about the stack file. */
export interface StackFileOptions {
  /** Name of the cluster in the settings. */
  cluster: string;
  /** Directory for backups on the managers' hosts. */
  backupDirectory: string;
  /** Day of the incident's name, `2026-11-22`. */
  day: string;
  /** Names of incidents' directories on the hosts: an incident that was over recovers nothing again. Default: none. */
  taken?: readonly string[];
}

/** Why no settings can be written for a diagnosis: it calls for something else first. */
class NothingToWrite extends Error {
  override name = "NothingToWrite";
}

/**
 * The text of `Pulumi.STACK.yaml` for the recovery that a diagnosis calls for, complete.
 *
 * @throws NothingToWrite when the diagnosis calls for no recovery, or a takeover lacks its replacement.
 */
export function stackFileText(
  diagnosis: Diagnosis,
  found: readonly FoundManager[],
  { cluster, backupDirectory, day, taken = [] }: StackFileOptions,
): string {
  const settingsOf = (view: ManagerState) => managerSettings(found.find((one) => one.view === view)!);
  const { inPlace, takeover } = diagnosis;
  const incident = (node: string, what: string) => {
    const name = `${day}-${node.split("@")[0]!.replaceAll("_", "-")}-${what}`;
    let free = name;
    for (let number = 2; taken.includes(`${cluster}-${free}`); number += 1) free = `${name}-${number}`;
    return free;
  };
  if (inPlace)
    return text(cluster, {
      incident: incident(inPlace.damaged.manager.spec.node, "damaged"),
      backupDirectory,
      inPlace: { damaged: settingsOf(inPlace.damaged), donor: settingsOf(inPlace.donor) },
    });
  if (takeover?.replacement)
    return text(cluster, {
      incident: incident(takeover.lost, "lost"),
      backupDirectory,
      takeover: {
        lost: takeover.lost,
        survivor: settingsOf(takeover.survivor),
        replacement: settingsOf(takeover.replacement),
      },
    });
  throw new NothingToWrite(
    takeover
      ? "no settings are written yet: a takeover needs a replacement. Install one, do not start it, and name its host too."
      : "no settings are written: what was found calls for no recovery by this program.",
  );
}

const text = (cluster: string, settings: Record<string, unknown>): string =>
  `# Written by \`leofs-recovery diagnose\` from what it saw on the hosts. Read it, then pulumi preview.\n${stringify(
    { config: { "leofs-recovery:clusters": { [cluster]: settings } } },
    { lineWidth: 0 },
  )}`;

function managerSettings({ login, view }: FoundManager): Record<string, unknown> {
  const { node, home, etcDirectory, runAs } = view.manager.spec;
  const { privateKey: _, proxy, ...connection } = login.connection;
  const keyOf = (host: string, port?: number) => ({
    hostKey: expectedHostKey(host, port, login.knownHostsFiles),
  });
  return {
    node,
    home,
    ...(etcDirectory && { etcDirectory }),
    ...(runAs && { runAs }),
    connection: {
      ...connection,
      ...keyOf(connection.host, connection.port),
      ...(login.privateKeyFile && { privateKeyFile: login.privateKeyFile }),
      ...(proxy && {
        proxy: {
          host: proxy.host,
          port: proxy.port,
          user: proxy.user,
          ...keyOf(proxy.host, proxy.port),
        },
      }),
    },
  };
}
