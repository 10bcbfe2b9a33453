import { STOP } from "../../leofs/manager/control";
import { Later, OfSide, type Recipe, type Sides, type Step } from "../../recovery/recipe";
import type { ServiceStep } from "../../recovery/serviceStep";
import { quote, word } from "../../remote/quote";
import { type Actor, confOf, didRun, hasFiles, keptConfOf, mnesiaOf, unitNameOf } from "./actor";

/** A step as shell commands: one a line, each a function of `runbook.sh` with its values. */
export interface ShellStep {
  title: string;
  run: string[];
  /** What must be so afterwards. */
  check: string[];
  /** What brings back the state before it. */
  undo: string[];
}

/** The two managers of a runbook. */
export interface Cast {
  good: Actor;
  other: Actor;
  master: Actor;
  slave: Actor;
  /** Tables of the cluster by name. */
  tables: readonly string[];
  /** Ring hash before the recovery; empty: not known. */
  ring: string;
}

const words = (...all: readonly string[]): string => all.map(word).join(" ");
const nothing = (why: string): string[] => [`echo ${quote(why)}`];
const dumpOf = ({ directory }: Actor): string => `${directory}/dump.txt`;
/** Each has its own: two managers of one host may share a directory. */
const dumpNowOf =
  (what: string) =>
  ({ directory, target }: Actor): string =>
    `${directory}/${what}-${target.node}.txt`;
const backupOf = ({ directory, target }: Actor): string => `${directory}/files-${target.node}`;
const startOf = (one: Actor): string =>
  words("start_manager", one.side, one.target.node, one.target.home, unitNameOf(one));
const stopOf = (one: Actor): string =>
  words("stop_manager", one.side, one.target.node, one.target.home, unitNameOf(one));
const runsOf = (one: Actor): string => words("runs", one.side, one.target.node);
const isDownOf = (one: Actor): string => words("is_down", one.side, one.target.node);

/** The steps of a recipe as shell, in its order: the third interpreter, beside Pulumi's component and the simulation. */
export const shellSteps = (recipe: Recipe, cast: Cast): ShellStep[] =>
  recipe.steps.map((step) => ({ title: titleOf(step, cast), ...shellOf(step, recipe, cast) }));

function titleOf({ title, name }: Step, cast: Cast): string {
  const { good, other, master, slave } = cast;
  const pair = { good: good.target, other: other.target, master: master.target, slave: slave.target };
  if (title !== undefined) return typeof title === "string" ? title : title(pair);
  return name.replaceAll("-", " ");
}

type Shell = Omit<ShellStep, "title">;

function shellOf({ make }: Step, recipe: Recipe, cast: Cast): Shell {
  const sides: Sides = { good: cast.good.target, other: cast.other.target };
  if ("service" in make) return serviceShell(make.service(sides), recipe, cast);
  const { inputs } = make;
  switch (make.resource) {
    case "recoveryCheck":
      return checkShell(cast);
    case "mnesiaBackup":
      if (inputs.kind === "rows") return rowsShell;
      return inputs.kind === "dump"
        ? dumpShell(actorOf(inputs.manager, cast), recipe, cast)
        : filesShell(actorOf(inputs.manager, cast), inputs.clear === true, recipe, cast);
    case "managerPartnerConfig":
      return partnerShell(actorOf(inputs.manager, cast), String(inputs.partner));
    case "mnesiaImport":
      return inputs.kind === "files" ? copyShell(cast) : loadShell(cast);
    case "managerRegistration":
      return proofShell(cast, inputs.sameNames === true);
  }
}

/** A manager among a step's inputs; the recipe says only which side it is. */
function actorOf(manager: unknown, cast: Cast): Actor {
  if (manager instanceof OfSide) return cast[manager.side];
  throw new Error(
    `a step names a manager in a way no runbook knows${manager instanceof Later ? " (an output)" : ""}`,
  );
}

/** Whether what is loaded in the end is a dump. */
const loadsDump = ({ steps }: Recipe): boolean =>
  steps.some(
    ({ make }) => "resource" in make && make.resource === "mnesiaImport" && make.inputs.kind === "dump",
  );

function serviceShell({ target, script, values }: ServiceStep, recipe: Recipe, cast: Cast): Shell {
  const { good, other, master, tables } = cast;
  const one = target.node === good.target.node ? good : other;
  if (script === STOP) {
    const back = didRun(one) ? [startOf(one)] : nothing("it was down before, and stays down");
    const { side } = one;
    const last =
      one === good && loadsDump(recipe)
        ? [words("dump_again", side, target.node, target.home, dumpOf(one), tables.join(" "))]
        : [];
    return { run: [...last, stopOf(one)], check: [isDownOf(one)], undo: back };
  }
  // `only`: the role without which it is not started now.
  if (values.only && master !== one) {
    const later = nothing(`${one.target.node} is not the master: it is started after it`);
    return { run: later, check: nothing("nothing was done"), undo: nothing("nothing was done") };
  }
  return { run: [startOf(one)], check: [runsOf(one)], undo: [stopOf(one)] };
}

const checkShell = ({ good, other }: Cast): Shell => ({
  run: [
    ...[good, other].map((one) => words("untouched", one.side, one.directory)),
    ...[good, other].map((one) => (didRun(one) ? runsOf(one) : isDownOf(one))),
  ],
  check: nothing("both managers are as they were when this runbook was written"),
  undo: nothing("nothing was changed"),
});

function dumpShell(one: Actor, recipe: Recipe, { tables }: Cast): Shell {
  if (!didRun(one) && loadsDump(recipe))
    throw new Error(
      `${recipe.cluster}: ${one.target.node} is down, and a takeover from a manager that is down has no runbook: LeoFS makes no dump of its files. Start it and write the runbook again, or run pulumi up.`,
    );
  if (!didRun(one))
    return {
      run: nothing(`${one.target.node} is down: its files are backed up instead`),
      check: [isDownOf(one)],
      undo: nothing("nothing was changed"),
    };
  return {
    run: [words("take_dump", one.side, one.target.home, dumpOf(one))],
    check: [words("is_dump", one.side, dumpOf(one), tables.join(" "))],
    undo: nothing("a dump changes nothing; it stays"),
  };
}

function filesShell(one: Actor, clear: boolean, { incident }: Recipe, cast: Cast): Shell {
  const [mnesia, backup, aside] = [mnesiaOf(one), backupOf(one), `${mnesiaOf(one)}.${incident}`];
  // In place the damaged files are kept, and moved aside, while the donor still serves.
  const down = (one === cast.other ? [one] : [cast.other, cast.good]).map(isDownOf);
  if (!hasFiles(one))
    return {
      run: nothing(`${one.target.node} has nothing to back up`),
      check: [words("is_empty", one.side, mnesia)],
      undo: nothing("nothing was changed"),
    };
  return {
    run: [
      ...down,
      words("back_up", one.side, mnesia, backup),
      words("is_backed_up", one.side, mnesia, backup, clear ? aside : ""),
      ...(clear ? [words("clear_directory", one.side, mnesia, aside)] : []),
    ],
    check: clear
      ? [words("is_empty", one.side, mnesia), words("same_files", one.side, aside, one.side, backup)]
      : [words("same_files", one.side, mnesia, one.side, backup)],
    undo: clear
      ? [...down, words("put_back", one.side, mnesia, aside)]
      : nothing("a backup changes nothing; it stays"),
  };
}

/** A runbook proves no backup loadable: it leaves every original as it is, and compares the managers at the end. */
const rowsShell: Shell = {
  run: nothing("the managers load these files now: the last step compares what they hold"),
  check: nothing("nothing was done"),
  undo: nothing("nothing was done"),
};

const partnerShell = (one: Actor, partner: string): Shell => ({
  run: [words("set_partner", one.side, confOf(one), partner, keptConfOf(one))],
  check: [words("partner_is", one.side, confOf(one), partner)],
  undo: [words("put_conf_back", one.side, confOf(one), keptConfOf(one))],
});

const copyShell = ({ good, other }: Cast): Shell => ({
  run: [
    ...[other, good].map(isDownOf),
    words("copy_files", good.side, backupOf(good), other.side, mnesiaOf(other)),
  ],
  check: [words("same_files", good.side, backupOf(good), other.side, mnesiaOf(other))],
  undo: [
    ...[other, good].map(isDownOf),
    words("clear_directory", other.side, mnesiaOf(other), `${mnesiaOf(other)}.copied`),
  ],
});

function loadShell({ good, other, tables }: Cast): Shell {
  const whole = [good, other].map((one) =>
    words("wait_for", "90", "all_tables", one.side, mnesiaOf(one), tables.join(" ")),
  );
  const serve = [good, other].map((one) => words("wait_for", "90", "serves", one.side));
  const now = dumpNowOf("after");
  return {
    run: [
      ...whole,
      ...serve,
      words("forget_fresh", good.side),
      words("load_dump", good.side, good.target.home, dumpOf(good)),
    ],
    check: [
      ...[good, other].map((one) => words("take_dump", one.side, one.target.home, now(one))),
      `[ "$(${words("lacks", good.side, dumpOf(good), now(good))})" -eq 0 ]`,
      words("no_known_key", good.side, dumpOf(good), now(good)),
      words("same_rows", good.side, now(good), other.side, now(other)),
    ],
    undo: nothing("the rows stay until both directories are put back, by the undo of the steps before"),
  };
}

function proofShell({ good, other, master, slave, ring }: Cast, sameNames: boolean): Shell {
  const now = dumpNowOf("proof");
  return {
    run: [
      ...[master, slave].map((one) => words("wait_for", "90", "serves", one.side)),
      ...(sameNames
        ? []
        : [words("console", master.side, "update-managers", master.target.node, slave.target.node)]),
    ],
    check: [
      ...[good, other].map(runsOf),
      ...[good, other].map((one) => words("take_dump", one.side, one.target.home, now(one))),
      words("same_rows", good.side, now(good), other.side, now(other)),
      ...(ring ? [good, other].map((one) => `console ${one.side} status | grep -q ${words(ring)}`) : []),
      `console ${master.side} status`,
    ],
    undo: nothing("nothing is to be undone: the steps before have their undo"),
  };
}
