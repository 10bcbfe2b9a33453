import { writeFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import type { Command } from "commander";
import { terminalColumns } from "../../recovery/terminal";
import { messageOf } from "../../remote/errors";
import { hasKind } from "../../remote/host";
import { closeAll } from "../../remote/ssh/pool";
import { mustBeNew } from "../shared/newFile";
import { diagnose } from "./diagnose";
import { type Diagnosis, EXIT_CODES, type Found, type Unseen } from "./diagnosis";
import { type FoundManager, findManagers, hostOf } from "./findManagers";
import { incidentsOf, notOver } from "./halfWay";
import { inTime, Late } from "./inTime";
import { diagnosisText } from "./screen";
import { type Login, type LoginOptions, loginTo } from "./sshConfig";
import { stackFileText } from "./stackFile";
import { stateOf } from "./states";

interface Options extends LoginOptions {
  home: string[];
  backupDirectory: string;
  cluster: string;
  write?: string;
  json?: boolean;
}

const AFTER_HELP = `
A HOST is what ssh takes: a name, an address or an alias of ssh_config, with USER@ before and :PORT behind it. Name the
hosts of both managers, and for a takeover the host of the new one. Nothing is changed on any host.

Exit codes: ${Object.entries(EXIT_CODES)
  .map(([kind, code]) => `${code} ${kind}`)
  .join(", ")}; 1 failed, 2 wrong command line.`;

/** Adds `diagnose` to the program: what is wrong with a pair of managers, and which recovery applies. */
export function addDiagnose(program: Command): void {
  const collect = (value: string, all: string[]): string[] => [...all, value];
  program
    .command("diagnose")
    .description("look at the managers on these hosts and say what is wrong and which recovery applies")
    .argument("<host...>", "[USER@]HOST[:PORT], one to three")
    .option("--user <name>", "login user (default: ssh_config's, else yours)")
    .option("--port <number>", "SSH port (default: ssh_config's, else 22)", Number)
    .option("--identity <file>", "private key file (default: ssh_config's, else OpenSSH's own)")
    .option("--ssh-config <file>", "instead of ~/.ssh/config")
    .option(
      "--home <path>",
      "home of a manager, where it lies in an unusual place or a host has several; may be given again",
      collect,
      [],
    )
    .option("--cluster <name>", "name of the cluster in the settings", "production")
    .option("--backup-directory <path>", "directory for backups on the managers' hosts", "/var/backups/leofs")
    .option(
      "--write <stack>",
      "write Pulumi.STACK.yaml for the recovery that applies; never over an existing one",
    )
    .option("--json", "print what was found as JSON")
    .addHelpText("after", AFTER_HELP)
    .action(async (hosts: string[], options: Options) => {
      process.exitCode = await run(hosts, options).finally(leave);
    });
}

/** A look that was late is not waited for: all is said by now. */
function leave(): void {
  closeAll();
  setTimeout(() => process.exit(), 1_000).unref();
}

async function run(hosts: readonly string[], options: Options): Promise<number> {
  const target = options.write && resolve(`Pulumi.${options.write}.yaml`);
  if (target) mustBeNew(target);
  const { found, unreachable, empty } = await lookEverywhere(hosts, options);
  const views = found.map(({ view }) => view);
  const ask: Found["ask"] = (from, node) =>
    inTime(
      from.manager.probe(node),
      (limit) => `${from.manager.host.label} did not say within ${limit} whether ${node} answers`,
    );
  const incidents = await inTime(
    incidentsOf(views, options.backupDirectory),
    (limit) => `what these hosts remember of recoveries was not read within ${limit}`,
  );
  const diagnosis = await diagnose({ views, unreachable, empty, halfWay: notOver(incidents), ask });
  if (!target && (diagnosis.inPlace || diagnosis.takeover?.replacement))
    diagnosis.next.push("add --write production to this command: it writes the settings of that recovery");
  if (options.json) process.stdout.write(`${JSON.stringify(asData(diagnosis, found), undefined, 2)}\n`);
  else
    process.stdout.write(
      diagnosisText(diagnosis, views, {
        width: terminalColumns(),
        colour: process.stdout.isTTY === true,
      }),
    );
  if (target) {
    const day = new Date().toISOString().slice(0, 10);
    const taken = incidents.flatMap(({ directories }) => directories.map((one) => basename(one)));
    const text = stackFileText(diagnosis, found, { ...options, day, taken });
    writeFileSync(target, text, { flag: "wx", mode: 0o600 });
    process.stderr.write(
      `\nWritten: ${target}. Now:\n  pulumi stack init ${options.write}\n  pulumi preview --suppress-outputs --stack ${options.write}\n`,
    );
  }
  return EXIT_CODES[diagnosis.kind];
}

/** Looks at all hosts at once; one that cannot be looked at is an answer too. */
async function lookEverywhere(
  hosts: readonly string[],
  options: Options,
): Promise<{ found: FoundManager[]; unreachable: Unseen[]; empty: string[] }> {
  const find = { homes: options.home, backupDirectory: options.backupDirectory };
  const looks = await Promise.all(
    hosts.map(async (host) => {
      const login = loginTo(host, options);
      const quick = { ...login, connection: { ...login.connection, dialErrorLimit: 1, perDialTimeout: 5 } };
      try {
        const host = hostOf(quick);
        const managers = await inTime(findManagers(quick, find), (limit) =>
          host.connected
            ? `${host.label} accepted the login, but did not answer within ${limit}`
            : `${host.label} did not answer within ${limit}`,
        );
        return {
          found: managers.map(({ view }) => ({ login, view })),
          unreachable: [],
          empty: managers.length === 0 ? [host.label] : [],
        };
      } catch (error) {
        return {
          found: [],
          unreachable: [{ host, reason: messageOf(error), up: isUp(quick, error) }],
          empty: [],
        };
      }
    }),
  );
  return {
    found: distinct(looks.flatMap((look) => look.found)),
    unreachable: looks.flatMap((look) => look.unreachable),
    empty: looks.flatMap((look) => look.empty),
  };
}

/** Whether a host that could not be looked at is there: it said something, if only no. */
const isUp = (login: Login, error: unknown): boolean =>
  error instanceof Late ? hostOf(login).connected : !hasKind(error, "unreachable");

/** A host that was named twice, by two names, has the same managers. */
const distinct = (found: readonly FoundManager[]): FoundManager[] => [
  ...new Map(
    found.map((one) => [JSON.stringify([one.view.manager.spec.node, one.view.manager.spec.home]), one]),
  ).values(),
];

/** What `--json` prints: the diagnosis, and each manager in figures. Never a secret. */
const asData = ({ kind, verdict, evidence, next, takeover }: Diagnosis, found: readonly FoundManager[]) => ({
  kind,
  verdict,
  evidence,
  next,
  ...(takeover && { lost: takeover.lost }),
  managers: found.map(({ view }) => ({
    node: view.manager.spec.node,
    host: view.manager.host.label,
    home: view.manager.spec.home,
    role: view.manager.settings.role,
    state: stateOf(view),
    conf: view.manager.facts.conf.path,
    runAs: view.manager.facts.runAs,
    release: view.manager.facts.release,
    partner: view.manager.settings.partner,
    processes: view.manager.facts.beams,
    nodes: view.evidence?.nodes ?? [],
  })),
});
