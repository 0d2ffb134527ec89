import { busy } from "./busy.ts";

interface Pages {
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  readonly fetchNextPage: () => Promise<unknown>;
}

/** Below a list, the newest first: brings what came before. */
export function Earlier({ of, query: { hasNextPage, isFetchingNextPage, fetchNextPage } }: { of: string; query: Pages }) {
  if (!hasNextPage) return null;
  return (
    <button type="button" onClick={() => void fetchNextPage()} {...busy(isFetchingNextPage)}>
      {isFetchingNextPage ? "Loading …" : `Earlier ${of}`}
    </button>
  );
}
