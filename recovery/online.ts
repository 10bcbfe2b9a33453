import { isMove, type RecoveryCase } from "../leofs/checks/recoveryCase";
import { entries } from "../leofs/incident/entries";
import { startCommand } from "../leofs/manager/control";
import type { FenceTarget, ManagerTarget } from "../providers/targets/arguments";
import { CHECK, checkStep, good, ONLINE_RISK, other, output, type Recipe, type Step } from "./recipe";
import { startStep, stopStep } from "./serviceStep";
import type { RecoveryArgs } from "./settings/args";

/** What both kinds of online recovery are told. */
export interface Online extends RecoveryArgs {
  recovery: RecoveryCase;
  managers: readonly [ManagerTarget, ManagerTarget];
  /** Index of the manager that serves; undefined: the check finds it. */
  good: 0 | 1 | undefined;
  /** The manager whose place the other one takes: the lost one (takeover), or the one that moves. */
  lost?: string;
  /** It on its host, to be kept from starting; one that moves is stopped first. */
  fence?: FenceTarget | undefined;
}

/**
 * Recovers a manager while the other one serves, which is never stopped. Dump, see that the other one is down, back up
 * what it has and move its directory aside, make it a replica of the serving one, start it, prove. In a takeover each is
 * made the other's partner before the start: the serving manager in its conf, where it counts from the next start, and
 * in its memory.
 */
export function online(args: Online): Recipe {
  const { cluster, incident, recovery, managers, accept = [], lost, fence, onFailure, copyTo, nodes } = args;
  const common = { cluster, incident };
  const moves = isMove(recovery);
  const copied = { ...common, copyTo };
  const partner = (of: unknown, name: string, node: string): Step => ({
    name: `${name}-partner`,
    after: ["replica"],
    title: ({ good: serving, other: made }) => `partner of ${of === other ? made.node : serving.node}`,
    make: { resource: "managerPartnerConfig", inputs: { ...common, manager: of, partner: node } },
  });
  const [one, two] = managers;
  const partners = lost ? [partner(good, "serving", two.node), partner(other, "replacement", one.node)] : [];

  return {
    ...common,
    managers,
    good: args.good,
    risk: ONLINE_RISK,
    steps: [
      checkStep({
        ...copied,
        recovery: { ...recovery, method: "online" },
        managers: lost ? [good, other] : managers,
        accept,
        fence,
      }),
      {
        name: "dump",
        after: [CHECK],
        title: ({ good: serving }) => `dump ${serving.node}, which goes on serving`,
        make: { resource: "mnesiaBackup", inputs: { ...copied, kind: "dump", manager: good } },
      },
      {
        name: "stop-other",
        after: ["dump"],
        title: ({ other: down }) => `see that ${down.node} is down`,
        make: {
          service: (sides) => stopStep(sides, "other", common, entries.replica(sides.other.node).doneFile),
        },
      },
      {
        name: "other-files",
        after: ["stop-other"],
        title: "back up what it has, then move its directory aside",
        make: { resource: "mnesiaBackup", inputs: { ...copied, kind: "files", clear: true, manager: other } },
      },
      {
        name: "replica",
        after: ["other-files"],
        title: ({ good: serving, other: made }) =>
          `make ${made.node} a replica of ${serving.node}${moves ? `, then stop ${lost}` : ""}`,
        make: {
          resource: "mnesiaImport",
          inputs: {
            ...common,
            kind: "replica",
            from: good,
            to: other,
            path: "",
            lost,
            moves,
            onFailure,
            fence,
          },
        },
      },
      ...partners,
      {
        name: "start-other",
        after: ["replica", ...partners.map(({ name }) => name)],
        title: ({ other: made }) => `start ${made.node}`,
        detail: ({ other: made }) => startCommand(made),
        make: {
          service: ({ good: serving, other: made }) =>
            startStep(made, serving, common, entries.replica(made.node).doneFile),
        },
      },
      {
        name: "registration",
        after: ["start-other"],
        title: "registration and proof",
        make: {
          resource: "managerRegistration",
          inputs: {
            ...common,
            managers: [good, other],
            baseline: output("dump.path"),
            expected: "",
            sameNames: lost === undefined,
            onFailure,
            fence,
            nodes,
          },
        },
      },
    ],
  };
}
