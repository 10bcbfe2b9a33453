import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { utils } from "ssh2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHECKS } from "../../leofs/checks/table";
import { readClusters } from "../../recovery/settings/clusters";
import { SETTINGS_PAGE, withSettings } from "../../tools/settingsPage";

const root = join(__dirname, "../..");
const text = (file: string): string => readFileSync(join(root, file), "utf8");

/** YAML as Pulumi reads it: with the SDK's own reader. */
const { load } = createRequire(require.resolve("@pulumi/pulumi"))("js-yaml") as {
  load(text: string): { config?: Record<string, unknown> };
};

const blocks = (file: string, language: string): string[] =>
  [...text(file).matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map((match) => match[1]!);

describe("what the documents show", () => {
  const home = mkdtempSync(join(tmpdir(), "leofs-docs-test-"));
  const before = process.env.HOME;
  const key = join(home, ".ssh", "id_ed25519");
  beforeAll(() => {
    mkdirSync(join(home, ".ssh"));
    // Of an elliptic curve: one in some hundred of the Ed25519 keys that ssh2 makes cannot be read again.
    writeFileSync(key, utils.generateKeyPairSync("ecdsa", { bits: 256 }).private);
    process.env.HOME = home;
  });
  afterAll(() => {
    process.env.HOME = before;
    rmSync(home, { recursive: true, force: true });
  });

  const examples = readdirSync(join(root, "examples")).filter((name) => name.endsWith(".yaml"));
  const yaml = [
    ...examples.map((name) => [`examples/${name}`, text(`examples/${name}`)] as const),
    ...blocks("README.md", "yaml").map((block, index) => [`README.md, ${index}`, block] as const),
  ];

  it("has an example for each case, method and login", () => {
    expect(examples).toEqual([
      "Pulumi.in-place.yaml",
      "Pulumi.logins.yaml",
      "Pulumi.move.yaml",
      "Pulumi.online.yaml",
      "Pulumi.takeover.yaml",
    ]);
  });

  it.each(yaml)("%s is a stack file that works as it is", (_, file) => {
    const { config } = load(file.replace(/privateKeyFile: \S+/g, `privateKeyFile: ${key}`));
    const [cluster] = readClusters(config?.["leofs-recovery:clusters"]);
    expect(cluster?.name).toBe("production");
    expect(cluster?.takeover ?? cluster?.inPlace ?? cluster?.move).toBeDefined();
  });

  it("docs/program.md shows the example, which the type check covers", () => {
    expect(blocks("docs/program.md", "ts")).toEqual([text("examples/ownProgram.ts")]);
  });

  it("docs/settings.md has every setting as the schema says it (npm run docs:settings writes it again)", () => {
    const page = text(SETTINGS_PAGE);
    expect(page).toBe(withSettings(page));
  });

  it.each([
    ["Refusals", "refuse"],
    ["Hazards", "hazard"],
  ])("docs/messages.md has every check under %s, those in bold that can be accepted", (title, wanted) => {
    const table = text("docs/messages.md").split(`\n## ${title}\n`)[1]!.split("\n## ")[0]!;
    const cells = [...table.matchAll(/^\| .*`.* \|(.*)\|$/gm)].map((match) => match[1]!);
    const listed = cells.flatMap((cell) => cell.split(",")).map((name) => name.trim());
    const checks = CHECKS.filter(({ level = "refuse" }) => level === wanted);
    const names = checks.map(({ name, accept }) => (accept === undefined ? name : `**${name}**`));
    expect([...new Set(listed)].filter(Boolean).sort()).toEqual(names.sort());
  });

  it("docs/preflight.md names checks that there are", () => {
    const rows = text("docs/preflight.md")
      .split("\n")
      .filter((line) => line.startsWith("| "));
    const named = rows
      .slice(1)
      .flatMap((row) => [...row.split("|")[3]!.matchAll(/`(\w+)`/g)].map((match) => match[1]!));
    const names = CHECKS.map(({ name }) => name);
    expect(named.filter((name) => !names.includes(name))).toEqual([]);
    expect(named.length).toBeGreaterThan(30);
  });

  it.each([
    "README.md",
    "sandbox/README.md",
    ...readdirSync(join(root, "docs"))
      .filter((name) => name.endsWith(".md"))
      .map((name) => `docs/${name}`),
  ])("links in %s lead somewhere", (file) => {
    const links = [...text(file).matchAll(/\]\(([^)#:]+)\)/g)].map((match) => match[1]!);
    expect(links.filter((link) => !existsSync(join(root, file, "..", link)))).toEqual([]);
  });

  it("docs/messages.md quotes what the program says", () => {
    const said = ["leofs", "providers", "recovery", "remote"]
      .flatMap((folder) =>
        (readdirSync(join(root, folder), { recursive: true }) as string[])
          .filter((name) => /\.(ts|sh)$/.test(name))
          .map((name) => text(`${folder}/${name}`)),
      )
      .join("\n");
    const firstColumn = [...text("docs/messages.md").matchAll(/^\| (`.*?) \|/gm)].map((match) => match[1]!);
    const quoted = firstColumn.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!));
    const pieces = quoted.flatMap((one) => one.split(/\.\.\.|\b[XYN]\b|\d[\d.]*/)).map((one) => one.trim());
    expect(pieces.filter((piece) => piece.length > 2 && !said.includes(piece))).toEqual([]);
  });
});
