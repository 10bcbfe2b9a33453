/** Reads nested settings and collects every problem with its place, instead of stopping at the first. */
export class SettingsReader {
  constructor(
    private readonly value: unknown,
    readonly path: string,
    readonly problems: string[],
  ) {}

  /** The settings below a key; a problem when they are missing (unless optional) or no mapping. */
  child(key: string, optional = false): SettingsReader | undefined {
    return this.below(this.record()[key], key, optional);
  }

  /** The settings at one place of the list below a key; a problem when they are missing or no mapping. */
  item(key: string, index: number): SettingsReader | undefined {
    const list = this.record()[key];
    return this.below(Array.isArray(list) ? list[index] : undefined, `${key}[${index}]`, false);
  }

  private below(value: unknown, key: string, optional: boolean): SettingsReader | undefined {
    if (value === undefined || value === null) {
      if (!optional) this.problems.push(`${this.path}.${key} is missing`);
      return undefined;
    }
    if (typeof value !== "object" || Array.isArray(value)) {
      this.problems.push(`${this.path}.${key} has to be a mapping`);
      return undefined;
    }
    return new SettingsReader(value, `${this.path}.${key}`, this.problems);
  }

  /** A text; numbers and dates that YAML made of an unquoted text count as one. */
  text(key: string, optional?: false): string;
  text(key: string, optional: true): string | undefined;
  text(key: string, optional = false): string | undefined {
    const value = this.record()[key];
    if (typeof value === "string" && value !== "") return value;
    if (typeof value === "number") return String(value);
    if (value === undefined || value === null || value === "") {
      if (!optional) this.problems.push(`${this.path}.${key} is missing`);
    } else this.problems.push(`${this.path}.${key} has to be a text`);
    return optional ? undefined : "";
  }

  /** A list of texts; empty when it is not given. */
  texts(key: string): string[] {
    const value = this.record()[key];
    if (value === undefined || value === null) return [];
    if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value as string[];
    this.problems.push(`${this.path}.${key} has to be a list of texts`);
    return [];
  }

  /** A yes or no; false when it is not given. */
  flag(key: string): boolean {
    const value = this.record()[key];
    if (value === undefined || value === null || value === false || value === "false") return false;
    if (value === true || value === "true") return true;
    this.problems.push(`${this.path}.${key} has to be true or false`);
    return false;
  }

  /** One of some words; the first when it is not given. */
  oneOf<Word extends string>(key: string, words: readonly [Word, ...Word[]]): Word {
    const value = this.record()[key];
    if (value === undefined || value === null) return words[0];
    const found = words.find((word) => word === value);
    if (!found) this.problems.push(`${this.path}.${key} has to be one of ${words.join(", ")}`);
    return found ?? words[0];
  }

  /** The value under a key as it is. */
  raw(key: string): unknown {
    return this.record()[key];
  }

  keys(): string[] {
    return Object.keys(this.record());
  }

  /** Names every key that is not among the known ones: a misspelt setting must not be ignored. */
  only(...known: string[]): void {
    for (const key of this.keys())
      if (!known.includes(key))
        this.problems.push(`${this.path}.${key} is not a setting; there are ${known.join(", ")}`);
  }

  private record(): Record<string, unknown> {
    return (this.value ?? {}) as Record<string, unknown>;
  }
}
