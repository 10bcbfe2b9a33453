import { z } from "zod";
import type { HostTarget, ManagerTarget } from "../../providers/targets/arguments";
import { betweenProblems } from "./between";
import type { ClusterSettings } from "./cluster";
import { withInherited } from "./inherit";
import { defined } from "./kinds";
import { plainError } from "./plainError";
import { sentence, sentences } from "./problems";
import { type ClusterAsWritten, cluster, type ManagerAsWritten } from "./schema";

const EXAMPLE = `for example
  leofs-recovery:clusters:
    production:
      incident: 2026-11-22-manager-0-lost
      backupDirectory: /var/backups/leofs
      takeover: { lost: manager_0@10.0.0.11, survivor: {...}, replacement: {...} }`;

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/**
 * Reads the setting `clusters`.
 *
 * @throws RunError, which Pulumi prints without a stack: one that names every problem, where it is, and what would be
 * right; never a secret's value.
 */
export function readClusters(value: unknown): ClusterSettings[] {
  const named = z.record(z.string(), z.unknown()).safeParse(value ?? {});
  if (!named.success)
    throw plainError(`the setting clusters must be a map from a cluster's name to its settings; ${EXAMPLE}`);
  if (Object.keys(named.data).length === 0)
    throw plainError(`the setting clusters names no cluster; ${EXAMPLE}`);
  const problems: string[] = [];
  const clusters = Object.entries(named.data).flatMap(([name, written]) => {
    const where = `clusters.${name}`;
    if (!NAME.test(name))
      problems.push(`${where}: a cluster's name is made of letters, digits, ".", "_" and "-"`);
    const read = cluster.safeParse(withInherited(written ?? undefined), { error: sentence });
    if (!read.success) {
      problems.push(...sentences(read.error, where));
      return [];
    }
    const settings = settingsOf(name, read.data);
    problems.push(...betweenProblems(where, settings));
    return [settings];
  });
  if (problems.length > 0)
    throw plainError(
      `the settings cannot be used:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`,
    );
  return clusters;
}

function settingsOf(name: string, written: ClusterAsWritten): ClusterSettings {
  const { backupDirectory: _, copyTo, nodes, takeover, move, inPlace, ...rest } = written;
  const managed = (manager: ManagerAsWritten): ManagerTarget => target(defined(manager));
  const settings: ClusterSettings = { name, ...rest };
  if (copyTo) settings.copyTo = target(copyTo);
  if (nodes) settings.nodes = nodes;
  if (takeover) {
    const { lost, survivor, replacement, fence } = takeover;
    settings.takeover = { lost, survivor: managed(survivor), replacement: managed(replacement) };
    if (fence) settings.takeover.fence = target(defined(fence));
  }
  if (move) {
    const { from, stays, to } = move;
    settings.move = { from: target(defined(from)), stays: managed(stays), to: managed(to) };
    settings.method = "online";
  }
  if (inPlace)
    settings.inPlace =
      inPlace.donor === "auto"
        ? { managers: inPlace.managers.map(managed) as [ManagerTarget, ManagerTarget], donor: "auto" }
        : { managers: [managed(inPlace.damaged), managed(inPlace.donor)], donor: 1 };
  return settings;
}

/** The host of a target in its place: its connection was read together with the path of its key. */
const target = <Rest extends object>({
  connection,
  ...rest
}: Rest & { connection: HostTarget }): Omit<Rest, "connection"> & HostTarget => ({ ...rest, ...connection });
