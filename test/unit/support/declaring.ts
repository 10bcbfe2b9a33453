import type * as pulumi from "@pulumi/pulumi";

/** The value of an output, once it is there. */
export const settled = <T>(output: pulumi.Output<T>): Promise<T> =>
  new Promise((resolve) => output.apply((value) => resolve(value as T)));

/** Tells whom each resource waits for, by their names, when it is declared. */
export function watching(tell: (name: string, after: string[]) => void): pulumi.ComponentResourceOptions {
  const names = new Map<unknown, string>();
  return {
    transformations: [
      ({ resource, name, opts }) => {
        names.set(resource, name);
        tell(
          name,
          [opts.dependsOn ?? []].flat().map((one) => names.get(one) ?? "?"),
        );
        return undefined;
      },
    ],
  };
}
