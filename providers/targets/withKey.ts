import { type ConnectionArgs, withDefaults } from "../../remote/connection";

/** A connection with a private key; its jump host gets it, and what opens it, where that has no other way to log in. */
export function withKey(connection: ConnectionArgs, privateKey: string): ConnectionArgs {
  const { proxy, privateKeyPassword } = connection;
  const jump = proxy && withDefaults(proxy);
  const needsIt = jump && (jump.privateKey ?? jump.password ?? jump.agentSocketPath) === undefined;
  const key = { privateKey, ...(privateKeyPassword !== undefined && { privateKeyPassword }) };
  return { ...connection, privateKey, ...(needsIt && { proxy: { ...proxy, ...key } }) };
}
