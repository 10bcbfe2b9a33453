import { writeFile } from "node:fs/promises";
import * as path from "node:path";
import type { automation } from "@pulumi/pulumi";

/** A string that is encrypted in the stack's file and in the state. */
export class SecretString {
  constructor(readonly value: string) {}
}

/** Marks a configuration value as secret; it may stand at any depth. */
export function secret(value: string): SecretString {
  return new SecretString(value);
}

/** A configuration value, as in a stack's YAML file. */
export type ConfigValue =
  | null
  | boolean
  | number
  | string
  | SecretString
  | ConfigValue[]
  | { [key: string]: ConfigValue };

/**
 * Replaces the whole configuration of a stack.
 * @param values by setting name; a name without a namespace belongs to the project.
 */
export async function writeConfig(
  stack: automation.Stack,
  project: string,
  values: Record<string, ConfigValue>,
): Promise<void> {
  const { workspace } = stack;
  const secrets: automation.ConfigMap = {};
  const plain: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(values)) {
    const key = name.includes(":") ? name : `${project}:${name}`;
    const rest = takeSecrets(value, key, secrets);
    if (rest !== undefined) plain[key] = rest;
  }
  const { encryptionSalt } = await workspace.stackSettings(stack.name);
  // JSON is YAML in which a string can never be mistaken for a number or a truth value.
  const text = JSON.stringify({ encryptionsalt: encryptionSalt, config: plain }, null, 2);
  await writeFile(path.join(workspace.workDir, `Pulumi.${stack.name}.yaml`), `${text}\n`);
  if (Object.keys(secrets).length > 0) await stack.setAllConfig(secrets, true);
}

function takeSecrets(value: ConfigValue, at: string, found: automation.ConfigMap): unknown {
  if (value instanceof SecretString) {
    found[at] = { value: value.value, secret: true };
    return undefined;
  }
  // An element that is left out would shift the ones after it; the CLI fills in what stands here in its place.
  if (Array.isArray(value)) return value.map((item, i) => takeSecrets(item, `${at}[${i}]`, found) ?? null);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(
    ([key, item]) => [key, takeSecrets(item, `${at}[${JSON.stringify(key)}]`, found)] as const,
  );
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}
