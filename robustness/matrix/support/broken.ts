/** A promise that was not kept. `lost`: a row or a file is gone or changed; all else is a failure. */
export interface Broken {
  kind: "lost" | "failed";
  what: string;
}

export const failed = (what: string): Broken => ({ kind: "failed", what });
export const lost = (what: string): Broken => ({ kind: "lost", what });
