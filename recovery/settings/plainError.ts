import { RunError } from "@pulumi/pulumi";

/**
 * An error that ends the program with its message alone. Pulumi prints no stack of a RunError but formats it all the
 * same, and its own frames (`node_modules/@pulumi/resource.ts`) keep many releases of Node at that for a minute and a
 * gigabyte (nodejs/node#64011): so it has none.
 */
export function plainError(message: string): RunError {
  const error = new RunError(message);
  error.stack = `Error: ${message}`;
  return error;
}
