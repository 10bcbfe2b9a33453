import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** Groups that can be run alone: `npm run test:<group>`. All but `unit` start real processes. */
const group = (name: string, timeoutSeconds: number) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout: timeoutSeconds * 1000,
    hookTimeout: 900_000,
    ...(name === "engine" ? { globalSetup: "./test/engine/globalSetup.ts" } : {}),
  },
});

export default defineConfig({
  test: {
    projects: [group("unit", 60), group("remote", 60), group("sandbox", 120), group("engine", 300)],
    reporters: ["default", "./test/closingLine.ts"],
    pool: "forks",
    // Half of what a file of real processes takes is LeoFS's own waiting, so two go beside each other on a single processor.
    maxWorkers: Math.min(4, Math.max(2, availableParallelism())),
  },
});
