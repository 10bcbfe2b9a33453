import type { HandStep } from "./history";
import type { World } from "./world";

/** What an operator does between two runs. */
export function byHand(world: World, { what, which }: HandStep): void {
  const { manager } = world.machines[which] ?? world.machines[1]!;
  world.trace?.(`by hand: ${what} ${manager.node}`);
  if (what === "start") manager.start();
  if (what === "stop") manager.stop();
  if (what === "failStart") manager.failingStarts = 1;
  if (what === "storage") world.storage.up = !world.storage.up;
  if (what === "write") world.write({ at: 0, what: "add", which });
  world.pass(which === 0 ? 500 : 10_000);
}

/** Does what a message of the product asks for. */
export function obey(world: World, error: string | undefined): void {
  if (error === undefined) return;
  // Where the donor named lacks what the other has, the pair serves again with that one's help.
  if (/has older data|is not sound/.test(error)) for (const { manager } of world.machines) manager.start();
  if (error.includes("neither looks damaged")) world.machines[1]!.manager.stop();
  if (/needs a manager that serves, and \S+ waits for its partner|Mnesia is not running/.test(error))
    for (const { manager } of world.machines) manager.start();
  const [good, , lost] = world.machines;
  // Both serve, so that each has what the other one was told, then the one that is recovered is stopped.
  if (/it ran on alone, and has what was written then/.test(error)) {
    for (const { manager } of world.pair) manager.start();
    world.pass(20_000);
    const bad = world.pair.find(({ manager }) => error.includes(`${manager.node} was started since`));
    bad?.manager.stop();
  }
  const together =
    /was back, and has what was written|must not continue from it|started alone it would wait/.test(error);
  if (
    lost &&
    (together ||
      error.includes(`${lost.manager.node} is called lost, but it answers`) ||
      error.includes(`${lost.manager.node} is alive`) ||
      error.includes(`${lost.manager.node}, which is gone from this pair, is up`))
  ) {
    // What users wrote on it comes to the survivor, then it is stopped for good.
    if (together) lost.manager.start();
    good!.manager.start();
    world.pass(20_000);
    lost.manager.stop();
  }
  for (const machine of world.machines) {
    const { manager } = machine;
    if (error.includes(`the survivor ${manager.node} is down`)) manager.start();
    if (error.includes(`needs a manager that serves, and ${manager.node} is down`)) manager.start();
    if (new RegExp(`${manager.node} does not answer .*it does not run there`).test(error)) manager.start();
    if (error.includes(`the donor ${manager.node} is down: what users write`)) manager.start();
    if (error.includes(`If ${manager.node} was, have that one run until`)) manager.start();
    if (error.includes("Have that one run until it serves") && !world.pair.includes(machine)) manager.start();
    if (error.includes(`${manager.node} is to move, but it`)) manager.start();
    if (error.includes(`${manager.node} is back, with a third copy`)) manager.stop();
    if (error.includes(`Stop ${manager.node} for good`)) manager.stop();
    if (error.includes(`${manager.node} serves every table together with`)) manager.stop();
    if (error.includes(`${manager.node} runs, but with another partner`)) manager.stop();
    if (error.includes(`${manager.node} was started with the partner`)) {
      manager.stop();
      manager.start();
    }
  }
  world.pass(10_000);
}
