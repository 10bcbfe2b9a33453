import type { Choice } from "../../leofs/incident/incident";
import { CHECK, type Recipe } from "../../recovery/recipe";
import { Violation } from "./circumstances";
import { type State, up } from "./engine";
import { byHand, obey } from "./hands";
import type { Changed, History } from "./history";
import { seeProven } from "./proof";
import { beforeIt, rollsBack, seeRolledBack } from "./rolledBack";
import { sceneOf } from "./scene";
import { type Broken, surroundingsOf } from "./surroundings";
import type { World } from "./world";

/** What a history showed, for the counts. */
export interface Played {
  ups: number;
  calls: number;
  /** Ups that failed, were interrupted or refused. */
  failed: number;
  /** Writes that users were told are done. */
  writes: number;
}

/** Undisturbed runs after which a recovery must be over. */
const FURTHER = 5;

/** How a history is played. */
export interface Playing {
  /** Told every remote call. */
  trace?: (line: string) => void;
  /** What is broken in each of its ups. Default: nothing. */
  broken?: () => Broken;
}

/**
 * Plays a history against the product and sees that nothing is lost.
 *
 * @throws Violation with what was found
 */
export async function play(history: History, { trace, broken = () => ({}) }: Playing = {}): Promise<Played> {
  const scene = sceneOf(history);
  const { world } = scene;
  const before = beforeIt(world);
  world.trace = trace;
  const state: State = new Map();
  const played: Played = { ups: 0, calls: 0, failed: 0, writes: 0 };
  let error: string | undefined;
  /** What the last run asks for, other than by an error. */
  let debt = "";
  /** What was asked for, in any run. */
  const asked: (Changed | undefined)[] = [undefined];
  let { recipe } = scene;
  const declare = (changed: Changed | undefined) => {
    recipe = scene.recipeWith(changed);
    // What was begun offline stops both, whatever is asked for later.
    world.online &&= methodOf(recipe) === "online";
  };
  const run = async (refresh: boolean, excluded: readonly number[] = []) => {
    world.calls = 0;
    const left = new Set(excluded.map((at) => recipe.steps[at % recipe.steps.length]!.name));
    const result = await up(recipe, surroundingsOf(world, broken()), state, refresh, () => world.gone, left);
    world.end();
    if (world.rules.violation) throw world.rules.violation;
    world.trace?.(`up ${played.ups + 1}: ${result.error ?? "done"} [${result.done.join(" ")}]`);
    const chosen = result.outputs[CHECK]?.choice as Choice | undefined;
    if (chosen)
      world.donor = world.machines.find(({ manager }) => manager.node === recipe.managers[chosen.good].node);
    played.ups += 1;
    played.calls += world.calls;
    if (result.error !== undefined) played.failed += 1;
    else if (result.done.includes("registration") && !left.has("registration"))
      seeProven(world, result.outputs.registration!.verdict);
    error = result.error;
    debt = error === undefined ? (result.outputs.registration?.debt ?? []).join() : "";
    return result;
  };
  for (const plan of history.ups) {
    for (const step of plan.byHand) byHand(world, step);
    declare(plan.changed);
    if (plan.changed) asked.push(plan.changed);
    if (plan.stateLost) state.clear();
    for (const at of plan.forgotten) state.delete(recipe.steps[at % recipe.steps.length]!.name);
    world.begin(plan);
    const { error: why } = await run(plan.refresh, plan.excluded);
    if (why?.includes("ROLLED BACK")) {
      seeRolledBack(scene, history, before);
      return played;
    }
  }
  declare(undefined);
  if (history.rollback && (await rollsBack(scene, history, before, broken))) return played;
  const said: string[] = [];
  for (let n = 0; n < FURTHER + asked.length; n += 1) {
    // What was begun with other settings goes on with those.
    if (/begun with method|begun otherwise|while the incident is still/.test(error ?? ""))
      declare(asked[n % asked.length]);
    if (/has its tables from before this incident again|rolled back/.test(error ?? "")) {
      if (await rollsBack(scene, history, before, broken)) return played;
      throw new Violation(`neither on nor back: ${error}`);
    }
    obey(world, error ?? debt);
    world.begin();
    const { error: why } = await run(true);
    said.push(why ?? `done, ${debt}`);
    if (why === undefined && !/third copy|is gone from this pair, is up/.test(debt)) {
      await seeQuiet(world, recipe, state, broken);
      played.writes = world.writesDone;
      return played;
    }
  }
  throw new Violation(`not recovered after ${FURTHER} further runs:\n${said.join("\n")}`);
}

const methodOf = ({ steps }: Recipe) =>
  "resource" in steps[0]!.make ? (steps[0]!.make.inputs.recovery as { method?: string }).method : undefined;

/** Once it is done, one more `up` finds nothing to do and touches no process. */
async function seeQuiet(world: World, recipe: Recipe, state: State, broken: () => Broken): Promise<void> {
  const debt = !world.storage.up;
  world.begin();
  const pids = world.machines.map(({ manager }) => manager.vm?.pid).join();
  const { error, done } = await up(recipe, surroundingsOf(world, broken()), state, false, () => false);
  if (error !== undefined) throw new Violation(`an up after the recovery failed: ${error}`);
  if (done.length > 0 && !debt) throw new Violation(`an up after the recovery changed ${done.join(", ")}`);
  if (pids !== world.machines.map(({ manager }) => manager.vm?.pid).join())
    throw new Violation("an up after the recovery touched a process");
}
