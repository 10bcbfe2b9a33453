/** An amount of data as a plan shows it. */
export const sizeText = (bytes: number): string =>
  bytes < 10_000 ? `${bytes} bytes` : `${Math.round(bytes / 1000)} kB`;
