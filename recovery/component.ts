import * as pulumi from "@pulumi/pulumi";
import type { Choice } from "../leofs/incident/incident";
import { LeofsResource } from "../providers/contract/resource";
import { ManagerPartnerConfig } from "../providers/managerPartnerConfig";
import { ManagerRegistration } from "../providers/managerRegistration";
import { MnesiaBackup } from "../providers/mnesiaBackup";
import { MnesiaImport } from "../providers/mnesiaImport";
import { RecoveryCheck } from "../providers/recoveryCheck";
import { pairsAhead } from "./ahead";
import { type InPlaceRecoveryArgs, inPlace } from "./inPlace";
import { type MoveArgs, move } from "./move";
import { outcomeOf, type RecoveryOutcome } from "./outcome";
import { numberedPlan } from "./plan";
import { CHECK, filledIn, Later, type OfSide, pairOf, type Recipe, type Step, sidesOf } from "./recipe";
import { withSecrets } from "./secretTarget";
import { serviceCommand } from "./service";
import { type TakeoverArgs, takeover } from "./takeover";

const RESOURCES = {
  recoveryCheck: RecoveryCheck,
  mnesiaBackup: MnesiaBackup,
  managerPartnerConfig: ManagerPartnerConfig,
  mnesiaImport: MnesiaImport,
  managerRegistration: ManagerRegistration,
};

/** A recipe as Pulumi resources. */
export class Recovery extends pulumi.ComponentResource {
  /** Every step in order, as seen from the live hosts; empty when the recovery is done. */
  readonly plan: pulumi.Output<string[]>;
  readonly outcome: pulumi.Output<RecoveryOutcome>;
  private readonly made = new Map<string, pulumi.CustomResource>();

  constructor(type: string, name: string, recipe: Recipe, opts?: pulumi.ComponentResourceOptions) {
    super(type, name, {}, opts);
    for (const step of recipe.steps) this.made.set(step.name, this.declared(name, step, recipe));
    const choice = (this.made.get(CHECK) as RecoveryCheck).choice;
    const titled = recipe.steps.flatMap(({ name: step, title, detail }, index) =>
      title === undefined
        ? []
        : [
            {
              title: titleOf(recipe, choice, title),
              ...(detail && { detail: titleOf(recipe, choice, detail) }),
              resource: this.resource(step),
              followers: followersOf(recipe, index).flatMap((one) => this.resource(one) ?? []),
            },
          ],
    );
    this.plan = numberedPlan(this, titled, recipe.risk);
    const resources = recipe.steps.map((step) => [step.name, this.made.get(step.name)] as const);
    const backups = resources.flatMap(([step, one]) =>
      one instanceof MnesiaBackup ? [[inCamelCase(step), one] as const] : [],
    );
    const [imported] = resources.flatMap(([, one]) => (one instanceof MnesiaImport ? [one] : []));
    const [proof] = resources.flatMap(([, one]) => (one instanceof ManagerRegistration ? [one] : []));
    this.outcome = outcomeOf(recipe.incident, proof!, imported!, Object.fromEntries(backups));
    this.registerOutputs({ plan: this.plan, outcome: this.outcome });
  }

  private declared(name: string, step: Step, recipe: Recipe): pulumi.CustomResource {
    const dependsOn = step.after.map((one) => this.made.get(one)!);
    const opts = { parent: this, dependsOn };
    const named = `${name}-${step.name}`;
    const { make } = step;
    if ("service" in make)
      return serviceCommand(named, this.sides(recipe, make.service), recipe.incident, opts);
    const inputs = withSecrets(filledIn(make.inputs, (open) => this.known(recipe, open))) as object;
    const ahead = step.name === CHECK ? { ahead: pairsAhead(recipe) } : {};
    // The recipe's inputs are those of the provider; the classes say the same in Pulumi's types.
    return new RESOURCES[make.resource](named, { ...inputs, ...ahead } as never, opts);
  }

  private known(recipe: Recipe, open: Later | OfSide): unknown {
    if (open instanceof Later)
      return pulumi
        .all(open.outputs.map((name) => this.output(name)))
        .apply((values) => open.value(...values));
    const { side } = open;
    if (recipe.good !== undefined) return sidesOf(recipe, recipe.good)[side];
    return pulumi.secret(this.sides(recipe, (sides) => sides[side]));
  }

  /** Something of the two managers: at once where the settings say which is which, else once the check chose. */
  private sides<T>(recipe: Recipe, of: (sides: ReturnType<typeof sidesOf>) => T): pulumi.Output<T> {
    if (recipe.good !== undefined) return pulumi.output(of(sidesOf(recipe, recipe.good))) as pulumi.Output<T>;
    const { choice } = this.made.get(CHECK) as RecoveryCheck;
    // Without a choice (a run of chosen resources, --target) nothing that needs it is made.
    return choice.apply((chosen) => chosen && of(sidesOf(recipe, chosen.good))) as pulumi.Output<T>;
  }

  private output(name: string): pulumi.Output<unknown> {
    const [step, key] = name.split(".") as [string, string];
    return (this.made.get(step) as unknown as Record<string, pulumi.Output<unknown>>)[key]!;
  }

  private resource(step: string): LeofsResource | undefined {
    const made = this.made.get(step);
    return made instanceof LeofsResource ? made : undefined;
  }
}

const titleOf = (
  recipe: Recipe,
  choice: pulumi.Output<Choice>,
  title: NonNullable<Step["title"]>,
): pulumi.Input<string> =>
  typeof title === "string"
    ? title
    : choice.apply((chosen) => (chosen ? title(pairOf(recipe, chosen)) : `known once ${CHECK} was made`));

/** Backups, imports and proofs that wait for the service steps of one line of the plan: they see whether those are done. */
function followersOf({ steps }: Recipe, index: number): string[] {
  const next = steps.findIndex(({ title }, at) => at > index && title !== undefined);
  const line = steps.slice(index, next).map(({ name }) => name);
  const isFollower = ({ make, after }: Step) =>
    "resource" in make &&
    make.resource !== "managerPartnerConfig" &&
    after.some((name) => line.includes(name));
  return "service" in steps[index]!.make ? steps.filter(isFollower).map(({ name }) => name) : [];
}

const inCamelCase = (name: string): string =>
  name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

/** A manager is gone; a new one takes its place. See `takeover.ts` for the order and why. */
export class Takeover extends Recovery {
  constructor(name: string, args: TakeoverArgs, opts?: pulumi.ComponentResourceOptions) {
    super("leofs:recovery:Takeover", name, takeover(args), opts);
  }
}

/** A manager that is alive moves to another host or name. See `move.ts`. */
export class Move extends Recovery {
  constructor(name: string, args: MoveArgs, opts?: pulumi.ComponentResourceOptions) {
    super("leofs:recovery:Move", name, move(args), opts);
  }
}

/** A manager's Mnesia files are damaged; same host, same node name. See `inPlace.ts` for the order and why. */
export class InPlaceRecovery extends Recovery {
  constructor(name: string, args: InPlaceRecoveryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("leofs:recovery:InPlaceRecovery", name, inPlace(args), opts);
  }
}
