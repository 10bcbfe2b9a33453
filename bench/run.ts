import { differences, viewOf } from "../sandbox/demo/proof";
import { watch } from "./client";
import { watchProviders } from "./memory";
import type { Figures } from "./results";
import { type Scene, sshdCounts } from "./scene";
import type { Way } from "./ways/way";
import { write } from "./writer";

/** Recovers a scene by a way, and measures it from outside. @throws when the data is not back on both. */
export async function measure(scene: Scene, way: Way): Promise<Figures> {
  const { sandbox, good, other } = scene;
  const names = [good, other] as const;
  const prepared = await way.prepare(scene);
  try {
    const preview = await prepared.around?.preview();
    const before = await Promise.all(names.map((name) => sshdCounts(sandbox, name)));
    const memory = prepared.memoryOf === undefined ? undefined : watchProviders(prepared.memoryOf);
    const writing = way.name.endsWith("online") ? write(scene) : undefined;
    const seen = watch(scene);
    const started = performance.now();
    const recovered = await prepared.recover().then(
      (spans) => ({ spans }),
      (error: Error) => ({ error }),
    );
    const wall = (performance.now() - started) / 1000;
    const { firstFailed, answersSince } = await seen(!("error" in recovered));
    const written = await writing?.();
    const peak = (await memory?.())?.memory ?? 0;
    if ("error" in recovered) throw recovered.error;
    if (answersSince === undefined) throw new Error("a console does not answer as it did before the outage");
    const after = await Promise.all(names.map((name) => viewOf(sandbox, name, scene.crowd)));
    // What was written meanwhile is there besides.
    const lost = after
      .flatMap((view) => differences(scene.before, view))
      .filter((line) => !writing || !line.includes(scene.crowd ? " of users: " : "too much of users"));
    if (lost.length > 0) throw new Error(lost.join("\n"));
    const counts = await Promise.all(names.map((name) => sshdCounts(sandbox, name)));
    const since = (what: "handshakes" | "sessions"): [number, number] => [
      counts[0]![what] - before[0]![what],
      counts[1]![what] - before[1]![what],
    ];
    const again = await prepared.around?.again();
    return {
      ...(preview !== undefined && { preview }),
      ...(again !== undefined && { again }),
      outage: firstFailed === undefined ? 0 : Math.max(0, answersSince - firstFailed) / 1000,
      wall,
      beforeStop: firstFailed === undefined ? 0 : (firstFailed - started) / 1000,
      handshakes: since("handshakes"),
      sessions: since("sessions"),
      memory: peak,
      ...(written && { writes: written }),
      spans: recovered.spans,
    };
  } finally {
    await prepared.end();
  }
}
