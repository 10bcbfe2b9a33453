import type { NodeFact } from "../manager/evidence";
import { otherRings, ringText } from "../manager/rings";
import { isLeofs2, versionProblems } from "../manager/versions";
import { NAMED, someOf } from "../sentence";
import { type CheckList, examine, type Finding } from "./check";
import type { ManagerView } from "./view";

/** Two managers, in the order in which they are spoken of. */
export type Views = readonly [ManagerView, ManagerView];

/** What two managers must have in common to be a pair. */
export const pairChecks: CheckList<Views> = {
  of: "the pair",
  checks: [
    {
      name: "version",
      test: (views) => {
        const [one, other] = views.map(({ manager: { spec, facts } }) => ({
          name: spec.node,
          release: facts.release,
        }));
        return versionProblems(one!, other!);
      },
    },
    {
      name: "cookie",
      test: ([{ manager: a }, { manager: b }]) =>
        a.settings.cookie === b.settings.cookie
          ? undefined
          : `${a.spec.node} and ${b.spec.node} have different distributed_cookie values, so they cannot talk to each other. Set the cluster's cookie in ${b.facts.conf.path} on ${b.host.label}.`,
    },
    {
      name: "otherDistribution",
      test: ([{ manager: a }, { manager: b }]) => {
        const [over6, over4] = a.facts.distribution ? [a, b] : [b, a];
        return over6.facts.distribution === over4.facts.distribution
          ? undefined
          : `${over6.spec.node} speaks with other nodes over IPv6 (-proto_dist ${over6.facts.distribution}) and nothing on ${over4.host.label} says so of ${over4.spec.node}: they would never find each other. Set ERL_FLAGS there as it is on ${over6.host.label} (leo_manager.environment, or the unit).`;
      },
    },
    {
      name: "role",
      test: ([{ manager: a }, { manager: b }]) =>
        a.settings.role === b.settings.role
          ? `${a.spec.node} and ${b.spec.node} are both configured as ${a.settings.role}. One must be the other's partner: use the home of the other role (leo_manager_0 is the master's), or set manager.mode in its conf.`
          : undefined,
    },
    {
      name: "clocks",
      level: "hazard",
      test: ([{ manager: a }, { manager: b }]) => {
        const apart = Math.abs(a.facts.now - b.facts.now);
        return apart > 30
          ? `the clocks of ${a.host.label} and ${b.host.label} are ${apart} s apart; LeoFS compares times, so set them (NTP) soon.`
          : undefined;
      },
    },
  ],
};

/** What speaks against making two managers a pair. LeoFS 2 is refused by its name, of which everything else follows. */
export const pairFindings = (views: Views): Finding[] =>
  views.some(({ manager }) => isLeofs2(manager.facts.release)) ? [] : examine(pairChecks, views);

const nodesOf = ({ evidence }: ManagerView): readonly NodeFact[] => evidence?.nodes ?? [];

/** What the state of the cluster's nodes, as the good manager knows it, means for a recovery. */
export const clusterChecks: CheckList<ManagerView> = {
  of: "the cluster",
  checks: [
    {
      name: "rebalance",
      accept:
        "a rebalance is under way, or nodes are attached or detached, and I recover all the same; the ring may need a repair afterwards",
      test: (view) => {
        const found: string[] = [];
        const busy = nodesOf(view).filter(({ toMove }) => (toMove ?? 0) > 0);
        if (busy.length > 0)
          found.push(
            `a rebalance is under way: ${someOf(busy.map(({ node, toMove }) => `${node} has ${toMove} messages of it left`))} (leofs-adm mq-stats ${busy[0]!.node}: leo_rebalance_queue, leo_sync_by_vnode_id_queue). Let it finish first.`,
          );
        const moving = nodesOf(view).filter(({ state }) =>
          ["attached", "detached", "reserved"].includes(state),
        );
        if (moving.length > 0)
          found.push(
            `${someOf(moving.map(({ node, state }) => `${node} is ${state}`))}: the ring is about to change. Run or cancel the rebalance first.`,
          );
        return found;
      },
    },
    {
      name: "ring",
      accept:
        "the rings of some nodes differ from the managers' already, and I recover all the same; they may be as they are afterwards, and no worse",
      test: ({ evidence, manager: { spec } }) => {
        const { ring, nodes = [] } = evidence ?? {};
        const differing = [...otherRings(ring, nodes)];
        return differing.length === 0
          ? undefined
          : `the rings differ before anything was done: ${spec.node} has ${ring === "none" ? ring : ringText(ring)}, ${someOf(differing.map(([node, ring]) => `${node} has ${ring}`))} (leofs-adm status). Managers give their nodes the ring every 10 s, so look again first; leofs-adm recover-ring ${differing[0]![0]} gives it to one node.`;
      },
    },
    {
      name: "nodeDown",
      level: "hazard",
      test: (view) => {
        const down = nodesOf(view).filter(({ answers }) => !answers);
        if (down.length > NAMED + 1)
          return `${down.length} of ${nodesOf(view).length} storage and gateway nodes do not answer (${someOf(down.map(({ node, state }) => `${node}, which the managers list as ${state}`))}); they stay as debt until they are back.`;
        return down.map(
          ({ type, node, state }) =>
            `${type} ${node} does not answer (the managers list it as ${state}); it stays as debt until it is back.`,
        );
      },
    },
    {
      name: "nodes",
      level: "fact",
      test: (view) => {
        const running = nodesOf(view).filter(({ answers }) => answers);
        return running.length > 0
          ? `running nodes: ${running.map(({ node, follows }) => `${node} follows ${follows?.join(" and ")}`).join("; ")}`
          : undefined;
      },
    },
  ],
};
