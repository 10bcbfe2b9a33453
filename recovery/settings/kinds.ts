import { z } from "zod";
import { incidentProblem, nodeNameProblem, pathProblem, userNameProblem } from "../../leofs/names";
import { sentence } from "./problems";

/** An empty setting is one that is not given: `key:` in YAML, or a text of nothing. */
const given = (value: unknown): unknown => (value === null || value === "" ? undefined : value);

/**
 * A text; a whole number that YAML made of an unquoted text counts as one. Of `1.10` or of more digits than a number
 * keeps another text would come.
 *
 * @param problem what is wrong with it, or nothing
 * @param missing what is said when it is not given
 */
const text = (problem: (text: string) => string | undefined = () => undefined, missing = " is missing") =>
  z.preprocess(
    (value) => (Number.isSafeInteger(value) ? String(value) : given(value)),
    z
      .string({ error: ({ input }) => (input === undefined ? missing : undefined) })
      .superRefine((value, context) => {
        const found = problem(value);
        if (found !== undefined) context.addIssue({ code: "custom", message: `: ${found}` });
      }),
  );

/** The name of an incident. Pulumi reads a day without quotes as a time, and writes that out. */
export const incidentName = () =>
  z.preprocess(
    (value) =>
      typeof value === "string" ? value.replace(/^(\d{4}-\d\d-\d\d) 00:00:00 \+0000 UTC$/, "$1") : value,
    text(incidentProblem),
  );

/** An Erlang node name. */
export const nodeName = () => text(nodeNameProblem);

/** An absolute path, without a slash at its end. */
export const path = (missing?: string) =>
  text(pathProblem, missing).transform((value) => value.replace(/\/+$/, ""));

/** The name of a user. */
export const userName = () => text(userNameProblem);

/** A yes or no. Default false. */
export const flag = () =>
  z.preprocess((value) => {
    if (value === "true") return true;
    return value === "false" ? false : (given(value) ?? false);
  }, z.boolean());

/** One of some words. Default: the first. */
export const oneOf = <const Words extends readonly [string, ...string[]]>(...words: Words) =>
  z.preprocess((value) => given(value) ?? words[0], z.enum(words));

/** A list. Default: an empty one. */
export const listOf = <Item extends z.ZodType>(item: Item) =>
  z.preprocess((value) => given(value) ?? [], z.array(item));

/** A setting that may be left out; an empty one counts as left out. */
export const optional = <Kind extends z.ZodType>(kind: Kind) => z.preprocess(given, kind.optional());

/** Settings below a key. Every key must be known: a misspelt setting must not be ignored. */
export const mapping = <const Shape extends z.ZodRawShape>(shape: Shape) => z.strictObject(shape);

/** The kind that a value means to be, so that its problems are those of that kind alone. */
export const kindOf = <Kind extends z.ZodType>(choose: (value: unknown) => Kind) =>
  z.unknown().transform((value, context): z.infer<Kind> => {
    const read = choose(value).safeParse(given(value), { error: sentence });
    if (read.success) return read.data;
    context.issues.push(
      ...read.error.issues.map((issue) => ({ ...issue, input: value }) as z.core.$ZodRawIssue),
    );
    return z.NEVER;
  });

/** What was written, without the keys that were not. */
export const defined = <Written extends object>(written: Written): Written =>
  Object.fromEntries(Object.entries(written).filter(([, value]) => value !== undefined)) as Written;
