/** A value as it travels between engine and provider. */
export type Wire = null | boolean | number | string | Wire[] | { [key: string]: Wire };

/** The key and value that mark an object as a wrapped special value, and a wrapped secret (Pulumi's wire format). */
export const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT_SIGNATURE = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** What stands for a value that is not known yet, in preview. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The value without any secret or output wrapping, at any depth; an output without a value becomes {@link UNKNOWN}. */
export function unwrap(value: Wire | undefined): Wire | undefined {
  if (Array.isArray(value)) return value.map((item) => unwrap(item) ?? null);
  if (typeof value !== "object" || value === null) return value;
  const signature = value[SIGNATURE_KEY];
  if (signature === SECRET_SIGNATURE) return unwrap(value.value);
  if (signature === OUTPUT_SIGNATURE) return "value" in value ? unwrap(value.value) : UNKNOWN;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unwrap(item) ?? null]));
}

/** Changes a value inside whatever wrapping it has, which is kept. */
export function mapWrapped(value: Wire | undefined, change: (inner: Wire | undefined) => Wire): Wire {
  if (typeof value === "object" && value !== null && !Array.isArray(value) && SIGNATURE_KEY in value)
    return { ...value, value: mapWrapped(value.value, change) };
  return change(value);
}

/** Whether a part of the (unwrapped) value is not known yet. */
export function holdsUnknown(value: Wire | undefined): boolean {
  if (Array.isArray(value)) return value.some(holdsUnknown);
  if (typeof value === "object" && value !== null) return Object.values(value).some(holdsUnknown);
  return value === UNKNOWN;
}

/** A text that two values share exactly when they mean the same: key order and absent keys make no difference. */
export function canonical(value: Wire | undefined): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value ?? null);
  const entries = Object.entries(value)
    .filter(([, item]) => item !== null && item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(",")}}`;
}
