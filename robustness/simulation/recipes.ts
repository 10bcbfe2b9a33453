import { givenStep } from "../../leofs/incident/backups/restoreFiles";
import { START_SCRIPT, STOP_SCRIPT, startArguments, stopArguments } from "../../leofs/incident/control";
import type { Role } from "../../leofs/names";
import { type Common, incidentDirectory, type ManagerTarget } from "../../providers/arguments";
import { lockIncident, lockPathOf } from "../../providers/pairLock";
import type { Declared, Outputs } from "./engine";

type Made = Record<string, Outputs>;
type Recipe = readonly Declared[];

/** The lock that a service step respects. */
const lock = (target: ManagerTarget, common: Common) => ({
  path: lockPathOf(target),
  incident: lockIncident(common),
});
const stop = (target: ManagerTarget, common: Common, past: string) => ({
  target,
  script: STOP_SCRIPT,
  args: stopArguments(target, incidentDirectory(target, common), past, lock(target, common)),
});
const start = (target: ManagerTarget, common: Common, partner: string, only: Role | "" = "") => ({
  target,
  script: START_SCRIPT,
  args: startArguments(target, partner, only, lock(target, common)),
});

/** The resources of `Takeover`, as that component wires them. */
export function takeover(common: Common, lost: string, from: ManagerTarget, to: ManagerTarget): Recipe {
  const backup = { provider: "mnesiaBackup" as const };
  const partner = { provider: "managerPartnerConfig" as const };
  return [
    {
      name: "dump",
      after: [],
      make: () => ({
        ...backup,
        inputs: {
          ...common,
          kind: "dump",
          guard: { recovery: { kind: "takeover", lost }, managers: [from, to], accept: [] },
        },
      }),
    },
    { name: "stop-survivor", after: ["dump"], make: () => stop(from, common, `clear.${from.node}.done`) },
    { name: "stop-replacement", after: ["dump"], make: () => stop(to, common, `clear.${to.node}.done`) },
    {
      name: "replacement-files",
      after: ["stop-replacement"],
      make: () => ({ ...backup, inputs: { ...common, kind: "files", clear: true, manager: to } }),
    },
    {
      name: "survivor-files",
      after: ["stop-survivor", "replacement-files"],
      make: () => ({
        ...backup,
        inputs: { ...common, kind: "files", prove: true, clear: true, manager: from },
      }),
    },
    {
      name: "survivor-partner",
      after: ["stop-survivor"],
      make: () => ({ ...partner, inputs: { ...common, manager: from, partner: to.node } }),
    },
    {
      name: "replacement-partner",
      after: ["stop-replacement"],
      make: () => ({ ...partner, inputs: { ...common, manager: to, partner: from.node } }),
    },
    {
      name: "start-survivor-if-master",
      after: ["survivor-files", "replacement-files", "survivor-partner", "replacement-partner"],
      make: () => start(from, common, to.node, "master"),
    },
    {
      name: "start-replacement",
      after: ["start-survivor-if-master"],
      make: () => start(to, common, from.node),
    },
    { name: "start-survivor", after: ["start-replacement"], make: () => start(from, common, to.node) },
    {
      name: "load",
      after: ["start-survivor"],
      make: ({ dump, "survivor-files": files }: Made) => ({
        provider: "mnesiaImport",
        inputs: {
          ...common,
          kind: "dump",
          from,
          to,
          path: files!.finalDump || dump!.path,
          master: dump!.choice.master === 0 ? "from" : "to",
        },
      }),
    },
    {
      name: "registration",
      after: ["load"],
      make: ({ dump }: Made) => ({
        provider: "managerRegistration",
        inputs: { ...common, managers: [from, to], baseline: dump!.path, expected: "", sameNames: false },
      }),
    },
  ];
}

/** The resources of `InPlaceRecovery`, as that component wires them. */
export function inPlace(
  common: Common,
  managers: readonly [ManagerTarget, ManagerTarget],
  donorIs: 0 | 1 | "auto",
): Recipe {
  const sides = ({ dump }: Made) => {
    const good: 0 | 1 = donorIs === "auto" ? dump!.choice.good : donorIs;
    return { donor: managers[good], damaged: managers[good === 0 ? 1 : 0] };
  };
  return [
    {
      name: "dump",
      after: [],
      make: () => ({
        provider: "mnesiaBackup",
        inputs: {
          ...common,
          kind: "dump",
          guard: { recovery: { kind: "inPlace", donor: donorIs }, managers, accept: [] },
        },
      }),
    },
    {
      name: "stop-damaged",
      after: ["dump"],
      make: (made) => {
        const { damaged } = sides(made);
        return stop(damaged, common, `restore.${damaged.node}.done`);
      },
    },
    {
      name: "stop-donor",
      after: ["stop-damaged"],
      make: (made) => {
        const { donor, damaged } = sides(made);
        return stop(donor, common, `${givenStep(damaged.node)}.done`);
      },
    },
    {
      name: "damaged-files",
      after: ["stop-donor"],
      make: (made) => ({
        provider: "mnesiaBackup",
        inputs: { ...common, kind: "files", clear: true, manager: sides(made).damaged },
      }),
    },
    {
      name: "donor-files",
      after: ["stop-donor"],
      make: (made) => {
        const { donor, damaged } = sides(made);
        return {
          provider: "mnesiaBackup",
          inputs: {
            ...common,
            kind: "files",
            prove: true,
            manager: donor,
            settledBy: givenStep(damaged.node),
          },
        };
      },
    },
    {
      name: "copy",
      after: ["damaged-files", "donor-files"],
      make: (made) => {
        const { donor, damaged } = sides(made);
        return {
          provider: "mnesiaImport",
          inputs: {
            ...common,
            kind: "files",
            from: donor,
            to: damaged,
            path: made["donor-files"]!.path,
            master: "from",
          },
        };
      },
    },
    {
      name: "start-donor",
      after: ["copy"],
      make: (made) => start(sides(made).donor, common, sides(made).damaged.node),
    },
    {
      name: "start-damaged",
      after: ["start-donor"],
      make: (made) => start(sides(made).damaged, common, sides(made).donor.node),
    },
    {
      name: "registration",
      after: ["start-damaged"],
      make: (made) => {
        const { donor, damaged } = sides(made);
        return {
          provider: "managerRegistration",
          inputs: {
            ...common,
            managers: [donor, damaged],
            baseline: made.dump!.path,
            expected: made["donor-files"]!.finalDump,
            sameNames: true,
          },
        };
      },
    },
  ];
}
