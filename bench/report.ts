import { readFile, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";

export const say = (line: string) => console.log(line);

/** A table with the command that made it and what it ran on, as docs/performance.md has it. */
export async function withHead(text: string): Promise<string> {
  const load = (await readFile("/proc/loadavg", "utf8").catch(() => "unknown")).split(" ")[0];
  const words = process.argv
    .slice(2)
    .join(" ")
    .replace(/ ?--(out|ansible) \S+/g, "");
  const made = `\`npm run bench -- ${words}\``;
  return `${made} on ${cpus().length} processors, Node ${process.versions.node}, load at the end ${load}, ${new Date().toISOString().slice(0, 10)}.\n\n${text}\n`;
}

/** Writes figures and table of a measure of its own, and says them. Returns the exit code. */
export async function keep(out: string, name: string, figures: unknown, text: string): Promise<number> {
  const whole = await withHead(text);
  await writeFile(join(out, `${name}.json`), `${JSON.stringify(figures, undefined, 1)}\n`);
  await writeFile(join(out, `${name}.md`), whole);
  say(`\n${whole}\nall of it in ${out}`);
  return 0;
}
