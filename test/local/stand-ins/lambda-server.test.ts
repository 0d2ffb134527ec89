import { expect, onTestFinished, test } from "vitest";
import { createLambdaServer } from "../../../local/stand-ins/lambda-server.ts";
import { listen } from "../../../local/stand-ins/listen.ts";

async function startFunction(run: (input: unknown) => Promise<unknown>) {
  const errors: unknown[] = [];
  const { server, idle } = createLambdaServer(Promise.resolve({ slow: run }), (error) => errors.push(error));
  const url = await listen(server);
  onTestFinished(() => void server.close());
  const call = async (type: "Event" | "RequestResponse") => {
    const headers = { "x-amz-invocation-type": type };
    const response = await fetch(`${url}/2015-03-31/functions/slow/invocations`, { method: "POST", headers, body: "{}" });
    return { status: response.status, text: await response.text() };
  };
  return { call, idle, errors };
}

test("is idle when what was called as an event has run, and what that called", async () => {
  const held = Promise.withResolvers<void>();
  let begun = 0;
  const ended: number[] = [];
  const { call, idle } = await startFunction(async () => {
    const run = ++begun;
    await held.promise;
    if (run === 1) await call("Event");
    else await new Promise((resolve) => setTimeout(resolve, 20));
    ended.push(run);
  });
  expect(await call("Event")).toEqual({ status: 202, text: "" });
  await idle(20);
  expect(ended).toEqual([]);
  const waited = idle(60_000);
  held.resolve();
  await waited;
  expect(ended).toEqual([1, 2]);
});

test("is idle after one that failed, whose error is told", async () => {
  const { call, idle, errors } = await startFunction(() => Promise.reject(new Error("refused")));
  expect((await call("Event")).status).toBe(202);
  await idle(60_000);
  expect(errors).toEqual([new Error("refused")]);
  expect(await call("RequestResponse")).toEqual({ status: 200, text: '{"errorMessage":"refused"}' });
});
