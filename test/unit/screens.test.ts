import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { expectScreen } from "../support/screens";

const page = readFileSync(join(__dirname, "../../docs/screens.md"), "utf8");
const screen = (name: string): string =>
  new RegExp(`<!-- screen: ${name} -->\n+\`\`\`\n([\\s\\S]*?)\n\`\`\`\n`).exec(page)![1]!;
const held = (name: string, text: string, anyOrder = false) =>
  expectScreen(name, text, { directory: "/nowhere", anyOrder });

describe.skipIf(process.env.UPDATE_SCREENS)("a screen of docs/screens.md", () => {
  test("every kind of diagnosis has one", () => {
    for (const kind of ["healthy", "start", "inPlace", "takeover", "bothDown", "splitBrain", "unclear"])
      expect(screen(`diagnose-${kind}`), kind).toMatch(/^[A-Z]/);
  });

  test("is the same with other figures, another sandbox and other line breaks", () => {
    const other = screen("diagnose-start")
      .replace(/process \d+/, "process 7")
      .replace(/\([0-9a-f]{8}\)/, "(0badcafe)")
      .replaceAll("10.0.0.", "127.77.9.")
      .replaceAll(/\n {4}/g, " ");
    held("diagnose-start", other);
    held("progress", screen("progress").split("\n").reverse().join("\n"), true);
  });

  test.each([
    ["diagnose-start", "its files are whole", "its files are fine"],
    ["diagnose-start", "manager_1@10.0.0.12 is only down", "manager_0@10.0.0.12 is only down"],
    ["plan", "-manager.partner = manager_0@10.0.0.11", "-manager.partner = manager_0@10.0.0.13"],
    ["plan", "4. see that", "5. see that"],
  ])("%s is another one once %j is %j", (name, said, other) => {
    const text = screen(name).replaceAll(/\s+/g, " ");
    expect(text).toContain(said);
    expect(() => held(name, text.replace(said, other))).toThrow();
  });
});
