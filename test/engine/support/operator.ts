import { ClustersStack } from "./clustersStack";
import { serve } from "./otherProcess";

const stack = new ClustersStack();

// An operator at a machine of their own: a stack of their own, and the real engine.
serve({
  configure: (clusters: Record<string, unknown>) => stack.configure(clusters),
  preview: () => stack.preview(),
  up: () => stack.up(),
  forget: () => stack.forget(),
});
