import { z } from "zod";
import { ACCEPTABLE } from "../../leofs/checks/table";
import { meant } from "../../remote/meant";
import { connectionKeys, connectionSetting } from "./connection";
import {
  flag,
  incidentName,
  kindOf,
  listOf,
  mapping,
  nodeName,
  oneOf,
  optional,
  path,
  userName,
} from "./kinds";
import { nodes, nodesSetting } from "./nodes";

const etcDirectory = () =>
  optional(path()).meta({ description: "where its conf is", fallback: "`HOME/etc`" });
const runAs = () =>
  optional(userName()).meta({
    description: "user LeoFS runs as",
    fallback: "`RUNNER_USER` of `leo_manager.environment`, else `leofs`",
  });

const manager = mapping({
  node: nodeName().meta({ description: "Erlang node name, `manager_0@10.0.0.11`" }),
  home: path().meta({ description: "its directory, the one above `bin/leo_manager`" }),
  backupDirectory: path(" is missing, and the cluster gives none for all managers").meta({
    description: "its own backup directory",
    fallback: "the cluster's",
  }),
  etcDirectory: etcDirectory(),
  runAs: runAs(),
  connection: connectionSetting(),
});

const fence = mapping({
  home: path().meta({ description: "its directory, the one above `bin/leo_manager`" }),
  etcDirectory: etcDirectory(),
  runAs: runAs(),
  connection: connectionSetting(),
});

const takeover = mapping({
  lost: nodeName().meta({ description: "node name of the manager that is gone" }),
  survivor: manager.meta({ description: "the [manager](#a-manager) that has the data" }),
  replacement: manager.meta({
    description: "the [manager](#a-manager) that was installed to take its place",
  }),
  fence: optional(fence).meta({
    description:
      "the lost manager, if its host is up ([fence](#takeoverfence)): it cannot be started until the recovery is proven or rolled back",
    fallback: "not fenced: see yourself that it stays off",
  }),
});

const move = mapping({
  from: mapping({ node: nodeName().meta({ description: "its Erlang node name" }), ...fence.shape }).meta({
    description:
      "the manager that moves, which runs now: as in [fence](#takeoverfence), and its `node`. It is stopped once `to` has every table",
  }),
  stays: manager.meta({ description: "the other [manager](#a-manager), which serves all the time" }),
  to: manager.meta({
    description:
      "the [manager](#a-manager) that was installed to take its place: in the same role, never started",
  }),
});

const inPlaceNamed = mapping({
  damaged: manager.meta({ description: "the [manager](#a-manager) whose files are damaged" }),
  donor: manager.meta({
    description:
      "the [manager](#a-manager) whose files are good; or `auto`: the side with the newest data is found out, and the plan says why",
  }),
});

const inPlaceAuto = mapping({
  managers: z
    .tuple([manager, manager])
    .meta({ description: "both [managers](#a-manager), in any order, where `donor` is `auto`" }),
  donor: z.literal("auto"),
});

/** Whether `auto` is meant: it is said, or both managers are given and none of them is called damaged. */
function isAuto(value: unknown): boolean {
  const { donor, managers, damaged } = (value ?? {}) as {
    [key in "donor" | "managers" | "damaged"]?: unknown;
  };
  return donor === "auto" || (managers !== undefined && damaged === undefined && typeof donor !== "object");
}

const copyTo = mapping({
  directory: path().meta({ description: "absolute directory for the copies" }),
  connection: connectionSetting(),
});

const accept = z.string().superRefine((name, context) => {
  if (!ACCEPTABLE.has(name))
    context.addIssue({
      code: "custom",
      message: `: ${JSON.stringify(name)} cannot be accepted${meant(name, [...ACCEPTABLE.keys()])}; there are ${[...ACCEPTABLE.keys()].join(", ")}`,
    });
});

const clusterKeys = mapping({
  incident: incidentName().meta({
    description:
      "name of the outage: letters, digits, `.` `_` `-`. The same one never runs twice; a new one runs the recovery again",
  }),
  backupDirectory: optional(path()).meta({
    description:
      "absolute directory on each manager's host, writable for LeoFS's user; needs four times the Mnesia files and 4 MB",
    fallback: "each manager's own",
  }),
  copyTo: optional(copyTo).meta({
    description:
      "a host that is no manager's: every backup gets a [second copy](#copyto) there, verified, before its original is touched. A slow link to it lengthens the outage",
    fallback: "no second copies",
  }),
  takeover: optional(takeover).meta({
    description:
      "a manager is gone and another takes its place ([takeover](#takeover)); this, `move` or `inPlace`",
    fallback: "none",
  }),
  move: optional(move).meta({
    description:
      "a manager that is alive moves to another host or name ([move](#move)), always with `method: online`; this, `takeover` or `inPlace`",
    fallback: "none",
  }),
  inPlace: optional(kindOf((value) => (isAuto(value) ? inPlaceAuto : inPlaceNamed))).meta({
    description: "a manager's files are damaged ([in place](#inplace)); this, `takeover` or `move`",
    fallback: "none",
  }),
  nodes: optional(nodesSetting()).meta({
    description:
      "how the hosts of storage and gateway nodes are reached ([nodes](#nodes)): their confs name the recovered pair then, so that they follow it after their next start too. `{}` where LeoFS's packages are installed and root logs in",
    fallback: "nobody logs in there: what their confs need is a next step",
  }),
  accept: listOf(accept).meta({
    description: "refusals to overrule, by name ([accept](#accept))",
    fallback: "none",
  }),
  rollback: flag().meta({
    description: "put everything back as it was before the incident, instead of going on",
    fallback: "`false`",
  }),
  onFailure: oneOf("stop", "rollback").meta({
    description: "when the load or the proof fails: `stop`, so that the next `up` goes on, or `rollback`",
    fallback: "`stop`",
  }),
  method: oneOf("offline", "online").meta({
    description:
      "`offline`: both managers are stopped, as LeoFS documents it. `online`: the one with the data serves all the time",
    fallback: "`offline`",
  }),
});

/** One cluster, as written. */
export const cluster = clusterKeys.refine(
  ({ takeover, move, inPlace }) => [takeover, move, inPlace].filter((one) => one !== undefined).length === 1,
  {
    error:
      " needs one of takeover (a manager is gone), inPlace (its files are damaged) and move (it is to be elsewhere)",
    when: ({ value }) => typeof value === "object" && value !== null,
  },
);

/** The settings that there are, by where they stand, for the documentation. */
export const SECTIONS: readonly (readonly [title: string, keys: z.ZodObject])[] = [
  ["A cluster", clusterKeys],
  ["takeover", takeover],
  ["takeover.fence", fence],
  ["move", move],
  ["inPlace", mapping({ ...inPlaceNamed.shape, managers: inPlaceAuto.shape.managers })],
  ["A manager", manager],
  ["nodes", nodes],
  ["connection", connectionKeys],
  ["copyTo", copyTo],
];

/** A cluster's settings after reading. */
export type ClusterAsWritten = z.infer<typeof cluster>;
export type ManagerAsWritten = z.infer<typeof manager>;
