import type { automation } from "@pulumi/pulumi";

/** Collects what the engine says during one preview, update, refresh or destroy. */
export class StackEvents {
  readonly all: automation.EngineEvent[] = [];

  /** To be given as `onEvent` to `stack.preview`, `stack.up`, ... */
  readonly onEvent = (event: automation.EngineEvent): void => {
    this.all.push(event);
  };

  /** What happens, or would happen, to each resource, by name: `create`, `update`, `same`, `replace`, ... */
  operations(): Record<string, string> {
    const operations: Record<string, string> = {};
    for (const { resourcePreEvent } of this.all)
      if (resourcePreEvent) {
        const { urn, op } = resourcePreEvent.metadata;
        const name = urn.split("::").slice(3).join("::");
        // A replacement is announced in steps; the one word for it says most.
        if (operations[name] !== "replace") operations[name] = op;
      }
    return operations;
  }

  /** The messages, those that are only shown while something runs included, without colour marks. */
  messages(): { message: string; severity: string; urn?: string; ephemeral: boolean }[] {
    return this.all.flatMap(({ diagnosticEvent: event }) =>
      event
        ? [
            {
              message: event.message.replace(/<\{%[^%]*%\}>/g, "").trimEnd(),
              severity: event.severity,
              urn: event.urn,
              ephemeral: event.ephemeral ?? false,
            },
          ]
        : [],
    );
  }
}
