import type * as pulumi from "@pulumi/pulumi";
import { partnerProblems } from "../leofs/conf/conf";
import { unifiedDiff } from "../leofs/conf/confText";
import { otherPair } from "../leofs/incident/subjects";
import type { Manager } from "../leofs/manager/manager";
import { partnerFile } from "../leofs/manager/settings";
import { nodeNameProblem } from "../leofs/names";
import { changePartner, currentPartner, plannedChange } from "../leofs/pair/partner";
import { unseen, urgent } from "../leofs/planLine";
import type { Handler } from "./contract/handler";
import { LeofsResource } from "./contract/resource";
import { keepLock, openManager } from "./session/oneManager";
import type { Session } from "./session/session";
import { underWay } from "./session/underWay";
import { managerProblems } from "./targets/argumentProblems";
import type { Common, CommonArgs, ManagerTarget, ManagerTargetArgs } from "./targets/arguments";

/** Inputs of `ManagerPartnerConfig` as its provider gets them. */
export interface ManagerPartnerConfigInputs extends Common {
  manager: ManagerTarget;
  /** Node name of the manager's partner, as it must be. */
  partner: string;
}

/** Outputs of `ManagerPartnerConfig`. */
export interface ManagerPartnerConfigOutputs {
  /** The partner that LeoFS would read at the next start, as observed. */
  observed: string;
  /** The conf file, its changed line as a diff (empty: it was right already), and where the original is kept. */
  file: string;
  change: string;
  original: string;
  evidence: string[];
}

export const managerPartnerConfig = (
  session: Session,
): Handler<ManagerPartnerConfigInputs, ManagerPartnerConfigOutputs> => ({
  problems({ manager: target, partner }) {
    const problem = partner === undefined ? "is missing" : nodeNameProblem(String(partner));
    return [...managerProblems("manager", target), ...(problem ? [`partner: ${problem}`] : [])];
  },

  later: [],

  identity: ({ manager: target, partner }) => ({ node: target.node, home: target.home, partner }),

  async look(inputs, before) {
    const seen = await session.glance(inputs.manager, inputs);
    if ("problem" in seen) return { plan: [unseen(`the conf of ${inputs.manager.node}`, seen.problem)] };
    const { manager } = seen.seen;
    const { facts, settings } = manager;
    if (settings.partner === inputs.partner) return { plan: [] };
    const file = partnerFile(manager);
    const change = plannedChange(file, inputs.partner);
    const problems = partnerProblems(settings.conf, inputs.partner);
    const made = before?.incident === inputs.incident;
    return {
      notSo: made && (await underWay(session, inputs.manager, inputs)) ? [changedBack(manager, inputs)] : [],
      plan: [
        `  change one line of ${file.path} on ${facts.label}; the original is kept beside the backups`,
        ...unifiedDiff(change, file.path)
          .split("\n")
          .slice(2)
          .map((line) => (line.startsWith("@@") ? `  ${line}` : line)),
        ...problems.map((problem) => urgent(`REFUSED AS IT IS: ${problem}`)),
      ],
    };
  },

  async converge({ manager: target, partner, ...common }, run) {
    const one = await openManager(session, target, common);
    const others = otherPair([one.journal], [target.node, partner]);
    if (others) throw new Error(others);
    await keepLock(session, one, target, common, run.progress);
    run.touching();
    const result = await changePartner(one.manager, one.journal, partner);
    if (result.change)
      run.progress.note(`${result.change.split("\n").at(-1)?.slice(1)}, now in ${result.file}`);
    return result;
  },

  async observe({ manager: target, ...common }) {
    await session.mustReach(target);
    const manager = await session.managerOf(target, common);
    return { observed: currentPartner(manager) };
  },

  drifted: (state) => state.observed !== state.partner,
});

const changedBack = ({ host, settings, spec }: Manager, { partner }: ManagerPartnerConfigInputs): string =>
  `NOT SO ANY MORE: the conf of ${spec.node} on ${host.label} names ${settings.partner ?? "no partner"} and not ${partner}: it was put back, or written by somebody else. pulumi up changes it again.`;

/** Arguments of `ManagerPartnerConfig`. */
export interface ManagerPartnerConfigArgs extends CommonArgs {
  manager: ManagerTargetArgs;
  /** Node name of the manager's partner, as it must be. */
  partner: pulumi.Input<string>;
}

/**
 * Sets `manager.partner` in `leo_manager.conf` and changes no other byte: staged, synced, renamed, mode and
 * owner kept, the original kept outside `etc/`. Refuses what LeoFS's reading rules would turn into another
 * partner (an overriding file, a comment behind the value). A manager reads its conf only when it starts.
 */
export class ManagerPartnerConfig extends LeofsResource {
  /** The partner that LeoFS would read at the next start, as observed. */
  declare readonly observed: pulumi.Output<string>;
  declare readonly file: pulumi.Output<string>;
  declare readonly change: pulumi.Output<string>;
  declare readonly original: pulumi.Output<string>;

  constructor(name: string, args: ManagerPartnerConfigArgs, opts?: pulumi.CustomResourceOptions) {
    const known = ["observed", "file", "change", "original"];
    super("ManagerPartnerConfig", "managerPartnerConfig", name, { ...args }, known, opts);
  }
}
