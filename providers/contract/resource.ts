import * as pulumi from "@pulumi/pulumi";
import type { PlanLine } from "../../leofs/planLine";

/** The dynamic resources by the name their provider is exported under. */
export type ProviderName =
  | "recoveryCheck"
  | "mnesiaBackup"
  | "managerPartnerConfig"
  | "mnesiaImport"
  | "managerRegistration"
  | "recoveryRollback";

/**
 * The provider as Pulumi keeps it in the state for ever: constant text that loads the installed package and
 * forwards. Nothing is captured, so it is the same on every machine and in every version, and a refresh or
 * destroy of an old state runs today's code. The provider host's working directory is the Pulumi program's.
 */
export const providerText = (name: ProviderName): string =>
  `exports.handler = () => require("module").createRequire(process.cwd() + "/_")("leofs-recovery/provider").${name};\n`;

/** Type token of a dynamic resource; fixed, since states name it. */
export const typeToken = (type: string): string => `pulumi-nodejs:dynamic/leofs:${type}`;

/**
 * The resource's own URN, for progress under its name. Freed of the dependency on its parent that a URN brings: a
 * child that depends on its component waits for itself for ever.
 */
function urnOf(name: string, type: string, { parent }: pulumi.CustomResourceOptions): Promise<string> {
  const urn = pulumi.createUrn(name, typeToken(type), parent);
  return new Promise((resolve) => urn.apply(resolve));
}

/** The stack by its whole name, which tells it from others of the same short name. */
function stackName(): string {
  const name = `${pulumi.getProject()}/${pulumi.getStack()}`;
  try {
    return `${pulumi.getOrganization()}/${name}`;
  } catch {
    // Only a program that is tested with mocks has none.
    return name;
  }
}

/**
 * Base of the dynamic resources. Not `pulumi.dynamic.Resource`: that serialises code into the state, which
 * is what `providerText` avoids.
 */
export abstract class LeofsResource extends pulumi.CustomResource {
  /** What this resource would do, line by line; empty once it is done. Known in preview. */
  declare readonly plan: pulumi.Output<PlanLine[]>;
  /** The service steps before this resource are done: known in preview, until the resource is made. */
  declare readonly ready: pulumi.Output<boolean | undefined>;
  /** What was observed to claim the step done. */
  declare readonly evidence: pulumi.Output<string[]>;

  /**
   * @param outputs names of the outputs that only exist once the resource was made
   * @throws pulumi.ResourceError for `opts.import`, which Pulumi does not support for dynamic resources
   */
  constructor(
    type: string,
    provider: ProviderName,
    name: string,
    props: Record<string, unknown>,
    outputs: readonly string[],
    opts: pulumi.CustomResourceOptions = {},
  ) {
    const seeded = Object.fromEntries(
      ["plan", "ready", "evidence", ...outputs].map((key) => [key, undefined]),
    );
    super(
      typeToken(type),
      name,
      {
        ...seeded,
        ...props,
        resourceUrn: urnOf(name, type, opts),
        stack: stackName(),
        __provider: providerText(provider),
      },
      opts,
    );
    if (opts.import)
      throw new pulumi.ResourceError(
        `${type} cannot be imported (Pulumi does not support it for dynamic resources). Just declare it: it finds what was done for the incident on the hosts and adopts it.`,
        this,
      );
  }
}
