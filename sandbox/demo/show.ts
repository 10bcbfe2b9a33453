import type { RecoveryOutcome } from "../../recovery";
import type { EngineRun } from "./engineRun";
import type { Followers, View } from "./proof";
import type { Screen } from "./screen";
import type { Places } from "./story";

const counted = (changes: Record<string, number>): string =>
  Object.entries(changes)
    .map(([operation, count]) => `${count} resources to ${operation}`)
    .join(", ");

/** The plan, as a person reads it. */
export function showPlan(screen: Screen, run: EngineRun<unknown>): void {
  for (const line of run.plans.flatMap((text) => text.split("\n"))) {
    const bad = /^\s*(WOULD BE REFUSED|NOT REACHED|REFUSED)/.test(line);
    const style = bad ? "bad" : /^\s*hazard/.test(line) ? "note" : /^\d+\. /.test(line) ? "title" : undefined;
    screen.indented(line, style);
  }
  screen.plain();
  screen.plain(`   ${counted(run.changes)}; nothing was changed by looking   (${run.seconds.toFixed(1)} s)`);
}

/** What the stack says at its end. */
export function showOutcome(screen: Screen, outcome: RecoveryOutcome, run: EngineRun<unknown>): void {
  const clean = outcome.verdict === "recovered";
  screen.plain();
  screen.line("verdict", outcome.verdict, 10, clean ? "good" : "note");
  screen.line(
    "outage",
    `${outcome.outageSeconds} s without managers (the whole up: ${run.seconds.toFixed(1)} s)`,
  );
  const list = (label: string, lines: readonly string[]) => {
    for (const [index, line] of lines.entries()) screen.line(index === 0 ? label : "", line);
  };
  const isExclusion = (line: string) => line.startsWith("not compared");
  list(
    "evidence",
    outcome.evidence.filter((line) => !isExclusion(line)),
  );
  const exclusions = outcome.evidence.filter(isExclusion).length;
  if (exclusions > 0)
    screen.line(
      "",
      `not compared: what LeoFS changes by itself, in ${exclusions} tables (named in the output outcome)`,
    );
  list(
    "backups",
    Object.values(outcome.backups)
      .filter(({ path }) => path !== "")
      .map(({ path, node, bytes }) => `${path} (${node}, ${bytes} bytes)`),
  );
  list("debt", outcome.debt);
  list("next", outcome.nextSteps);
}

/** Before and after, side by side. */
export function showProof(
  screen: Screen,
  before: View,
  after: readonly View[],
  followers: Followers,
  pair: readonly string[],
): void {
  const views = [before, ...after];
  const row = (label: string, cell: (view: View) => string) => [label, ...views.map(cell)];
  const counts = (kind: "users" | "buckets" | "endpoints") => (view: View) => {
    const same = view === before || view[kind].join() === before[kind].join();
    return `${view[kind].length}${view === before ? "" : same ? "  the same" : "  NOT THE SAME"}`;
  };
  screen.table([
    ["", "before the recovery", ...after.map(() => "after it")],
    row("asked", (view) => view.node),
    row("users", counts("users")),
    row("buckets", counts("buckets")),
    row("endpoints", counts("endpoints")),
    row("ring hash", (view) => view.ring),
  ]);
  screen.plain();
  const wanted = [...pair].sort().join();
  screen.table([
    ["", "follows"],
    ...Object.entries(followers).map(([name, followed]) => [
      name,
      `${followed?.join(" and ") ?? "no answer"}${[...(followed ?? [])].sort().join() === wanted ? "" : "   NOT THE PAIR"}`,
    ]),
  ]);
}

/** How to look around in what `--keep` left running, and how to end it: whole paths, to be copied. */
export function showKept(screen: Screen, directory: string, { cluster, stack }: Places): void {
  const ssh = `ssh -i ${cluster}/keys/id_ed25519 -o UserKnownHostsFile=${cluster}/keys/known_hosts -p 2222`;
  const lines: [string, string][] = [
    ["look", `npm run sandbox -- status --directory ${cluster}`],
    ["log in", `${ssh} ADDRESS`],
    ["backups", `ls -R ${cluster}/hosts/*/backups`],
    ["state", `less ${stack}/state/.pulumi/stacks/*/demo.json`],
    ["end it", `npm run sandbox -- down --directory ${cluster} && rm -r ${directory}`],
  ];
  screen.heading("Left running (--keep)");
  for (const [label, command] of lines) screen.command(label, command);
}
