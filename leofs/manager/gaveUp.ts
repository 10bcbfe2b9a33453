/**
 * Whether LeoFS's own command for a dump or a load gave up, by what it printed: it waits for 60 s, some million rows. The manager
 * goes on by itself.
 */
export const gaveUp = (printed: string): boolean => /timeout/.test(printed);
