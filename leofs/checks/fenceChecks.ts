import type { Host } from "../../remote/host";
import { script } from "../../remote/script";
import { parseSections } from "../../remote/sections";
import { liftCommand } from "../incident/fence";
import { type HostFacts, lookAtHost } from "../manager/look";
import { readSettings } from "../manager/settings";
import { type ManagerSpec, scriptOf } from "../names";
import { sentence } from "../sentence";
import { type Finding, hazard, refuse } from "./findings";

/** A lost manager on its host as far as a fence is concerned. */
export interface FenceView {
  label: string;
  manager: ManagerSpec;
  facts: HostFacts;
  /** Node name its home is configured for; undefined when its conf does not say. */
  configured: string | undefined;
  /** Its control script is a symbolic link. */
  link: boolean;
  /** Incident it is fenced for; empty when it is not. */
  fencedFor: string;
  /** User who may change its `bin` when that is not the login user. */
  as: string | undefined;
  /** Why nobody may change its `bin`; undefined when somebody may. */
  closed: string | undefined;
}

const LOOK = script("leofs/checks/scripts/look-at-fence.sh");

const MAY_FENCE = script("leofs/checks/scripts/may-fence.sh");

/**
 * Looks at a lost manager on its host, read-only.
 *
 * @throws when the host cannot be reached.
 */
export async function lookAtFence(host: Host, manager: ManagerSpec): Promise<FenceView> {
  const { runAs, ...spec } = manager;
  const facts = await lookAtHost(host, spec);
  const { values } = parseSections((await host.run(LOOK, { script: scriptOf(manager) })).stdout);
  const owner = values.get("owner") ?? "";
  const as = values.has("writable") || owner === facts.user ? undefined : (runAs ?? owner);
  return {
    label: host.label,
    manager,
    facts,
    configured: readSettings(manager, facts).node,
    link: values.has("link"),
    fencedFor: values.get("fenced") ?? "",
    as: as || undefined,
    closed: values.has("writable") ? undefined : await whyClosed(host, manager, as),
  };
}

async function whyClosed(
  host: Host,
  manager: ManagerSpec,
  as: string | undefined,
): Promise<string | undefined> {
  try {
    const { code } = await host.run(MAY_FENCE, { script: scriptOf(manager) }, { as: as || undefined });
    return code === 0 ? undefined : `${as || "the login user"} may not change ${manager.home}/bin`;
  } catch (error) {
    return (error as Error).message;
  }
}

/** What can always be done when a manager cannot be fenced. */
const WITHOUT = "or take fence out of the settings and see yourself that it stays off";

/** What speaks for and against fencing a lost manager, before the first change. */
export function fenceFindings(view: FenceView, incident: string): Finding[] {
  const { label, manager, facts, configured, fencedFor } = view;
  const script = scriptOf(manager);
  const refused = (name: string, text: string) => [refuse(name, `${label}: ${text}`)];
  if (facts.beams.length > 0)
    return refused(
      "lostRuns",
      `${manager.node} is called lost, but it runs (process ${facts.beams.join(", ")}), whether it answers or not. Stop it for good first (${script} stop; a frozen one by its process id), so that it cannot write beside the new pair.`,
    );
  if (!facts.home.exists || !facts.home.script)
    return refused(
      "fence",
      `${manager.home} holds no bin/leo_manager that could be fenced. Set fence.home to the home of ${manager.node}, ${WITHOUT}.`,
    );
  if (view.link)
    return refused(
      "fence",
      `${script} is a symbolic link, which is not followed. Set fence.home to the real home of ${manager.node}, ${WITHOUT}.`,
    );
  if (configured !== undefined && configured !== manager.node)
    return refused(
      "fence",
      `${manager.home} is the home of ${configured}, not of the lost ${manager.node}. Set fence.home to its home, ${WITHOUT}.`,
    );
  if (fencedFor !== "" && fencedFor !== incident)
    return refused(
      "fence",
      `${manager.node} is fenced already, for ${fencedFor}. Finish that recovery or roll it back. If it was given up, lift its fence by hand: ${liftCommand({ script, kept: `${script}.fenced-by-${fencedFor}` })}`,
    );
  if (view.closed)
    return refused(
      "fence",
      `${manager.node} cannot be fenced: ${sentence(view.closed)} Log in there as root or as the owner of ${manager.home}/bin, ${WITHOUT}.`,
    );
  return [];
}

/** For a plan: what fencing does. */
export const fencePlan = ({ label, manager }: FenceView): string =>
  `fence ${manager.node} on ${label}: put ${scriptOf(manager)} aside and a script in its place that says so and fails, until the recovery is proven`;

/** The lost manager's host cannot be looked at. */
export const fenceUnreachable = (node: string, label: string, problem: string): Finding =>
  hazard(
    "fence",
    `${node} cannot be fenced (NOT REACHED: ${label}: ${problem.replace(/\.?$/, "")}): make sure that it stays off, at its power switch or its port, until the recovery is proven`,
  );
