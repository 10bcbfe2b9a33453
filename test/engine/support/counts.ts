/** A whole number from the environment, as `test/counted.ts` sets it: how much of a test is run, or its seed. */
export function counted(name: string, usual: number): number {
  const value = process.env[`LEOFS_TEST_${name.toUpperCase()}`];
  return value === undefined ? usual : Number(value);
}

/** Numbers from 0 to 1 that depend on the seed alone (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** One of several. */
export const oneOf = <T>(random: () => number, values: readonly T[]): T =>
  values[Math.floor(random() * values.length)]!;

/** A seed that nobody chose: what fails with it is run again by giving it. */
export const anySeed = (): number => Math.floor(Math.random() * 1_000_000);
