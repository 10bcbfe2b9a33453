/** A whole number from `least` on. @throws naming the option */
export function wholeNumber(option: string, value: string, least = 1): number {
  if (!/^\d{1,15}$/.test(value) || Number(value) < least)
    throw new Error(`--${option} is a whole number from ${least}, not ${value}`);
  return Number(value);
}

/**
 * Runs a command of the tests: `--help` prints its text, wrong arguments are said in one line (exit code 2), and
 * what fails later is shown with its stack (exit code 1, or the one that `main` gave).
 *
 * @param read reads the arguments; throws with what is wrong with them
 */
export async function commandLine<T>(
  help: string,
  read: (args: string[]) => T,
  main: (options: T) => Promise<number> | number,
): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes("--help")) return console.log(help);
  let options: T;
  try {
    options = read(args);
  } catch (error) {
    console.error(`${(error as Error).message}; see --help`);
    process.exitCode = 2;
    return;
  }
  process.exitCode = await main(options);
}
