/** Reads one field of a record, whatever is written there. */
export type Reader<T> = (value: unknown) => T;

/** The fields of a record. */
export type Fields = Record<string, Reader<unknown>>;

/** A field that is not always written. */
export interface Optional {
  optional: true;
}

/** A record as it is read: a field that is missing, or is not what it should be, is undefined unless it has a default. */
export type Read<F extends Fields> = { readonly [K in keyof F]: ReturnType<F[K]> } & {
  /** When it was noted (ISO 8601, by the clock of the machine that ran). */
  readonly at: string | undefined;
};

/** A record as it is written; `at` comes with it. */
export type Written<F extends Fields> = {
  [K in keyof F as F[K] extends Optional ? never : K]: Exclude<ReturnType<F[K]>, undefined>;
} & { [K in keyof F as F[K] extends Optional ? K : never]?: ReturnType<F[K]> | undefined };

export const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
export const number = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);
export const flag = (value: unknown): boolean => value === true;
export const textOrEmpty = (value: unknown): string => String(value ?? "");
export const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
/** Undefined where it was not noted. */
export const textsIfNoted = (value: unknown): string[] | undefined =>
  Array.isArray(value) ? value.map(String) : undefined;
/** Index of one of two managers. */
export const side = (value: unknown): 0 | 1 | undefined => (value === 0 || value === 1 ? value : undefined);
/** True unless it was noted otherwise: earlier versions did not note it. */
export const unlessNot = (value: unknown): boolean => value !== false;
/** A list of records that this package wrote. */
export const list = <T>(value: unknown): T[] => (Array.isArray(value) ? (value as T[]) : []);

/** Makes a field one that is not always written. */
export const maybe = <R extends Reader<unknown>>(reader: R): R & Optional =>
  Object.assign((value: unknown) => reader(value), { optional: true as const }) as R & Optional;
