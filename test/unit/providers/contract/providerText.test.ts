import { describe, expect, test } from "vitest";
import { type ProviderName, providerText, typeToken } from "../../../../providers/contract/resource";
import * as host from "../../../../providers/entry";
import { NAMES } from "../../../support/providerNames";

describe("what the state keeps of a provider", () => {
  /** Word for word: a state of an older version holds exactly this, for ever. */
  const GOLDEN =
    'exports.handler = () => require("module").createRequire(process.cwd() + "/_")("leofs-recovery/provider").';

  test.each(NAMES)("%s: constant text, nothing captured", (name) => {
    expect(providerText(name)).toBe(`${GOLDEN}${name};\n`);
    expect(providerText(name).length).toBeLessThan(200);
    expect(providerText(name)).toBe(providerText(name));
  });

  test("it names what the package exports", () => {
    expect(Object.keys(host).sort()).toEqual([...NAMES].sort());
    const exported: Record<ProviderName, object> = host;
    for (const name of NAMES)
      expect(Object.keys(exported[name]).sort()).toEqual([
        "check",
        "create",
        "delete",
        "diff",
        "read",
        "update",
      ]);
  });

  test("type tokens are fixed", () => {
    expect(NAMES.map((name) => typeToken(name.replace(/^./, (letter) => letter.toUpperCase())))).toEqual([
      "pulumi-nodejs:dynamic/leofs:RecoveryCheck",
      "pulumi-nodejs:dynamic/leofs:MnesiaBackup",
      "pulumi-nodejs:dynamic/leofs:ManagerPartnerConfig",
      "pulumi-nodejs:dynamic/leofs:MnesiaImport",
      "pulumi-nodejs:dynamic/leofs:ManagerRegistration",
      "pulumi-nodejs:dynamic/leofs:RecoveryRollback",
    ]);
  });
});
