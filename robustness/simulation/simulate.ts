import type { Choice } from "../../leofs/incident/incident";
import { CHECK, type Recipe } from "../../recovery/recipe";
import { type State, up } from "./engine";
import { byHand, obey } from "./hands";
import type { History } from "./history";
import { seeProven } from "./proof";
import { beforeIt, rollsBack } from "./rolledBack";
import { sceneOf } from "./scene";
import { type Broken, surroundingsOf } from "./surroundings";
import { Violation, type World } from "./world";

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
  const { world, recipe } = scene;
  const before = beforeIt(world);
  world.trace = trace;
  const state: State = new Map();
  const played: Played = { ups: 0, calls: 0, failed: 0, writes: 0 };
  let error: string | undefined;
  /** What the last run asks for, other than by an error. */
  let debt = "";
  const run = async (refresh: boolean) => {
    world.calls = 0;
    const result = await up(recipe, surroundingsOf(world, broken()), state, refresh, () => world.gone);
    world.end();
    if (world.violation) throw world.violation;
    world.trace?.(`up ${played.ups + 1}: ${result.error ?? "done"} [${result.done.join(" ")}]`);
    const chosen = result.outputs[CHECK]?.choice as Choice | undefined;
    if (chosen)
      world.donor = world.machines.find(({ manager }) => manager.node === recipe.managers[chosen.good].node);
    played.ups += 1;
    played.calls += world.calls;
    if (result.error !== undefined) played.failed += 1;
    else if (result.done.includes("registration")) seeProven(world, result.outputs.registration!.verdict);
    error = result.error;
    debt = error === undefined ? (result.outputs.registration?.debt ?? []).join() : "";
    return result;
  };
  for (const plan of history.ups) {
    for (const step of plan.byHand) byHand(world, step);
    if (plan.stateLost) state.clear();
    world.begin(plan);
    await run(plan.refresh);
  }
  if (history.rollback && (await rollsBack(scene, history, before, broken))) return played;
  const said: string[] = [];
  for (let n = 0; n < FURTHER; n += 1) {
    obey(world, error ?? debt);
    world.begin();
    const { error: why } = await run(true);
    said.push(why ?? `done, ${debt}`);
    if (why === undefined && !debt.includes("third copy")) {
      await seeQuiet(world, recipe, state, broken);
      played.writes = world.writesDone;
      return played;
    }
  }
  throw new Violation(`not recovered after ${FURTHER} further runs:\n${said.join("\n")}`);
}

/** Once it is done, one more `up` finds nothing to do and touches no process. */
async function seeQuiet(world: World, recipe: Recipe, state: State, broken: () => Broken): Promise<void> {
  const debt = !world.storage.up;
  world.begin();
  const pids = world.machines.map(({ manager }) => manager.machine?.pid).join();
  const { error, done } = await up(recipe, surroundingsOf(world, broken()), state, false, () => false);
  if (error !== undefined) throw new Violation(`an up after the recovery failed: ${error}`);
  if (done.length > 0 && !debt) throw new Violation(`an up after the recovery changed ${done.join(", ")}`);
  if (pids !== world.machines.map(({ manager }) => manager.machine?.pid).join())
    throw new Violation("an up after the recovery touched a process");
}
