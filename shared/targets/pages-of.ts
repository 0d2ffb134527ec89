import type { Target } from "./target.ts";
import type { TargetReader } from "./target-store.ts";

const TARGETS_AT_ONCE = 500;

/** All targets in order of id, some hundred at once. */
export async function* pagesOf(targets: Pick<TargetReader, "list">): AsyncGenerator<Target[]> {
  let after: string | undefined;
  do {
    const page = await targets.list({ after, limit: TARGETS_AT_ONCE });
    yield page;
    after = page.length === TARGETS_AT_ONCE ? page.at(-1)?.id : undefined;
  } while (after !== undefined);
}
