import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { ACCEPTABLE } from "../leofs/checks/table";
import { incidentProblem, nodeNameProblem } from "../leofs/names";
import { copyProblems, fenceProblems, managerProblems } from "../providers/argumentProblems";
import type { CopyTarget, FenceTarget, HostTarget, ManagerTarget, OnFailure } from "../providers/arguments";
import type { ConnectionArgs } from "../remote";
import { plainError } from "./plainError";
import type { Method } from "./recipe";
import { SettingsReader } from "./settingsReader";

/** The recovery of one cluster, as configured. */
export interface ClusterSettings {
  /** Name of the cluster in the settings. */
  name: string;
  /** Name of the outage. The same one never runs twice; a new one runs the recovery again. */
  incident: string;
  /** Refusals accepted by name. Default none. */
  accept: string[];
  /** Undo what was done for the incident instead of going on with it. Default false. */
  rollback: boolean;
  /** What happens when the load or the proof fails: `stop` leaves it for the next `up`, the default. */
  onFailure: OnFailure;
  /** `online`: the manager with the data is never stopped. Default `offline`: both are, as LeoFS documents it. */
  method: Method;
  /** Where a second copy of every backup goes. Default: none is made. */
  copyTo?: CopyTarget;
  /** A manager is gone and another takes its place. */
  takeover?: {
    lost: string;
    survivor: ManagerTarget;
    replacement: ManagerTarget;
    /** The lost manager on its host, kept from starting meanwhile. Default: it is not. */
    fence?: Omit<FenceTarget, "node">;
  };
  /** A manager's files are damaged. `donor`: index of the good one, or `auto`. */
  inPlace?: { managers: [ManagerTarget, ManagerTarget]; donor: 0 | 1 | "auto" };
}

/** The two managers of a cluster, whatever its case. */
export const managersOf = ({ takeover, inPlace }: ClusterSettings): [ManagerTarget, ManagerTarget] =>
  takeover ? [takeover.survivor, takeover.replacement] : inPlace!.managers;

/** The lost manager that a takeover fences; undefined: it fences none. */
export const fencedOf = ({ takeover }: ClusterSettings): FenceTarget | undefined =>
  takeover?.fence && { ...takeover.fence, node: takeover.lost };

const EXAMPLE = `for example
  leofs-recovery:clusters:
    production:
      incident: 2026-11-22-manager-0-lost
      backupDirectory: /var/backups/leofs
      takeover: { lost: manager_0@10.0.0.11, survivor: {...}, replacement: {...} }`;

/**
 * Reads the setting `clusters`.
 *
 * @throws RunError, which Pulumi prints without a stack: one that names every problem, where it is, and what would be
 * right; never a secret's value.
 */
export function readClusters(value: unknown): ClusterSettings[] {
  const problems: string[] = [];
  const root = new SettingsReader(value, "clusters", problems);
  const isMapping = typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isMapping || root.keys().length === 0)
    throw plainError(`the setting clusters names no cluster; ${EXAMPLE}`);
  const clusters = root.keys().flatMap((name) => {
    const reader = root.child(name);
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(name))
      problems.push(`clusters.${name}: a cluster's name is made of letters, digits, ".", "_" and "-"`);
    return reader ? [readCluster(name, reader)] : [];
  });
  if (problems.length > 0)
    throw plainError(
      `the settings cannot be used:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`,
    );
  return clusters;
}

function readCluster(name: string, reader: SettingsReader): ClusterSettings {
  reader.only(
    "incident",
    "backupDirectory",
    "copyTo",
    "takeover",
    "inPlace",
    "accept",
    "rollback",
    "onFailure",
    "method",
  );
  const { problems, path } = reader;
  const incident = reader.text("incident");
  const problem = incident && incidentProblem(incident);
  if (problem) problems.push(`${path}.incident: ${problem}`);
  const accept = reader.texts("accept");
  for (const one of accept)
    if (!ACCEPTABLE.has(one))
      problems.push(
        `${path}.accept: ${JSON.stringify(one)} cannot be accepted; there are ${[...ACCEPTABLE.keys()].join(", ")}`,
      );
  const backups = reader.text("backupDirectory", true);
  const takeover = reader.child("takeover", true);
  const inPlace = reader.child("inPlace", true);
  if ((takeover === undefined) === (inPlace === undefined))
    problems.push(`${path} needs one of takeover (a manager is gone) and inPlace (its files are damaged)`);
  const copyTo = readCopyTo(reader.child("copyTo", true));
  const cluster: ClusterSettings = {
    name,
    incident,
    accept,
    rollback: reader.flag("rollback"),
    onFailure: reader.oneOf("onFailure", ["stop", "rollback"]),
    method: reader.oneOf("method", ["offline", "online"]),
    ...(copyTo && { copyTo }),
    ...(takeover && { takeover: readTakeover(takeover, backups) }),
    ...(inPlace && { inPlace: readInPlace(inPlace, backups) }),
  };
  if (copyTo) problems.push(...sameHostProblems(`${path}.copyTo`, copyTo, cluster));
  return cluster;
}

function readCopyTo(reader: SettingsReader | undefined): CopyTarget | undefined {
  if (!reader) return undefined;
  reader.only("directory", "connection");
  const before = reader.problems.length;
  const copyTo = { directory: reader.text("directory"), ...readConnection(reader.child("connection")) };
  if (reader.problems.length === before) reader.problems.push(...copyProblems(reader.path, copyTo));
  return copyTo;
}

/** A second copy beside the first would be lost together with it. */
function sameHostProblems(
  where: string,
  copyTo: CopyTarget,
  { takeover, inPlace }: ClusterSettings,
): string[] {
  const managers = takeover ? [takeover.survivor, takeover.replacement] : (inPlace?.managers ?? []);
  const one = managers.find((manager) => sameHost(manager, copyTo));
  return one
    ? [
        `${where} is the host of ${one.node}: a second copy has to be on a host of its own, or both are lost with it`,
      ]
    : [];
}

function readTakeover(reader: SettingsReader, backups: string | undefined): ClusterSettings["takeover"] {
  reader.only("lost", "survivor", "replacement", "fence");
  const lost = reader.text("lost");
  const problem = lost && nodeNameProblem(lost);
  if (problem) reader.problems.push(`${reader.path}.lost: ${problem}`);
  const survivor = readManager(reader.child("survivor"), backups);
  const replacement = readManager(reader.child("replacement"), backups);
  distinct(reader, survivor, replacement);
  for (const [key, manager] of Object.entries({ survivor, replacement }))
    if (lost && manager.node === lost && key === "survivor")
      reader.problems.push(`${reader.path}.survivor.node is ${lost}, which is called lost`);
  if (lost && replacement.node === lost)
    reader.problems.push(
      `${reader.path}.replacement.node is ${lost}, the lost manager's own name: with the same name use inPlace, which needs no new registration`,
    );
  const fence = readFence(reader.child("fence", true), lost);
  for (const manager of [survivor, replacement])
    if (fence && sameHost(manager, fence) && manager.home === fence.home)
      reader.problems.push(
        `${reader.path}.fence.home is the home of ${manager.node}, which is not the lost manager: it would be kept from starting`,
      );
  return { lost, survivor, replacement, ...(fence && { fence }) };
}

function readFence(reader: SettingsReader | undefined, lost: string): Omit<FenceTarget, "node"> | undefined {
  if (!reader) return undefined;
  reader.only("home", "connection", "etcDirectory", "runAs");
  const before = reader.problems.length;
  const fence = {
    home: reader.text("home").replace(/\/+$/, ""),
    ...readConnection(reader.child("connection")),
    ...readOptional(reader),
  };
  if (reader.problems.length === before && lost)
    reader.problems.push(...fenceProblems(reader.path, { ...fence, node: lost }));
  return fence;
}

/** What a manager may have besides. */
function readOptional(reader: SettingsReader): { etcDirectory?: string; runAs?: string } {
  const etcDirectory = reader.text("etcDirectory", true);
  const runAs = reader.text("runAs", true);
  return { ...(etcDirectory && { etcDirectory }), ...(runAs && { runAs }) };
}

/** Whether two targets are on the same host, as far as their settings say. */
function sameHost(one: HostTarget, other: HostTarget): boolean {
  const at = ({ connection }: HostTarget) => JSON.stringify([connection.host, connection.port ?? 22]);
  return Boolean(one.connection.host) && at(one) === at(other);
}

function readInPlace(reader: SettingsReader, backups: string | undefined): ClusterSettings["inPlace"] {
  if (reader.raw("donor") === "auto") {
    reader.only("managers", "donor");
    const list = reader.raw("managers");
    const listed = Array.isArray(list) && list.length === 2;
    if (!listed)
      reader.problems.push(`${reader.path}.managers has to list the two managers when donor is auto`);
    const managers = [0, 1].map((index) =>
      readManager(listed ? reader.item("managers", index) : undefined, backups),
    ) as [ManagerTarget, ManagerTarget];
    distinct(reader, ...managers);
    return { managers, donor: "auto" };
  }
  reader.only("damaged", "donor");
  const damaged = readManager(reader.child("damaged"), backups);
  const donor = readManager(reader.child("donor"), backups);
  distinct(reader, damaged, donor);
  return { managers: [damaged, donor], donor: 1 };
}

function distinct(reader: SettingsReader, one: ManagerTarget, other: ManagerTarget): void {
  if (one.node && one.node === other.node)
    reader.problems.push(`${reader.path}: both managers are called ${one.node}; they are two`);
}

function readManager(reader: SettingsReader | undefined, backups: string | undefined): ManagerTarget {
  const empty: ManagerTarget = { node: "", home: "", backupDirectory: "", connection: { host: "" } };
  if (!reader) return empty;
  reader.only("node", "home", "connection", "etcDirectory", "runAs", "backupDirectory");
  const before = reader.problems.length;
  const target: ManagerTarget = {
    node: reader.text("node"),
    home: reader.text("home").replace(/\/+$/, ""),
    backupDirectory: reader.text("backupDirectory", true) ?? backups ?? "",
    ...readConnection(reader.child("connection")),
    ...readOptional(reader),
  };
  if (target.backupDirectory === "")
    reader.problems.push(
      `${reader.path}.backupDirectory is missing, and the cluster gives none for all managers`,
    );
  if (reader.problems.length === before) reader.problems.push(...managerProblems(reader.path, target));
  return target;
}

/** `privateKeyFile` is a path on the operator's machine; without key, password and agent, OpenSSH's own default. */
function readConnection(reader: SettingsReader | undefined): HostTarget {
  if (!reader) return { connection: { host: "" } };
  const { privateKeyFile, ...connection } = Object.fromEntries(
    reader.keys().map((key) => [key, reader.raw(key)]),
  ) as unknown as ConnectionArgs & { privateKeyFile?: unknown };
  if (privateKeyFile !== undefined && privateKeyFile !== null && typeof privateKeyFile !== "string")
    reader.problems.push(`${reader.path}.privateKeyFile has to be a text`);
  const given =
    connection.privateKey ?? connection.password ?? connection.agentSocketPath ?? process.env.SSH_AUTH_SOCK;
  const file =
    typeof privateKeyFile === "string" ? privateKeyFile : given === undefined ? defaultKeyFile() : undefined;
  if (file === undefined) return { connection };
  const path = file.replace(/^~(?=\/)/, homedir());
  try {
    readFileSync(path);
  } catch {
    reader.problems.push(`${reader.path}.privateKeyFile: ${path} cannot be read`);
  }
  return { connection, privateKeyFile: path };
}

function defaultKeyFile(): string | undefined {
  const names = ["id_ed25519", "id_ecdsa", "id_rsa"].map((name) => join(homedir(), ".ssh", name));
  return names.find((path) => existsSync(path));
}
