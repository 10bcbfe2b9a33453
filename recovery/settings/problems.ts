import type { z } from "zod";
import { meant } from "../../remote/meant";

const WANTED: Record<string, string> = {
  string: "a text",
  boolean: "true or false",
  array: "a list",
  object: "a mapping",
  tuple: "a list",
};

/** What YAML makes of a text without quotes: a number, or a yes or no. */
const isBare = (value: unknown): boolean => typeof value === "number" || typeof value === "boolean";

/** What follows the place of a setting in a problem's sentence; of an unknown key, the keys that there are. */
export const sentence: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === "unrecognized_keys")
    return Object.keys((issue.inst as z.ZodObject | undefined)?.shape ?? {}).join(", ");
  if (issue.code === "invalid_key") return issue.issues.map(({ message }) => message).join(";");
  if (issue.code === "invalid_value") return ` must be one of ${issue.values.join(", ")}`;
  if (issue.code === "too_small" || issue.code === "too_big")
    return ` must be a list of ${issue.code === "too_small" ? issue.minimum : issue.maximum}`;
  if (issue.input === undefined) return " is missing";
  if (issue.code === "invalid_type" && issue.expected === "string" && isBare(issue.input))
    return " must be a text: put it in quotes";
  return ` must be ${issue.code === "invalid_type" ? (WANTED[issue.expected] ?? issue.expected) : "another value"}`;
};

/** Every problem as a sentence that begins with the place of its setting; never holds a value of a credential. */
export const sentences = (error: z.ZodError, root: string): string[] =>
  error.issues.flatMap((issue) => {
    const place = issue.path.reduce<string>(
      (before, key) => (typeof key === "number" ? `${before}[${key}]` : `${before}.${String(key)}`),
      root,
    );
    if (issue.code !== "unrecognized_keys") return [`${place}${issue.message}`];
    return issue.keys.map((key) => unknownKey(`${place}.${key}`, key, issue.message));
  });

const unknownKey = (place: string, key: string, known: string): string =>
  `${place} is not a setting${meant(key, known.split(", "))}; there are ${known}`;
