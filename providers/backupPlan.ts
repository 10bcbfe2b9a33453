import { backupKiB } from "../leofs/checks/pairChecks";
import { judge } from "../leofs/checks/situation";
import { dataFiles, type ManagerView } from "../leofs/checks/view";
import { clearStep, filesStep } from "../leofs/incident/backups/fileBackup";
import { totalBytes } from "../leofs/incident/backups/tree";
import type { Choice } from "../leofs/incident/guard";
import { incidentDirectory, type ManagerTarget } from "./arguments";
import { fenceLook } from "./fencing";
import type { Guard, MnesiaBackupInputs } from "./mnesiaBackupTypes";
import { pairLockedByOthers } from "./pairLock";
import { copyFindings, copyPlan } from "./secondCopies";
import { glance } from "./session";

const size = (bytes: number): string =>
  bytes < 10_000 ? `${bytes} bytes` : `${Math.round(bytes / 1000)} kB`;

/** The plan of one backup. */
export async function backupPlan(inputs: MnesiaBackupInputs, target: ManagerTarget): Promise<string[]> {
  const seen = await glance(target, inputs);
  if ("problem" in seen) return [`${target.node}: cannot be looked at now: ${seen.problem}`];
  const { journal, mnesia, site } = seen.seen;
  const into = incidentDirectory(target, inputs);
  if (inputs.kind === "dump") {
    if (journal.done.has("dump")) return [];
    return [
      `dump ${target.node} (${site.host.label}) into ${into}; parsed whole, every table, as many rows as the manager counts`,
      ...(await copyPlan(inputs)),
    ];
  }
  const step = inputs.clear ? clearStep(target.node) : filesStep(target.node);
  if (journal.done.has(step)) return [];
  const files = dataFiles(seen.seen);
  if (files.length === 0) return [`${target.node}: ${mnesia.path} holds nothing to back up`];
  return [
    `back up ${files.length} files (${size(totalBytes(files))}) of ${mnesia.path} on ${site.host.label} into ${into}, each read back by SHA-256`,
    ...files.map((file) => `  ${file.name}  ${size(file.bytes)}`),
    ...(await copyPlan(inputs)),
    ...(inputs.clear ? [`then move the directory aside to ${mnesia.path}.${inputs.incident}`] : []),
  ];
}

/**
 * The plan of a guarded first step: who is alive, which case this is and which side is good, what speaks
 * against it, and the dump.
 */
export async function guardPlan(
  inputs: MnesiaBackupInputs,
  guard: Guard,
  kept: Choice | undefined,
): Promise<{ plan: string[]; computed: Partial<MnesiaBackupInputs> }> {
  const seen = await Promise.all(guard.managers.map((target) => glance(target, inputs)));
  const [one, other] = seen;
  if (!one || !other || "problem" in one || "problem" in other) {
    const plan = seen.map((view, index) =>
      "problem" in view
        ? `NOT REACHED: ${guard.managers[index as 0 | 1].node}: ${view.problem}`
        : aliveLine(view.seen),
    );
    return {
      plan: [...plan, "pulumi up would stop here, before any change"],
      computed: { choice: kept ?? guess(guard) },
    };
  }
  const views = [one.seen, other.seen] as const;
  if (kept && views[kept.good].journal.done.has("proven")) return { plan: [], computed: { choice: kept } };
  const locked = await pairLockedByOthers([one.seen.site, other.seen.site], guard.managers, inputs);
  const { choice, findings } = await judge(guard.recovery, views, guard.accept, kept);
  findings.push(...(await copyFindings(inputs, backupKiB(one.seen) + backupKiB(other.seen), true)));
  const settled = kept ?? choice;
  if (views[settled.good].journal.done.has("proven")) return { plan: [], computed: { choice: settled } };
  const fence = await fenceLook(guard.fence, inputs, true);
  findings.push(...fence.findings);
  const words = { refuse: "WOULD BE REFUSED", hazard: "hazard", fact: "found" } as const;
  const kind =
    guard.recovery.kind === "takeover" ? `takeover of ${guard.recovery.lost}` : "in-place recovery";
  return {
    plan: [
      `${kind}, incident ${inputs.incident}: ${settled.why}`,
      ...views.map(aliveLine),
      // While another recovery works on the pair nothing else that it shows would be read right.
      ...(locked ? [`WOULD BE REFUSED: ${locked.message}`] : []),
      ...(locked ? [] : findings).map(({ level, text }) => `${words[level]}: ${text}`),
      ...fence.plan,
      ...(await backupPlan(inputs, guard.managers[settled.good])),
    ],
    computed: { choice: settled },
  };
}

function guess(guard: Guard): Choice {
  const good =
    guard.recovery.kind === "inPlace" && guard.recovery.donor !== "auto" ? guard.recovery.donor : 0;
  return { good, master: 0, why: "not every host could be reached, so this is a guess", guess: true };
}

function aliveLine(view: ManagerView): string {
  const { manager, facts, settings, host } = view.site;
  const what = `${manager.node} (${settings.role}, ${host.label})`;
  if (facts.beams.length === 0)
    return `${what} is down; ${dataFiles(view).length} Mnesia files, ${size(totalBytes(dataFiles(view)))}`;
  if (!view.evidence) return `${what} runs (process ${facts.beams.join(", ")}) but does not answer`;
  const rows = [...view.evidence.tables.values()].reduce((sum, table) => sum + table.rows, 0);
  const serving =
    view.evidence.mnesia === "yes" ? `${view.evidence.tables.size} tables, ${rows} rows` : "without Mnesia";
  return `${what} runs (process ${facts.beams.join(", ")}), ${serving}`;
}
