import { labelOf } from "../check/check-config.ts";
import type { TargetRow } from "../log/tables.ts";
import type { Target } from "./target.ts";

/** A target as the log names it. @param deletedAt ISO 8601, for one that was removed */
export function targetRow({ seq, id, config, configVersion, createdAt }: Target, deletedAt?: string): TargetRow {
  const { name, type, group, tags, intervalSeconds, degradedIsIncident } = config;
  return {
    seq,
    id,
    name,
    label: labelOf(config),
    type,
    group,
    tags,
    intervalSeconds,
    configVersion,
    degradedIsIncident,
    createdAt,
    deletedAt,
  };
}
