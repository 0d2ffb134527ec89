import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, expect, it } from "vitest";
import { openPostgres } from "../../../local/stand-ins/engines/postgres-engine.ts";

const PASSWORD = "p@ss:w/o#rd?";
const KEPT = ["PGUSER", "PGPASSWORD", "PGDATABASE"] as const;

let server: Server | undefined;
afterEach(() => {
  for (const name of KEPT) delete process.env[name];
  server?.close();
});

/** Asks for a password in clear, and refuses whatever it is. Source: PostgreSQL's protocol 3.0, "Start-up". */
function asksForPassword(): { server: Server; said: Promise<{ startup: string; password: string }> } {
  const { promise, resolve } = Promise.withResolvers<{ startup: string; password: string }>();
  let startup = "";
  const made = createServer((socket) => {
    socket.on("data", (data) => {
      if (startup === "") {
        startup = data.subarray(8).toString("utf8");
        socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3])); // AuthenticationCleartextPassword
      } else {
        resolve({ startup, password: data.subarray(5, -1).toString("utf8") });
        socket.destroy();
      }
    });
    socket.on("error", () => undefined);
  });
  return { server: made, said: promise };
}

it("signs in with a password of any characters, from PGPASSWORD or escaped in the address", async () => {
  for (const isEscaped of [false, true]) {
    const asked = asksForPassword();
    server = asked.server;
    await once(server.listen(0, "127.0.0.1"), "listening");
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    if (!isEscaped) Object.assign(process.env, { PGUSER: "tracker", PGPASSWORD: PASSWORD, PGDATABASE: "log" });
    const url = isEscaped ? `postgres://tracker:${encodeURIComponent(PASSWORD)}@${host}/log` : `postgres://${host}`;
    const engine = openPostgres(url);
    await expect(engine.session()).rejects.toThrow();
    const { startup, password } = await asked.said;
    expect(password).toBe(PASSWORD);
    expect(startup.split("\0")).toEqual(expect.arrayContaining(["user", "tracker", "database", "log"]));
    for (const name of KEPT) delete process.env[name];
    await engine.close();
    server.close();
  }
});
