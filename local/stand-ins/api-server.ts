import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { APIGatewayProxyEvent, APIGatewayProxyResult, APIGatewayRequestAuthorizerEvent, Context } from "aws-lambda";
import { problemOf } from "../../functions/api/problem.ts";
import { CREDENTIALS_HINT, isPublic } from "../../functions/api/router.ts";
import { routes } from "../../functions/api/routes/index.ts";
import { withoutKey } from "../../shared/access/heartbeat-key.ts";
import { RequestError } from "../../shared/errors.ts";
import { PINGS_BELOW_API } from "../../web/serving.ts";
import type { PageFile, PageFiles } from "./page-files.ts";

/** As API Gateway. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;

export interface ApiHandlers {
  readonly api: (event: APIGatewayProxyEvent, context: Context) => Promise<APIGatewayProxyResult>;
  readonly authorizer: (
    event: APIGatewayRequestAuthorizerEvent,
  ) => Promise<{ principalId: string; context?: Record<string, unknown> | null | undefined }>;
}

export interface ApiServerOptions {
  /** Told of what is our fault. */
  readonly onError?: (what: string, error: unknown) => void;
  /** The page, where it is served beside the API. */
  readonly page?: PageFiles;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * Does what API Gateway does: builds proxy events, asks the authorizer for private routes, calls the API's function,
 * compresses what it answers. With a page, does what CloudFront does besides: sends its files, and takes the API below
 * `/api`, too.
 */
export function createApiServer(handlers: Promise<ApiHandlers>, { onError = () => undefined, page }: ApiServerOptions = {}): Server {
  const server = createServer((request, response) => {
    answer(handlers, page, request)
      .catch((error: unknown): Answer => {
        const { problem, headers, internal } = problemOf(error);
        if (internal) onError(`${request.method} ${withoutKey(request.url?.slice(0, 200) ?? "")}`, error);
        return {
          status: problem.status,
          headers: { "content-type": "application/problem+json", "x-content-type-options": "nosniff", ...readableBy(), ...headers },
          body: Buffer.from(JSON.stringify(problem)),
        };
      })
      .then((result) => send(request, response, result))
      .catch(() => response.destroy());
  });
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  return server;
}

async function answer(ready: Promise<ApiHandlers>, page: PageFiles | undefined, request: IncomingMessage): Promise<Answer> {
  const url = URL.parse(`http://localhost${request.url}`);
  if (url === null) throw new RequestError("invalid", "The path is not valid.");
  const isRead = request.method === "GET" || request.method === "HEAD";
  const file = isRead ? await page?.find(url.pathname, request.headers.accept ?? "") : undefined;
  if (file !== undefined) return ofVersion(file, request.headers["if-none-match"]);
  const body = await readBody(request);
  const handlers = await ready;
  const event = proxyEvent(request, url, body);
  if (!isPublic(routes, event.httpMethod, event.path)) {
    event.requestContext.authorizer = await authorize(handlers, event);
  }
  const { statusCode, headers = {}, body: text, isBase64Encoded } = await handlers.api(event, lambdaContext("api"));
  // API results use text only.
  return { status: statusCode, headers: headers as Record<string, string>, body: Buffer.from(text, isBase64Encoded ? "base64" : "utf8") };
}

/** What is refused before the API is asked: any page may read it where some may call, as of API Gateway. */
function readableBy(): Record<string, string> {
  return process.env["CORS_ORIGINS"] ? { "access-control-allow-origin": "*" } : {};
}

/** With its version, and without its body for whom has that: as S3 and CloudFront, which weaken it for what they compress. */
function ofVersion(file: PageFile, known: string | undefined): Answer {
  if (file.status !== 200) return file;
  const etag = `W/"${createHash("sha256").update(file.body).digest("base64url").slice(0, 27)}"`;
  const headers = { ...file.headers, etag };
  return known?.includes(etag) === true ? { status: 304, headers, body: Buffer.alloc(0) } : { ...file, headers };
}

/** Below `/api` stands what stands at the root. */
function apiPath(path: string): string {
  return path.startsWith("/api/") && !PINGS_BELOW_API.test(path) ? path.slice("/api".length) : path;
}

async function authorize(handlers: ApiHandlers, event: APIGatewayProxyEvent): Promise<Record<string, unknown> & { principalId: string }> {
  const { httpMethod, path, headers, requestContext } = event;
  const methodArn = `arn:aws:execute-api:local:000000000000:local/local/${httpMethod}${path}`;
  try {
    // The fields that an authorizer may rely on; the event has more in AWS.
    const request = { ...event, type: "REQUEST", methodArn, headers, requestContext } as unknown as APIGatewayRequestAuthorizerEvent;
    const { principalId, context } = await handlers.authorizer(request);
    return { principalId, ...context };
  } catch (error) {
    if (error instanceof Error && error.message === "Unauthorized") {
      throw new RequestError("unauthenticated", CREDENTIALS_HINT);
    }
    throw error;
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (size > MAX_BODY_BYTES) throw new RequestError("too-large", "The body may have at most 10 MB.");
  return Buffer.concat(chunks);
}

function proxyEvent(request: IncomingMessage, url: URL, body: Buffer): APIGatewayProxyEvent {
  const method = request.method ?? "GET";
  const path = apiPath(url.pathname);
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]),
  );
  // Without a prototype: names come from outside.
  const query: Record<string, string[]> = Object.create(null);
  for (const [name, value] of url.searchParams) query[name] = [...(query[name] ?? []), value];
  const requestId = randomUUID();
  return {
    resource: "/{proxy+}",
    path,
    httpMethod: method,
    headers: { "x-forwarded-proto": "http", ...headers },
    multiValueHeaders: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, [value ?? []].flat()])),
    queryStringParameters: Object.fromEntries(url.searchParams),
    multiValueQueryStringParameters: Object.keys(query).length > 0 ? query : null,
    pathParameters: { proxy: path.slice(1) },
    stageVariables: null,
    body: body.length > 0 ? body.toString("utf8") : null,
    isBase64Encoded: false,
    requestContext: {
      accountId: "000000000000",
      apiId: "local",
      authorizer: undefined,
      protocol: "HTTP/1.1",
      httpMethod: method,
      identity: {
        sourceIp: request.socket.remoteAddress ?? "",
        userAgent: request.headers["user-agent"] ?? null,
      } as APIGatewayProxyEvent["requestContext"]["identity"], // the rest is null outside AWS
      path,
      stage: "local",
      requestId,
      requestTimeEpoch: Date.now(),
      resourceId: "local",
      resourcePath: "/{proxy+}",
    },
  };
}

/** As API Gateway's `minimumCompressionSize`. */
const COMPRESSED_FROM_BYTES = 1_024;
const compressed = promisify(gzip);

async function send(request: IncomingMessage, response: ServerResponse, { status, headers, body }: Answer): Promise<void> {
  const isCompressed = body.length >= COMPRESSED_FROM_BYTES && /\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""));
  const bytes = isCompressed ? await compressed(body) : body;
  const coding = isCompressed ? { "content-encoding": "gzip", vary: "accept-encoding" } : {};
  const length = status === 304 ? {} : { "content-length": bytes.length };
  response.writeHead(status, { ...headers, ...coding, ...length }).end(request.method === "HEAD" ? undefined : bytes);
}

/** What Lambda tells a function of itself. @param functionName for its logs @param timeoutMs that it may take */
export function lambdaContext(functionName: string, timeoutMs = REQUEST_TIMEOUT_MS): Context {
  return {
    functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn: `arn:aws:lambda:local:000000000000:function:${functionName}`,
    memoryLimitInMB: "512",
    awsRequestId: randomUUID(),
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: "local",
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => timeoutMs,
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
}
