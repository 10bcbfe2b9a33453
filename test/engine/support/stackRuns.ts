import { afterAll } from "vitest";
import { ClustersStack } from "./clustersStack";

export { ClustersStack, type StackRun } from "./clustersStack";

/** A stack for the tests of a file, removed after them whatever became of it. */
export function stackForFile(): ClustersStack {
  const stack = new ClustersStack();
  afterAll(() => stack.forget());
  return stack;
}
