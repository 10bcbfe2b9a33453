import { messageOf } from "../../remote/errors";
import type { Host } from "../../remote/host";
import { script } from "../../remote/script";
import { parseSections } from "../../remote/sections";
import { liftCommand } from "../incident/fence";
import { type HostFacts, lookAtHost } from "../manager/look";
import { etcOf } from "../manager/lookedAt";
import { readSettings } from "../manager/settings";
import { type ManagerSpec, scriptOf } from "../names";
import { sentence } from "../sentence";
import type { CheckList } from "./check";

/** A lost manager on its host as far as a fence is concerned. */
export interface FenceView {
  label: string;
  manager: ManagerSpec;
  facts: HostFacts;
  /** Node name its home is configured for; undefined when its conf does not say. */
  configured: string | undefined;
  /** Its control script is a symbolic link. */
  link: boolean;
  /** Other managers that its control script starts (`NODE_EXTRA_NAME`), by node name. */
  beside: string[];
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
  const look = { script: scriptOf(manager), home: spec.home, etc: etcOf(facts) };
  const { values } = parseSections((await host.run(LOOK, look)).stdout);
  const owner = values.get("owner") ?? "";
  const as = values.has("writable") || owner === facts.user ? undefined : (runAs ?? owner);
  return {
    label: host.label,
    manager,
    facts,
    configured: readSettings(manager, facts).node,
    link: values.has("link"),
    beside: (values.get("beside") ?? "").split(" ").filter(Boolean),
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
    return messageOf(error);
  }
}

/** A lost manager that the settings want to fence, for an incident. */
interface Fencing {
  view: FenceView;
  incident: string;
  /** It is alive and moves: it is stopped before it is fenced. Default false. */
  moves?: boolean;
}

/** What can be done when a manager cannot be fenced: one that moves must be. */
const without = ({ moves }: Fencing): string =>
  moves ? "" : ", or take fence out of the settings and see yourself that it stays off";

/** The setting that has its home. */
const homeOf = ({ moves }: Fencing): string => (moves ? "move.from.home" : "fence.home");

/** Each decides: a home of another manager, or one that runs, must not be judged further. */
export const fenceChecks: CheckList<Fencing> = {
  of: "the lost manager, to be fenced",
  checks: [
    {
      name: "lostRuns",
      decides: true,
      test: ({ view: { label, manager, facts }, moves }) =>
        facts.beams.length > 0 && !moves
          ? `${label}: ${manager.node} is called lost, but it runs (process ${facts.beams.join(", ")}), whether it answers or not. See first what users wrote on it (get-users, get-buckets), which may be nowhere else; then stop it for good (${scriptOf(manager)} stop; a frozen one by its process id), so that it cannot write beside the new pair.`
          : undefined,
    },
    {
      name: "fenceHome",
      decides: true,
      test: (fencing) => {
        const { label, manager, facts } = fencing.view;
        return facts.home.exists && facts.home.script
          ? undefined
          : `${label}: ${manager.home} holds no bin/leo_manager that could be fenced. Set ${homeOf(fencing)} to the home of ${manager.node}${without(fencing)}.`;
      },
    },
    {
      name: "fenceLink",
      decides: true,
      test: (fencing) => {
        const { label, manager, link } = fencing.view;
        return link
          ? `${label}: ${scriptOf(manager)} is a symbolic link, which is not followed. Set ${homeOf(fencing)} to the real home of ${manager.node}${without(fencing)}.`
          : undefined;
      },
    },
    {
      name: "fenceNode",
      decides: true,
      test: (fencing) => {
        const { label, manager, configured } = fencing.view;
        return configured === undefined || configured === manager.node
          ? undefined
          : `${label}: ${manager.home} is the home of ${configured}, not of ${manager.node}. Set ${homeOf(fencing)} to its home${without(fencing)}.`;
      },
    },
    {
      name: "fenceShared",
      decides: true,
      test: ({ view: { label, manager, beside }, moves }) =>
        beside.length > 0
          ? `${label}: ${scriptOf(manager)} starts ${beside.join(" and ")} too (NODE_EXTRA_NAME): fenced it would start none of them. ${moves ? "A manager that moves must be fenced: give the others an installation of their own first" : `Take fence out of the settings and see yourself that ${manager.node} stays off`}.`
          : undefined,
    },
    {
      name: "fenceTaken",
      decides: true,
      test: ({ view: { label, manager, fencedFor }, incident }) => {
        const script = scriptOf(manager);
        return fencedFor === "" || fencedFor === incident
          ? undefined
          : `${label}: ${manager.node} is fenced already, for ${fencedFor}. Finish that recovery or roll it back. If it was given up, lift its fence by hand: ${liftCommand({ script, kept: `${script}.fenced-by-${fencedFor}` })}`;
      },
    },
    {
      name: "fenceAccess",
      decides: true,
      test: (fencing) => {
        const { label, manager, closed } = fencing.view;
        return closed
          ? `${label}: ${manager.node} cannot be fenced: ${sentence(closed)} Log in there as root or as the owner of ${manager.home}/bin${without(fencing)}.`
          : undefined;
      },
    },
  ],
};

/** A lost manager that is to be fenced, when its host cannot be looked at. */
export const fenceHostChecks: CheckList<{ node: string; label: string; problem: string; moves: boolean }> = {
  of: "the lost manager's host",
  checks: [
    {
      name: "fenceHost",
      level: "hazard",
      test: ({ node, label, problem, moves }) =>
        moves
          ? undefined
          : `${node} cannot be fenced (NOT REACHED: ${label}: ${problem.replace(/\.?$/, "")}): make sure that it stays off, at its power switch or its port, until the recovery is proven`,
    },
    {
      name: "moveHost",
      test: ({ node, label, problem, moves }) =>
        moves
          ? `${node} is to move, so it must be stopped on its host, which is NOT REACHED (${label}: ${problem.replace(/\.?$/, "")}). Let it be reached; if the host is gone, use takeover.`
          : undefined,
    },
  ],
};

/** For a plan: what fencing does. */
export const fencePlan = ({ label, manager }: FenceView): string =>
  `fence ${manager.node} on ${label}: put ${scriptOf(manager)} aside and a script in its place that says so and fails, until the recovery is proven`;
