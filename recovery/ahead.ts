import * as pulumi from "@pulumi/pulumi";
import type { Ahead } from "../providers/contract/handler";
import type { Recipe } from "./recipe";

/** The pairs that this turn of the program declares, and the text of them all, once it is over. */
let declared: Ahead[] = [];
let text: Promise<string> | undefined;

/**
 * What the check of a pair is told of all pairs that a program declares before it waits for anything: JSON of {@link Ahead}. Whichever
 * check Pulumi begins with has them looked at (providers/session/ahead.ts says why). No state has it.
 */
export function pairsAhead({ cluster, incident, managers }: Recipe): pulumi.Output<string> {
  declared.push({ cluster, incident, managers });
  text ??= new Promise((resolve) =>
    setImmediate(() => {
      const pairs = declared.filter(isPlain);
      declared = [];
      text = undefined;
      resolve(JSON.stringify(pairs));
    }),
  );
  return pulumi.secret(text);
}

/** Nothing in it has to be waited for: it might come from the very recovery whose check would wait. */
function isPlain(value: unknown): boolean {
  if (pulumi.Output.isInstance(value) || value instanceof Promise) return false;
  return typeof value !== "object" || value === null || Object.values(value).every(isPlain);
}
