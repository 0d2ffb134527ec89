import { Resolver } from "node:dns/promises";
import type { DialContext } from "./dial.ts";
import { nameServerText, vettedNameServer } from "./name-server.ts";

/**
 * The door to a name server that a target names: on the address and port that are really asked, like `dial`.
 * @param server `ip`, `name`, `ip:port` or `name:port`; the deployment's or the machine's own when left out
 * @param ask gets a resolver that asks there, and is cancelled with the context's signal
 * @throws {ForbiddenAddressError} when the guard refuses its address or port
 * @throws {ResolveError} when its name has no address
 */
export async function askDns<T>(
  server: string | undefined,
  context: Pick<DialContext, "guard" | "signal" | "dnsServers" | "trace">,
  ask: (resolver: Resolver) => Promise<T>,
): Promise<T> {
  const { signal, trace } = context;
  const endDns = trace.begin("dnsMs");
  const resolver = new Resolver();
  const named = server === undefined ? undefined : await vettedNameServer(server, context);
  if (named !== undefined) resolver.setServers([nameServerText(named)]);
  else if (context.dnsServers && context.dnsServers.length > 0) resolver.setServers(context.dnsServers);
  const cancel = () => resolver.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  try {
    const answer = await ask(resolver);
    endDns();
    trace.address = named?.address;
    return answer;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}
