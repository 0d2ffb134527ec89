import { fileURLToPath } from "node:url";

/** Folder of the migrations that every log starts from. */
export const MIGRATIONS = fileURLToPath(new URL("../../sql", import.meta.url));
