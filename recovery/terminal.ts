import { openSync } from "node:fs";
import { WriteStream } from "node:tty";

/** Columns where there is no terminal. */
const DEFAULT = 100;

/**
 * Columns of the operator's terminal. A Pulumi program writes to a pipe, so its controlling terminal is asked.
 */
export function terminalColumns(): number {
  const told = Number(process.env.COLUMNS);
  const columns = told > 0 ? told : columnsOfTty();
  return Math.min(Math.max(columns ?? DEFAULT, 60), 160);
}

function columnsOfTty(): number | undefined {
  try {
    const terminal = new WriteStream(openSync("/dev/tty", "r+"));
    const { columns } = terminal;
    terminal.destroy();
    return columns;
  } catch {
    // No controlling terminal: a pipeline, a service, a program that runs Pulumi.
    return undefined;
  }
}
