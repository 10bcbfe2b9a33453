import { type Sections, utf8 } from "../../remote/sections";
import { type EffectiveConf, effectiveConf } from "./conf";

/** The conf of a LeoFS node as it lies on its host. */
export interface ConfFiles {
  /** Path of the main file: `leo_manager.conf`, `leo_storage.conf`, `leo_gateway.conf`. */
  path: string;
  /** Its text; undefined when there is none. */
  main: string | undefined;
  /** Path of the first of these files that is there, but may not be read by the user who looked. */
  unreadable?: string;
  /** The same byte for byte, as latin1: what a change is made on. */
  bytes: string | undefined;
  /** The `.conf` files of its `.d` directory in the order LeoFS reads them. */
  overrides: { path: string; text: string; bytes: string }[];
}

/** Reads what `tell_conf` (scripts/lib.sh) printed. */
export function readConfFiles({ values, contents }: Sections, path: string): ConfFiles {
  const text = (name: string) => (contents.has(name) ? utf8(contents.get(name)!) : undefined);
  const overrides: ConfFiles["overrides"] = [];
  for (let n = 1; values.has(`override.${n}`); n += 1)
    overrides.push({
      path: utf8(values.get(`override.${n}`)!),
      text: text(`override.${n}.text`) ?? "",
      bytes: contents.get(`override.${n}.text`) ?? "",
    });
  const unreadable = [
    { path, name: "conf" },
    ...overrides.map((one, n) => ({ path: one.path, name: `override.${n + 1}.text` })),
  ].find(({ name }) => values.has(`${name}.unreadable`));
  return {
    path,
    main: text("conf"),
    ...(unreadable && { unreadable: unreadable.path }),
    bytes: contents.get("conf"),
    overrides,
  };
}

/** What LeoFS would read from these files. */
export const confOf = ({ main, overrides, path }: ConfFiles): EffectiveConf =>
  effectiveConf(main ?? "", overrides, path);

/** One file of a conf. */
export interface ConfBytes {
  path: string;
  /** Latin1; undefined when it is not there. */
  bytes: string | undefined;
}

/** The one file whose line says what a key's value is: an override where one sets it, else the main file. */
export function fileInEffect(files: ConfFiles, conf: EffectiveConf, key: string): ConfBytes {
  const set = conf.values.get(key)?.file;
  const { path, bytes } = files.overrides.find((one) => one.path === set) ?? files;
  return { path, bytes };
}
