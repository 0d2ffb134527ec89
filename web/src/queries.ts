import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { answered, api, type SeriesRange } from "./api.ts";
import { type Schema, variantsOf } from "./schema.ts";
import { useSession } from "./session.ts";

/** A deployment's round is not known before the first answer. */
const DEFAULT_ROUND_S = 30;

/** Every target, renewed each round. */
export function useOverview() {
  const { id: session } = useSession();
  return useQuery({
    queryKey: ["overview", session],
    queryFn: ({ signal }) => answered(api.GET("/overview", { signal })),
    refetchInterval: (query) => (query.state.data?.roundSeconds ?? DEFAULT_ROUND_S) * 1_000,
  });
}

/** Who is signed in, and what they may do. */
export function useMe() {
  const { id: session } = useSession();
  return useQuery({
    queryKey: ["me", session],
    queryFn: ({ signal }) => answered(api.GET("/me", { signal })),
    staleTime: 300_000,
  });
}

const RANK: Readonly<Record<string, number>> = { viewer: 0, editor: 1, admin: 2 };

/** Whether who is signed in has at least this role. The API decides; this only hides what it would refuse. */
export function useMay(role: "editor" | "admin"): boolean {
  const { data } = useMe();
  return (RANK[data?.role ?? ""] ?? -1) >= (RANK[role] ?? Number.POSITIVE_INFINITY);
}

const EVERY_ROUND = { refetchInterval: DEFAULT_ROUND_S * 1_000 };

export function useTarget(id: string) {
  return useQuery({
    queryKey: ["target", id],
    queryFn: ({ signal }) => answered(api.GET("/targets/{id}", { params: { path: { id } }, signal })),
    ...EVERY_ROUND,
  });
}

export function useSummary(id: string) {
  return useQuery({
    queryKey: ["target", id, "summary"],
    queryFn: ({ signal }) => answered(api.GET("/targets/{id}/summary", { params: { path: { id } }, signal })),
    ...EVERY_ROUND,
  });
}

export function useSeries(id: string, range: SeriesRange) {
  return useQuery({
    queryKey: ["target", id, "series", range],
    queryFn: ({ signal }) => answered(api.GET("/targets/{id}/series", { params: { path: { id }, query: { range } }, signal })),
    placeholderData: (before) => before,
    ...EVERY_ROUND,
  });
}

/** Checks of the last day, page by page, the newest first. @param isFailedOnly whether those that were up are left out */
export function useChecks(id: string, isFailedOnly: boolean) {
  return useInfiniteQuery({
    queryKey: ["target", id, "checks", isFailedOnly],
    queryFn: ({ signal, pageParam }) => {
      const query = { limit: 50, ...(isFailedOnly && { status: "degraded,down" }), ...(pageParam !== "" && { cursor: pageParam }) };
      return answered(api.GET("/targets/{id}/checks", { params: { path: { id }, query }, signal }));
    },
    initialPageParam: "",
    getNextPageParam: ({ next }) => next ?? undefined,
    ...EVERY_ROUND,
  });
}

export function useOpinions(id: string) {
  return useQuery({
    queryKey: ["target", id, "opinions"],
    queryFn: ({ signal }) => answered(api.GET("/targets/{id}/opinions", { params: { path: { id }, query: { limit: 200 } }, signal })),
    ...EVERY_ROUND,
  });
}

export function useAlerts(id: string) {
  return useQuery({
    queryKey: ["target", id, "alerts"],
    queryFn: ({ signal }) => answered(api.GET("/targets/{id}/alerts", { params: { path: { id } }, signal })),
    ...EVERY_ROUND,
  });
}

/** Which incidents are wanted. */
export interface IncidentFilter {
  /** Id of one target, or of all when left out. */
  readonly target?: string;
  readonly state?: "open" | "closed" | undefined;
  /** How far back, in days; 30 when left out. */
  readonly days?: number;
}

/** Incidents, page by page: open ones first, then the newest. */
export function useIncidents({ target, state, days = 30 }: IncidentFilter) {
  return useInfiniteQuery({
    queryKey: ["incidents", target, state, days],
    queryFn: ({ signal, pageParam }) => {
      const from = new Date(Date.now() - days * 86_400_000).toISOString();
      const query = {
        limit: 50,
        ...(target !== undefined && { target }),
        ...(state !== undefined && { state }),
        ...(pageParam !== "" && { cursor: pageParam }),
        from,
      };
      return answered(api.GET("/incidents", { params: { query }, signal }));
    },
    initialPageParam: "",
    getNextPageParam: ({ next }) => next ?? undefined,
    ...EVERY_ROUND,
  });
}

const bodySchema = (path: "/targets" | "/channels" | "/status-pages" | "/incidents") => ({
  queryKey: ["openapi", path],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: async ({ signal }: { signal: AbortSignal }) => {
    const document = (await answered(api.GET("/openapi.json", { signal }))) as unknown as {
      paths: Record<string, { post: { requestBody: { content: { "application/json": { schema: Schema } } } } }>;
    }; // the document that this page's types were made of
    return document.paths[path]?.post.requestBody.content["application/json"].schema ?? {};
  },
});

/** The fields of what the API makes, from its own description: a form has every field that the API has. */
export function useBodySchema(path: "/status-pages" | "/incidents") {
  return useQuery(bodySchema(path));
}

const byType = (schema: Schema) => variantsOf(schema, "type");

/** The same of what comes in several types, by `type`. */
export function useBodySchemas(path: "/targets" | "/channels") {
  return useQuery({ ...bodySchema(path), select: byType });
}

/** @param id of one that checks found, or that somebody opened */
export function useIncident(id: string) {
  return useQuery({
    queryKey: ["incidents", "one", id],
    queryFn: ({ signal }) => answered(api.GET("/incidents/{id}", { params: { path: { id } }, signal })),
    ...EVERY_ROUND,
  });
}

export function useChannels() {
  return useQuery({ queryKey: ["channels"], queryFn: ({ signal }) => answered(api.GET("/channels", { signal })), ...EVERY_ROUND });
}

export function useTokens() {
  return useQuery({ queryKey: ["tokens"], queryFn: ({ signal }) => answered(api.GET("/tokens", { signal })) });
}

/** Changes through the API, page by page, the newest first. @param what of one thing alone, as the audit names it */
export function useAudit(what?: string) {
  return useInfiniteQuery({
    queryKey: ["audit", what],
    queryFn: ({ signal, pageParam }) => {
      const query = { limit: 50, ...(what !== undefined && { what }), ...(pageParam !== "" && { cursor: pageParam }) };
      return answered(api.GET("/audit", { params: { query }, signal }));
    },
    initialPageParam: "",
    getNextPageParam: ({ next }) => next ?? undefined,
  });
}

export function useMaintenance() {
  return useQuery({
    queryKey: ["maintenance"],
    queryFn: ({ signal }) => answered(api.GET("/maintenance", { signal })),
    // Each part of a screen that shows it would else ask again at once for what failed.
    retryOnMount: false,
    ...EVERY_ROUND,
  });
}

/** Occurrences of windows. @param from ISO 8601 @param to ISO 8601 */
export function useMaintenanceCalendar(from: string, to: string) {
  return useQuery({
    queryKey: ["maintenance", from, to],
    queryFn: ({ signal }) => answered(api.GET("/maintenance/calendar", { params: { query: { from, to } }, signal })),
    ...EVERY_ROUND,
  });
}

export function useStatusPages() {
  return useQuery({ queryKey: ["status-pages"], queryFn: ({ signal }) => answered(api.GET("/status-pages", { signal })), ...EVERY_ROUND });
}
