import type { Host } from "../../remote/host";
import { word } from "../../remote/quote";
import { script } from "../../remote/script";
import { FIND_PROCESSES } from "../manager/processes";
import { type ManagerSpec, scriptOf } from "../names";
import { type Done, entries } from "./entries";
import type { Journal, Noted } from "./journal";
import { kindOf } from "./notedEntry";

/**
 * A lost manager on its host, and for whom it is kept from starting: its control script is put aside under a second
 * name, and a script that says so and fails takes its place. Whatever starts it (a person, systemd, heart, leofs-adm)
 * fails visibly.
 */
export interface Fence {
  host: Host;
  /** The lost manager. */
  manager: ManagerSpec;
  /** User who may change its `bin` when that is not the login user (`lookAtFence` finds out). */
  as: string | undefined;
  /** `<cluster>-<incident>`, as the directory of the backups is called. */
  incident: string;
  /** It was alive, and was stopped to be moved: it must be fenced. Default: it is lost. */
  moves?: boolean;
}

const REST_UNIT = script("leofs/incident/scripts/rest-unit.sh");

/** The managers that were fenced for an incident, or should have been, by node name. */
export function fencedNodes(journal: Noted): Record<string, Done<"fence">> {
  const nodes = [...journal.done.keys()].flatMap((name) => {
    const known = kindOf(name);
    return known?.kind === "fence" ? [known.of] : [];
  });
  return Object.fromEntries(nodes.map((node) => [node, entries.fence(node).done(journal)!]));
}

/** What is left of the fences of an incident that was rolled back: units that stay disabled, one sentence each. */
export function disabledUnits(journal: Noted): string[] {
  return Object.entries(fencedNodes(journal)).flatMap(([node, { unit, host }]) =>
    unit === ""
      ? []
      : [
          `${unit} on ${host} stays disabled, as the fence left it; where ${node} is to start with its host: systemctl enable ${unit}`,
        ],
  );
}

export const PUT_UP = script("leofs/incident/scripts/put-up-fence.sh");
const LIFT = script("leofs/incident/scripts/lift-fence.sh");

/** Where the original control script is while the fence is up: beside it. */
const keptOf = ({ manager, incident }: Fence): string => `${scriptOf(manager)}.fenced-by-${incident}`;

/** The command that lifts a fence by hand. */
export const liftCommand = ({ script, kept }: { script: string; kept: string }): string =>
  `mv -f ${word(kept)} ${word(script)}`;

/** The script in the place of a fenced manager's: it prints its own last lines and fails. */
function fenceText(fence: Fence, since: string): string {
  const { manager, incident } = fence;
  const lines = [
    `${manager.node} is fenced by leofs-recovery for ${incident}, since ${since}: it is not started.`,
    "Another manager takes its place; started now it would come up beside that one with old data.",
    "The fence is lifted when that recovery is proven, or rolled back. If it was given up, by hand:",
    `  ${liftCommand({ script: scriptOf(manager), kept: keptOf(fence) })}`,
  ];
  const says = lines.map((line) => `#: ${line}\n`).join("");
  return `#!/bin/sh\n# leofs-recovery fence for ${incident}\nsed -n 's/^#: //p' "$0" >&2\nexit 1\n${says}`;
}

/**
 * Keeps a lost manager from starting. Proven down from the process table before and after; done again it finds the
 * fence in place.
 *
 * @param journal the survivor's, which keeps what was done
 * @returns the evidence
 * @throws when the manager runs, or another incident fences it; then its script is as it was.
 */
export async function putUpFence(journal: Journal, fence: Fence): Promise<string> {
  const { host, manager, as, incident } = fence;
  const [script, kept] = [scriptOf(manager), keptOf(fence)];
  await requireDown(fence);
  // An earlier run may have disabled its unit, which one that ends before it comes to that must not forget.
  const { [manager.node]: earlier } = fencedNodes(journal);
  const record = { host: host.label, script, kept, unit: earlier?.unit ?? "" };
  // Noted before it is done: a run that dies in between leaves nothing that no later run would lift.
  await entries.fence(manager.node).finish(journal, { ...record, state: "up" });
  const text = fenceText(fence, host.clock.stamp());
  const values = { script, kept, incident, bytes: Buffer.byteLength(text) };
  const { code, stderr } = await host.run(PUT_UP, values, { as, stdin: text });
  if (code !== 0) {
    await entries.fence(manager.node).finish(journal, { ...record, state: "none", problem: stderr.trim() });
    throw new Error(
      `${host.label}: ${manager.node} could not be fenced: ${stderr.trim()}. Its control script is as it was. Mend that${orUnfenced(fence)}`,
    );
  }
  // Later than the fence: until then a start by systemd fails at the fence, and only then is there nothing left to fail.
  const { etcDirectory: etc, node, home } = manager;
  const rested = await host.run(REST_UNIT, { node, home, runner: manager.runAs, etc });
  const unit = rested.stdout.trim();
  if (rested.code !== 0) {
    await liftFence(journal, fence);
    throw new Error(
      `${host.label}: ${manager.node} could not be fenced: ${rested.stderr.trim()}, and systemd would start it with old data once the fence is lifted. Log in there as root${orUnfenced(fence)}`,
    );
  }
  if (unit !== "") await entries.fence(manager.node).finish(journal, { ...record, state: "up", unit });
  try {
    await requireDown(fence);
  } catch (error) {
    await liftFence(journal, fence);
    throw error;
  }
  const rests = unit === "" ? "" : `; ${unit} is stopped and disabled`;
  return `${manager.node} is fenced on ${host.label}: ${script} says so and fails; the original is ${kept}${rests}`;
}

/**
 * Lets a fenced manager be started again: the original script is back, byte for byte, with mode and owner. Harmless
 * when it was lifted before, by whomever.
 *
 * @param journal the survivor's, which keeps what was done
 * @returns the evidence
 * @throws when it cannot be lifted, with the command that does it by hand.
 */
export async function liftFence(journal: Journal, fence: Fence): Promise<string> {
  const { host, manager, as, incident } = fence;
  const [script, kept] = [scriptOf(manager), keptOf(fence)];
  const { code, stdout, stderr } = await host.run(LIFT, { script, kept, incident }, { as });
  if (code !== 0)
    throw new Error(
      `${host.label}: the fence of ${manager.node} was not lifted: ${stderr.trim()}. By hand: ${liftCommand({ script, kept })}`,
    );
  const { [manager.node]: earlier } = fencedNodes(journal);
  const record = { host: host.label, script, kept, state: "lifted" as const, unit: earlier?.unit ?? "" };
  await entries.fence(manager.node).finish(journal, record);
  const said = stdout.trim();
  if (said === "lifted")
    return `the fence of ${manager.node} on ${host.label} is lifted: ${script} is the original again`;
  if (said === "none") return `the fence of ${manager.node} on ${host.label} was lifted before`;
  return `the fence of ${manager.node} on ${host.label} was gone: another ${script} was installed meanwhile; the one from before is left in ${kept}`;
}

/** Process ids of the lost manager's VM. */
export async function lostProcesses({ host, manager }: Pick<Fence, "host" | "manager">): Promise<string> {
  const { node, home } = manager;
  const { stdout } = await host.run(FIND_PROCESSES, { node, home }, { timeoutMs: 10_000 });
  return stdout.trim().split("\n").join(" ");
}

/** What can be done instead of a fence: one that moves must have it. */
const orUnfenced = ({ moves }: Fence): string =>
  moves ? "" : ", or take fence out of the settings and see yourself that it stays off.";

async function requireDown(fence: Fence): Promise<void> {
  const { host, manager, moves } = fence;
  const processes = await lostProcesses(fence);
  if (processes !== "" && moves)
    throw new Error(
      `${host.label}: ${manager.node} was stopped to be moved, but it runs again (process ${processes}): something starts it. See to it that nothing does (systemd, heart, monitoring)`,
    );
  if (processes !== "")
    throw new Error(
      `${host.label}: ${manager.node} is called lost, but it runs (process ${processes}): it was started just now. See first what users wrote on it (get-users, get-buckets), which may be nowhere else, then stop it for good (${scriptOf(manager)} stop), then run pulumi up again.`,
    );
}
