/** Where the engine of this run listens: Pulumi starts every provider with that address as its first argument. */
export function engineAddress(): string | undefined {
  const address = process.argv[2];
  return address && /^[\w.-]+:\d+$/.test(address) ? address : undefined;
}
