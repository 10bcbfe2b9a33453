/** Puts something else in a module's place of that name, for all who import it. @returns what puts it back */
export function put<M extends object, K extends keyof M>(module: M, name: K, value: M[K]): () => void {
  const original = module[name];
  module[name] = value;
  return () => {
    module[name] = original;
  };
}
