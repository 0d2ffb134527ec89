import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { afterEach, expect, it, onTestFinished } from "vitest";
import { readParameters } from "../../../functions/wiring/read-parameters.ts";
import { listen } from "../../../local/stand-ins/listen.ts";

afterEach(() => {
  delete process.env["AWS_ENDPOINT_URL_SSM"];
});

/** Parameter Store as far as we ask it; more than ten names are refused, as there. */
async function startStore(stored: Readonly<Record<string, string>>) {
  const asked: string[][] = [];
  const server = createServer(async (request, response) => {
    const { Names, WithDecryption } = (await json(request)) as { Names: string[]; WithDecryption: boolean };
    asked.push(Names);
    const isRight = request.headers["x-amz-target"] === "AmazonSSM.GetParameters" && WithDecryption && Names.length <= 10;
    const found = Names.filter((name) => Object.hasOwn(stored, name));
    const body = {
      Parameters: found.map((Name) => ({ Name, Value: stored[Name] })),
      InvalidParameters: Names.filter((name) => !found.includes(name)),
    };
    response.writeHead(isRight ? 200 : 400, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(isRight ? body : {}));
  });
  Object.assign(process.env, { AWS_REGION: "local", AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" });
  process.env["AWS_ENDPOINT_URL_SSM"] = await listen(server);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return asked;
}

it("reads the parameters that it names, as many as there are of them, and no other", async () => {
  const names = Array.from({ length: 23 }, (_, index) => `NAME_${index}`);
  const asked = await startStore({ "/path/NAME_3": "three", "/path/NAME_22": "last", "/path/OTHER": "not asked for" });
  expect(await readParameters("/path", names)).toEqual({ NAME_3: "three", NAME_22: "last" });
  expect(asked.map(({ length }) => length).sort()).toEqual([10, 10, 3]);
  expect(asked.flat().sort()).toEqual(names.map((name) => `/path/${name}`).sort());
});
