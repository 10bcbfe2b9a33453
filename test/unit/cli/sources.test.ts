import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { outputsOf, settingsOf } from "../../../cli/shared/sources";
import { cleanUp, temporary } from "../support/fakeHome";

cleanUp();

test.each([
  ["that is not there", undefined, /ENOENT/],
  ["cut off", '{"outcome":', /JSON/],
  ["that holds something else", "[]", /does not hold the outputs of a stack/],
])("outputs %s are named by their file", async (_, text, why) => {
  const outputs = join(await temporary(), "outputs.json");
  if (text) await writeFile(outputs, text);
  const said = await outputsOf({ directory: "/", outputs }).then(undefined, (error: Error) => error.message);
  expect(said).toMatch(why);
  expect(said).toContain(outputs);
});

test("encrypted settings are named by their place: only pulumi can decrypt them", async () => {
  const settings = join(await temporary(), "Pulumi.production.yaml");
  const said = async (clusters: string) => {
    await writeFile(settings, `config:\n  leofs-recovery:clusters: ${clusters}\n`);
    return settingsOf({ directory: "/", settings }).then(undefined, (error: Error) => error.message);
  };
  expect(
    await said("{ a: { inPlace: { managers: [{ connection: { privateKey: { secure: v1:abc } } }] } } }"),
  ).toContain("can decrypt it: clusters.a.inPlace.managers.0.connection.privateKey. Leave --settings");
  expect(await said("{ secure: v1:abc }")).toContain("can decrypt it: clusters. Leave --settings");
  expect(await said("{ secure: { incident: x } }")).toEqual({ secure: { incident: "x" } });
});

test("settings that are no YAML are named by their file; with a byte order mark they are read", async () => {
  const settings = join(await temporary(), "Pulumi.production.yaml");
  await writeFile(settings, "config:\n  a: [b\n");
  await expect(settingsOf({ directory: "/", settings })).rejects.toThrow(`${settings} cannot be read: `);
  await writeFile(settings, "\ufeffconfig:\n  leofs-recovery:clusters: { a: { incident: x } }\n");
  expect(await settingsOf({ directory: "/", settings })).toEqual({ a: { incident: "x" } });
});
